// Plain JSON-RPC servers on sockets, pipes, and standard input and output.
import { IpcError } from "../errors.js";
import { stringify } from "../json.js";
import type { Message } from "../message.js";
import { plainly, type PlainOptions } from "../plain.js";
import type { Dial, Transport } from "../transport.js";
import type { ByteDial, ByteStream } from "./byte-stream.js";
import { dialOf, plainWebSocket } from "./connect.js";
import { BodyReader, ByteQueue, tooLarge, type Oversized } from "./framing.js";
import { oversized } from "./oversized.js";

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
  if (!("open" in dial)) return plainly(dial, options);
  const bytes = dial as ByteDial;
  const { endpoint } = bytes;
  return plainly({ endpoint, dial: async (_, signal, maxMessageBytes) => overPlainBytes(await bytes.open(signal), endpoint, framing, maxMessageBytes) }, options);
}

/** A header has so many bytes at most. */
const MAX_HEADER = 4096;

/** Takes messages out of a stream, in whatever pieces it comes. */
class PlainReader {
  readonly #bytes = new ByteQueue();
  readonly #body: BodyReader;
  #hasLineEnd = false;

  constructor(
    readonly framing: PlainFraming,
    readonly max: number,
  ) {
    this.#body = new BodyReader(this.#bytes, max);
  }

  push(chunk: Buffer): void {
    this.#bytes.push(chunk);
    this.#hasLineEnd ||= chunk.includes(0x0a);
  }

  /**
   * The next message, if all of it is there. One behind a length that is too large is skipped, and its
   * beginning comes in its place.
   *
   * @throws RangeError for a line that is too large, or a length far beyond the limit; SyntaxError if
   * there is no length.
   */
  next(): string | Oversized | undefined {
    return this.framing === "newline" ? this.#line() : this.#framed();
  }

  #line(): string | undefined {
    while (this.#hasLineEnd) {
      const line = this.#until("\n", this.max);
      this.#hasLineEnd = line !== undefined;
      const text = line?.toString().trim();
      if (text) return text;
    }
    this.#fitting(this.#bytes.length);
    return undefined;
  }

  #framed(): string | Oversized | undefined {
    if (!this.#body.isExpecting) {
      const header = this.#until("\r\n\r\n", Infinity);
      if (!header && this.#bytes.length <= MAX_HEADER) return undefined;
      const length = /^content-length:[ \t]*(\d+)[ \t]*\r?$/im.exec(header?.toString() ?? "")?.[1];
      if (length === undefined) throw new SyntaxError("what came has no Content-Length");
      this.#body.expect(Number(length));
    }
    const body = this.#body.take();
    return body instanceof Uint8Array ? body.toString() : body;
  }

  /** What stands before this end, which is taken, too. */
  #until(end: string, max: number): Buffer | undefined {
    const whole = this.#bytes.take(this.#bytes.length);
    const at = whole.indexOf(end);
    this.#bytes.push(at < 0 ? whole : whole.subarray(at + end.length));
    if (at > max) this.#fitting(at);
    return at < 0 ? undefined : whole.subarray(0, at);
  }

  #fitting(size: number): void {
    if (size > this.max) throw new RangeError(tooLarge(size, this.max));
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
  const next = (): ReturnType<PlainReader["next"]> => {
    try {
      return reader.next();
    } catch (error) {
      const kind = error instanceof RangeError ? "tooLarge" : "protocol";
      over(new IpcError(kind, `${endpoint}: ${(error as Error).message}`, { cause: error }));
      return undefined;
    }
  };
  /** A reply fails its call, and a request is refused; of anything else the app is told. */
  const lost = (message: Oversized): void => {
    const told = oversized(message, maxMessageBytes, "json");
    if ("answer" in told && (told.answer as Message).id !== null) return transport.send(stringify(told.answer));
    // The server has no subscriptions: only a reply is heard.
    if ("heard" in told && (told.heard as Message).method === undefined) return transport.onmessage(stringify(told.heard));
    transport.onerror?.(new IpcError("tooLarge", `${endpoint}: ${tooLarge(message.size, maxMessageBytes)}`));
  };
  input.on("data", (chunk: Buffer) => {
    // What comes while the end is written concerns nobody.
    if (end) return;
    reader.push(chunk);
    transport.onbytes?.();
    for (let message = next(); message !== undefined && !end; message = next()) {
      if (typeof message === "string") transport.onmessage(message);
      else lost(message);
    }
  });
  for (const one of [input, output]) one.on("error", (error) => void ended(error));
  input.on("end", () => void ended());
  input.on("close", () => void ended());
  return transport;
}
