// Base64 of the standard alphabet, padded: how bytes travel in JSON.

interface Native {
  fromBase64?(text: string): Uint8Array;
}

/** That of Node, whose `atob` is slow, and which has the functions of `Uint8Array` since release 25 alone. */
interface NodeBuffer {
  from(text: string, encoding: "base64"): Uint8Array & Base64;
  from(buffer: ArrayBufferLike, offset: number, length: number): Base64;
}

interface Base64 {
  toString(encoding: "base64"): string;
}

const native = Uint8Array as unknown as Native;
const node = (globalThis as { Buffer?: NodeBuffer }).Buffer;

/**
 * Reads base64.
 *
 * @throws SyntaxError or DOMException if it isn't base64.
 */
export function fromBase64(text: string): Uint8Array {
  if (native.fromBase64) return native.fromBase64(text);
  if (node) {
    // It leaves out what isn't base64: then it isn't the same again.
    const buffer = node.from(text, "base64");
    if (buffer.toString("base64") === text) return new Uint8Array(buffer);
  }
  const binary = atob(text);
  const bytes = new Uint8Array(binary.length);
  for (let at = 0; at < binary.length; at++) bytes[at] = binary.charCodeAt(at);
  return bytes;
}

/** Writes base64. */
export function toBase64(bytes: Uint8Array): string {
  const itself = bytes as Uint8Array & { toBase64?(): string };
  if (itself.toBase64) return itself.toBase64();
  if (node) return node.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("base64");
  let binary = "";
  // In parts, since the arguments of a function lie on its stack.
  for (let at = 0; at < bytes.length; at += 0x8000) binary += String.fromCharCode(...bytes.subarray(at, at + 0x8000));
  return btoa(binary);
}
