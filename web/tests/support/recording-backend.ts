// A backend that keeps what it gets, and answers only what a test makes it answer.
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { msgpack } from "ipc-runtime/msgpack";
import { FrameReader, frame } from "#dist/node/framing.js";

/** A message, as it came. */
export interface Recorded {
  readonly id?: unknown;
  readonly method?: string;
  readonly params?: any;
}

/** One connection of it. */
export class Recording {
  readonly messages: Recorded[] = [];
  isEnded = false;
  readonly #frames = new FrameReader(64 * 1024 * 1024);
  #greeting = Buffer.alloc(0);

  constructor(
    readonly socket: Socket,
    /** What the answer to a handshake says of what the backend takes. */
    readonly limits: object | undefined,
  ) {
    socket.on("data", (chunk) => this.#came(chunk));
    socket.on("error", () => {});
    socket.on("close", () => (this.isEnded = true));
  }

  get isPacked(): boolean {
    return this.#greeting[4] === 1;
  }

  say(message: object): void {
    this.socket.write(frame(this.isPacked ? (msgpack.encode({ jsonrpc: "2.0", ...message }, false) as Uint8Array) : JSON.stringify({ jsonrpc: "2.0", ...message })));
  }

  #came(chunk: Buffer): void {
    if (this.#greeting.length < 5) {
      this.#greeting = Buffer.concat([this.#greeting, chunk]);
      if (this.#greeting.length < 5) return;
      this.socket.write(this.#greeting.subarray(0, 5));
      chunk = this.#greeting.subarray(5);
    }
    this.#frames.push(chunk);
    for (let bytes = this.#frames.next(); bytes; bytes = this.#frames.next()) {
      const message = (this.isPacked ? msgpack.decode(bytes as Buffer).value : JSON.parse(String(bytes))) as Recorded;
      this.messages.push(message);
      if (message.method === "rpc.handshake") this.say({ id: message.id, result: { protocol: 1, uses: message.params.uses.map(() => ({ error: { code: -32601, message: "none" } })), exposes: [], limits: this.limits } });
    }
  }
}

export class RecordingBackend implements AsyncDisposable {
  readonly connections: Recording[] = [];
  limits: object | undefined;

  private constructor(
    readonly server: Server,
    readonly directory: string,
    readonly endpoint: string,
  ) {
    server.on("connection", (socket) => void this.connections.push(new Recording(socket, this.limits)));
  }

  static async listen(): Promise<RecordingBackend> {
    const directory = mkdtempSync(join(tmpdir(), "recording-"));
    const path = join(directory, "socket");
    const server = createServer();
    await once(server.listen(path), "listening");
    return new RecordingBackend(server, directory, `unix:${path}`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const { socket } of this.connections) socket.destroy();
    this.server.close();
    rmSync(this.directory, { recursive: true, force: true });
  }
}
