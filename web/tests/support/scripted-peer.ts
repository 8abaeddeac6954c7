// A peer over streams in memory that holds one conversation with every kind of message in it, and that
// can be cut after any byte, in either direction.
import { PassThrough } from "node:stream";
import type { Codec, Dial } from "ipc-runtime";
import { overBytes } from "#dist/node/byte-stream.js";

/** Where the connection breaks: after so many bytes to the client, or from it. */
export interface Cut {
  down: number;
  up: number;
}

/** How many bytes went each way. */
export interface Traffic {
  down: number;
  up: number;
}

/** Makes the endpoint of a peer that is cut, and speaks this encoding. */
export function scripted(cut: Cut, traffic: Traffic, codec: Codec): Dial {
  const [down, up] = [new PassThrough(), new PassThrough()];
  let isCut = false;
  const end = (): void => {
    isCut = true;
    down.end();
  };
  const write = (bytes: Buffer): void => {
    if (isCut) return;
    const some = bytes.subarray(0, cut.down - traffic.down);
    traffic.down += some.length;
    down.write(some);
    if (traffic.down >= cut.down) end();
  };
  const say = (message: object): void => {
    const text = Buffer.from(codec.encode({ jsonrpc: "2.0", ...message }, false));
    const length = Buffer.alloc(4);
    length.writeUInt32LE(text.length);
    write(Buffer.concat([length, text]));
  };
  let bytes = Buffer.alloc(0);
  let isGreeted = false;
  // In a turn of its own: no answer comes within `send`.
  up.on("data", (chunk: Buffer) => queueMicrotask(() => take(chunk)));
  const take = (chunk: Buffer): void => {
    if (isCut) return;
    const some = chunk.subarray(0, cut.up - traffic.up);
    traffic.up += some.length;
    bytes = Buffer.concat([bytes, some]);
    if (!isGreeted && bytes.length >= 5) {
      isGreeted = true;
      write(bytes.subarray(0, 5));
      bytes = bytes.subarray(5);
    }
    while (isGreeted && bytes.length >= 4 && bytes.length >= 4 + bytes.readUInt32LE(0)) {
      const length = 4 + bytes.readUInt32LE(0);
      answer(codec.decode(bytes.subarray(4, length)).value, say);
      bytes = bytes.subarray(length);
    }
    if (traffic.up >= cut.up) end();
  };
  up.on("end", end);
  const stream = {
    input: down,
    output: up,
    end: async () => {
      up.end();
    },
  };
  return { endpoint: "test:scripted", dial: (encoding, signal) => overBytes(stream, "test:scripted", encoding, 1_000, signal) };
}

function answer({ id, method, params, ipc }: any, say: (message: object) => void): void {
  switch (method) {
    case "rpc.handshake":
      return say({ id, result: { protocol: 1, uses: params.uses, exposes: [], window: 2, windowBytes: 1_000, heartbeatMs: 60_000, limits: { maxInFlight: 64 } } });
    case "demo.docs.index":
      say({ method: "$/progress", params: { token: ipc.progress, value: { files: 1 } } });
      say({ id: "asked", method: "demo.window.show", params: ["text"] });
      say({ id: "summed", method: "demo.window.sum", params: [{ $stream: 1 }] });
      for (const item of [1, 2]) say({ method: "$/stream", params: { stream: 1, item } });
      say({ method: "$/stream", params: { stream: 1, done: true } });
      say({ id: "ticking", method: "demo.window.ticks", params: [0] });
      return say({ id, result: 7 });
    case "demo.docs.changed":
      say({ id, result: 5 });
      for (const name of ["a", "b", "c"]) say({ method, params: { subscription: 5, result: { name, kind: "File", size: 1, inode: 2 } } });
      return say({ method, params: { subscription: 5, lagged: 3 } });
    case "demo.docs.store":
      return say({ method: "rpc.credit", params: { stream: params[1].$stream, n: 1, bytes: 100 } });
    case "demo.docs.read":
      return say({ id, result: "AAEC" });
    case "demo.docs.find":
      return say({ id, result: [] });
  }
}
