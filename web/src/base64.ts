// Base64 of the standard alphabet, padded: how bytes travel in JSON.

interface Native {
  fromBase64?(text: string): Uint8Array;
}

const native = Uint8Array as unknown as Native;

/**
 * Reads base64.
 *
 * @throws SyntaxError or DOMException if it isn't base64.
 */
export function fromBase64(text: string): Uint8Array {
  if (native.fromBase64) return native.fromBase64(text);
  const binary = atob(text);
  const bytes = new Uint8Array(binary.length);
  for (let at = 0; at < binary.length; at++) bytes[at] = binary.charCodeAt(at);
  return bytes;
}

/** Writes base64. */
export function toBase64(bytes: Uint8Array): string {
  const itself = bytes as Uint8Array & { toBase64?(): string };
  if (itself.toBase64) return itself.toBase64();
  let binary = "";
  // In parts, since the arguments of a function lie on its stack.
  for (let at = 0; at < bytes.length; at += 0x8000) binary += String.fromCharCode(...bytes.subarray(at, at + 0x8000));
  return btoa(binary);
}
