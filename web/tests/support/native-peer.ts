// A backend over a stream of bytes, as small as can be: the native framing, and a few answers.
import type { Readable, Writable } from "node:stream";

/**
 * Answers over both directions of a stream.
 *
 * @param chop writes so many bytes at once.
 * @param most writes so many bytes in all, then breaks the stream.
 */
export function serveBytes(input: Readable, output: Writable, chop = Infinity, most = Infinity): void {
  let bytes = Buffer.alloc(0);
  let isGreeted = false;
  const write = (whole: Buffer): void => {
    const all = whole.subarray(0, most);
    most -= all.length;
    if (!most) {
      output.write(all, () => output.destroy());
      return;
    }
    for (let at = 0; at < all.length; at += chop) output.write(all.subarray(at, at + chop));
  };
  const say = (message: object): void => {
    const text = Buffer.from(JSON.stringify({ jsonrpc: "2.0", ...message }));
    const length = Buffer.alloc(4);
    length.writeUInt32LE(text.length);
    write(Buffer.concat([length, text]));
  };
  input.on("data", (chunk: Buffer) => {
    bytes = Buffer.concat([bytes, chunk]);
    if (!isGreeted) {
      if (bytes.length < 5) return;
      isGreeted = true;
      write(bytes.subarray(0, 5));
      bytes = bytes.subarray(5);
    }
    while (bytes.length >= 4 && bytes.length >= 4 + bytes.readUInt32LE(0)) {
      const end = 4 + bytes.readUInt32LE(0);
      const { id, method, params } = JSON.parse(bytes.subarray(4, end).toString());
      bytes = bytes.subarray(end);
      if (method === "rpc.handshake") say({ id, result: { protocol: 1, uses: params.uses, exposes: [], window: 4 } });
      if (method === "echo") say({ id, result: params[0] });
      if (method === "fill") say({ id, result: "x".repeat(params[0]) });
      // Nothing ends it but the system.
      if (method === "stay") {
        process.on("SIGTERM", () => {});
        setInterval(() => {}, 1_000);
        say({ id, result: process.pid });
      }
      if (method === "exit") process.exit(3);
    }
  });
}
