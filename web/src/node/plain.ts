// Plain JSON-RPC servers on sockets, pipes, and standard input and output.
import { IpcError } from "../errors.js";
import { plainly, type PlainOptions } from "../plain.js";
import type { Dial, Transport } from "../transport.js";
import type { ByteDial, ByteStream } from "./byte-stream.js";
import { dialOf, plainWebSocket } from "./connect.js";
import { tooLarge } from "./framing.js";

/** How messages are told apart on a stream of bytes. */
export type PlainFraming = "content-length" | "newline";

/** How a plain server is spoken to. */
export interface NodePlainOptions extends PlainOptions {
  /**
   * How messages are told apart on a stream of bytes; a WebSocket has messages. `content-length` is what
   * language servers and vscode-jsonrpc speak, with `newline` each message is a line. Default:
   * `content-length`.
   */
  framing?: PlainFraming | undefined;
}

/**
 * A JSON-RPC server that knows nothing of this project: see `plainJsonRpc` of `ipc-runtime/plain`.
 *
 * @param to `unix:/PATH`, `pipe:NAME`, `ws://…`, `wss://…`, or another carrier, such as `stdio(…)`.
 */
export function plainJsonRpc(to: string | URL | Dial, options: NodePlainOptions = {}): Dial {
  const dial = dialOf(to, plainWebSocket);
  const { framing = "content-length" } = options;
  if (!("open" in dial)) return plainly(dial.endpoint, dial.dial, options);
  const { endpoint, open } = dial as ByteDial;
  return plainly(endpoint, async (_, signal, maxMessageBytes) => overPlainBytes(await open(signal), endpoint, framing, maxMessageBytes), options);
}

/** A header has so many bytes at most. */
const MAX_HEADER = 4096;

/** Takes messages out of a stream, in whatever pieces it comes. */
class PlainReader {
  /** What came and wasn't taken: a large message is put together once. */
  #parts: Buffer[] = [];
  #length = 0;
  #hasLineEnd = false;
  #expected: number | undefined;

  constructor(
    readonly framing: PlainFraming,
    readonly max: number,
  ) {}

  push(chunk: Buffer): void {
    this.#parts.push(chunk);
    this.#length += chunk.length;
    this.#hasLineEnd ||= chunk.includes(0x0a);
  }

  /**
   * The next message, if all of it is there.
   *
   * @throws RangeError if it is too large, SyntaxError if it has no length.
   */
  next(): string | undefined {
    return this.framing === "newline" ? this.#line() : this.#framed();
  }

  #line(): string | undefined {
    while (this.#hasLineEnd) {
      const bytes = this.#whole();
      const end = bytes.indexOf(0x0a);
      this.#hasLineEnd = end >= 0;
      const line = end < 0 ? "" : this.#take(this.#fitting(end) + 1).trim();
      if (line) return line;
    }
    this.#fitting(this.#length);
    return undefined;
  }

  #framed(): string | undefined {
    if (this.#expected === undefined) {
      const end = this.#whole().indexOf("\r\n\r\n");
      if (end < 0 && this.#length <= MAX_HEADER) return undefined;
      const header = end < 0 ? "" : this.#take(end + 4);
      const length = /^content-length:[ \t]*(\d+)[ \t]*\r?$/im.exec(header)?.[1];
      if (length === undefined) throw new SyntaxError("what came has no Content-Length");
      this.#expected = this.#fitting(Number(length));
    }
    if (this.#length < this.#expected) return undefined;
    const message = this.#take(this.#expected);
    this.#expected = undefined;
    return message;
  }

  #fitting(size: number): number {
    if (size > this.max) throw new RangeError(tooLarge(size, this.max));
    return size;
  }

  #whole(): Buffer {
    const whole = this.#parts.length === 1 ? (this.#parts[0] as Buffer) : Buffer.concat(this.#parts);
    this.#parts = [whole];
    return whole;
  }

  #take(count: number): string {
    const whole = this.#whole();
    this.#parts = [whole.subarray(count)];
    this.#length -= count;
    return whole.toString("utf8", 0, count);
  }
}

function overPlainBytes(stream: ByteStream, endpoint: string, framing: PlainFraming, maxMessageBytes: number): Transport {
  const { input, output } = stream;
  const reader = new PlainReader(framing, maxMessageBytes);
  let end: IpcError | undefined;
  const over = (cause: IpcError): void => {
    if (end) return;
    end = cause;
    void stream.end();
    transport.onclose(cause);
  };
  const ended = async (error?: Error): Promise<void> => {
    const why = (await stream.why?.()) ?? error?.message;
    over(new IpcError("disconnected", `the connection to ${endpoint} has ended${why ? `: ${why}` : ""}`, { cause: error }));
  };
  const transport: Transport = {
    send: (message) => {
      if (end) return;
      if (framing === "newline") output.write(`${message as string}\n`);
      else output.write(`Content-Length: ${Buffer.byteLength(message)}\r\n\r\n${message as string}`);
    },
    close: () => {
      const cause = (end ??= new IpcError("disconnected", `the connection to ${endpoint} was closed`));
      void stream.end().then(() => transport.onclose(cause));
    },
    get bufferedAmount() {
      return output.writableLength;
    },
    onmessage() {},
    onclose() {},
  };
  input.on("data", (chunk: Buffer) => {
    reader.push(chunk);
    transport.onbytes?.();
    try {
      for (let message = reader.next(); message !== undefined && !end; message = reader.next()) transport.onmessage(message);
    } catch (error) {
      const kind = error instanceof RangeError ? "tooLarge" : "protocol";
      over(new IpcError(kind, `${endpoint}: ${(error as Error).message}`, { cause: error }));
    }
  });
  for (const one of [input, output]) one.on("error", (error) => void ended(error));
  input.on("end", () => void ended());
  input.on("close", () => void ended());
  return transport;
}
