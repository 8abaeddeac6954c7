// A transport over a stream of bytes: a socket, a pipe, a process.
import type { Readable, Writable } from "node:stream";
import { json } from "../codec.js";
import { IpcError } from "../errors.js";
import { refusal } from "../message.js";
import { msgpack } from "../msgpack.js";
import type { Dial, Transport } from "../transport.js";
import { ByteQueue, FrameReader, frame, preface } from "./framing.js";
import { oversized } from "./oversized.js";

/** Both directions of a stream of bytes. */
export interface ByteStream {
  readonly input: Readable;
  readonly output: Writable;
  /** Ends both directions, when what was written is out: then the promise settles. */
  end(): Promise<void>;
  /** What is known of why it ended, when it has. */
  why?(): Promise<string | undefined>;
}

/** A transport that can hold the peer back. */
export interface ByteTransport extends Transport {
  /** Reads no more, until `resume`. Messages that have come already are told nevertheless. */
  pause(): void;
  resume(): void;
  /** Called when all has been written that had to wait. */
  ondrain?: (() => void) | undefined;
}

/** Makes connections that are streams of bytes. */
export interface ByteDial extends Dial {
  /**
   * Connects, and says nothing yet.
   *
   * @throws IpcError as `dial` does.
   */
  open(signal: AbortSignal): Promise<ByteStream>;
  dial(...options: Parameters<Dial["dial"]>): Promise<ByteTransport>;
}

/** What speaks the native framing over the streams that it opens. */
export function byteDial(endpoint: string, open: ByteDial["open"]): ByteDial {
  const dial: ByteDial["dial"] = async (encoding, signal, maxMessageBytes) => overBytes(await open(signal), endpoint, encoding, maxMessageBytes, signal);
  return { endpoint, open, dial };
}

/**
 * Speaks the native framing: sends the preface, waits for its echo, then carries messages.
 *
 * @param maxMessageBytes how large a message may be that comes.
 */
export function overBytes(
  stream: ByteStream,
  endpoint: string,
  encoding: "json" | "msgpack",
  maxMessageBytes: number,
  signal: AbortSignal,
): Promise<ByteTransport> {
  return new Promise((resolve, reject) => {
    const { input, output } = stream;
    const codec = encoding === "json" ? json : msgpack;
    const first = preface(encoding);
    const echo = new ByteQueue();
    const frames = new FrameReader(maxMessageBytes);
    let isOpen = false;
    /** The owner hears of messages and of the end: until then they wait. */
    let isHeard = false;
    let end: IpcError | undefined;
    const transport: ByteTransport = {
      send: (message) => {
        if (!end) output.write(frame(message));
      },
      close: () => {
        const cause = (end ??= new IpcError("disconnected", `the connection to ${endpoint} was closed`));
        void stream.end().then(() => transport.onclose(cause));
      },
      get bufferedAmount() {
        return output.writableLength;
      },
      pause: () => void input.pause(),
      resume: () => void input.resume(),
      onmessage() {},
      onclose() {},
    };
    const over = (cause: IpcError): void => {
      if (end) return;
      end = cause;
      signal.removeEventListener("abort", abort);
      void stream.end();
      if (!isOpen) reject(cause);
      else if (isHeard) setImmediate(() => transport.onclose(cause));
    };
    const abort = (): void => over(signal.reason as IpcError);
    const ended = async (error?: Error): Promise<void> => {
      const why = (await stream.why?.()) ?? error?.message;
      const kind = isOpen ? "disconnected" : "notConnected";
      over(new IpcError(kind, `the connection to ${endpoint} has ended${why ? `: ${why}` : ""}`, { cause: error }));
    };
    const greet = (chunk: Buffer): void => {
      echo.push(chunk);
      const got = echo.take(echo.length);
      if (got.length < first.length && first.subarray(0, got.length).equals(got)) return echo.push(got);
      if (!first.subarray(0, 4).equals(got.subarray(0, 4))) return over(stranger(endpoint, got));
      if (got[4] !== first[4]) return over(new IpcError("notConnected", `${endpoint}: the backend doesn't speak ${encoding}`));
      isOpen = true;
      signal.removeEventListener("abort", abort);
      frames.push(got.subarray(first.length));
      resolve(transport);
      // After the turns in which its owner sets what hears of messages.
      setImmediate(() => {
        isHeard = true;
        read();
        if (end) transport.onclose(end);
      });
    };
    const read = (): void => {
      for (;;) {
        let message: ReturnType<FrameReader["next"]>;
        try {
          message = frames.next();
        } catch (error) {
          const { message: text } = error as Error;
          transport.send(codec.encode(refusal(null, -32007, text), false));
          return over(new IpcError("tooLarge", `${endpoint}: ${text}`, { cause: error }));
        }
        if (!message || end) return;
        if (message instanceof Uint8Array) transport.onmessage(message);
        else lost(oversized(message, maxMessageBytes, encoding));
      }
    };
    const lost = (told: ReturnType<typeof oversized>): void => {
      if ("heard" in told) transport.onmessage(codec.encode(told.heard, false));
      else transport.send(codec.encode(told.answer, false));
    };
    if (signal.aborted) return abort();
    signal.addEventListener("abort", abort);
    input.on("data", (chunk: Buffer) => {
      // What comes while the end is written concerns nobody.
      if (end) return;
      if (!isOpen) return greet(chunk);
      frames.push(chunk);
      transport.onbytes?.();
      if (isHeard) read();
    });
    output.on("drain", () => transport.ondrain?.());
    for (const one of [input, output]) one.on("error", (error) => void ended(error));
    input.on("end", () => void ended());
    input.on("close", () => void ended());
    output.write(first);
  });
}

function stranger(endpoint: string, got: Buffer): IpcError {
  const line = got.toString("utf8").split(/\r?\n/, 1)[0]?.slice(0, 200) ?? "";
  return new IpcError("notConnected", `${endpoint}: something other than an ipc-runtime backend is there: it said ${JSON.stringify(line)}`);
}
