// Stream arguments of this side's calls. Bindings that have one import this; others leave it out of a
// bundle.
import type { StreamIn } from "./bindings.js";
import { sizeOf } from "./codec.js";
import type { Connection } from "./connection.js";
import { Encoding } from "./encoding.js";
import { CANCELLED, IpcError, METHOD_ERROR, textOf } from "./errors.js";
import { itemsOf, leave, type Items } from "./items.js";
import { amount, noteMessage } from "./message.js";
import { Outflow } from "./outflow.js";
import type { Part } from "./parts.js";
import type { Plan } from "./plan.js";

/** The streams among the arguments of one call. */
export interface Streams {
  /**
   * Takes one of them, and gives what stands for it in the message.
   *
   * @throws Error for what isn't iterable.
   */
  add(source: unknown, plan: Plan | 0, at: number): object;
  /**
   * All arguments can be sent.
   *
   * @throws whatever a source throws, as a `ReadableStream` does that somebody reads already.
   */
  open(): void;
  /**
   * The request was sent: they flow. What this returns stops them.
   *
   * @param isKept the handler goes on when the caller gives up, and has to hear that nothing more comes.
   */
  start(connection: Connection, isKept: boolean): () => void;
  /** The request isn't sent: nobody wants the items. */
  leave(): void;
}

/** What `up` is in bindings: makes the streams of one call. */
export type Upload = () => Streams;

/** Sends the items of arguments that are streams. Bindings name it where a method has one. */
export const uploading: Upload = () => {
  const sources: [id: number, source: StreamIn<unknown>, plan: Plan | 0][] = [];
  const streams: Stream[] = [];
  return {
    add(source, plan, at) {
      if (!isIterable(source)) throw new Error(`argument ${at + 1} has to be iterable, or a ReadableStream`);
      sources.push([++last, source, plan]);
      return { $stream: last };
    },
    open() {
      for (const [id, source, plan] of sources) streams.push({ id, items: itemsOf(source), plan });
    },
    start: (connection, isKept) => connection.part(Uploads).start(streams, isKept),
    leave: () => streams.forEach(({ items }) => leave(items)),
  };
};

/** The number of the last stream argument: none is used twice, on any connection. */
let last = 0;

const GIVEN_UP = { code: CANCELLED, message: "the caller has given it up" };

interface Stream {
  id: number;
  items: Items;
  plan: Plan | 0;
}

function isIterable(value: unknown): value is StreamIn<unknown> {
  if (value === null || typeof value !== "object") return false;
  return "getReader" in value || Symbol.asyncIterator in value || Symbol.iterator in value;
}

/** The stream arguments that flow on one connection, by their numbers. */
class Uploads implements Part {
  readonly #flows = new Map<unknown, Outflow>();

  constructor(readonly connection: Connection) {}

  /** Starts those of a request that was sent. What this returns stops them. */
  start(streams: readonly Stream[], isKept: boolean): () => void {
    for (const stream of streams) this.#flows.set(stream.id, this.#flow(stream));
    for (const { id } of streams) void this.#flows.get(id)?.run();
    return () => {
      for (const { id } of streams) {
        this.#flows.get(id)?.stop();
        if (this.#flows.delete(id) && isKept) this.connection.tell(noteMessage("$/stream", { stream: id, error: GIVEN_UP }));
      }
    };
  }

  note(name: unknown, params: Record<string, unknown>): boolean {
    // The peer takes more of a stream, or nothing more.
    if (name === "rpc.credit") this.#flows.get(params["stream"])?.credit(amount(params["n"]) ?? 0, amount(params["bytes"]));
    else if (name === "rpc.closeStream") this.#flows.get(params[0])?.stop();
    return false;
  }

  end(): void {
    for (const flow of this.#flows.values()) flow.stop();
    this.#flows.clear();
  }

  #flow({ id, items, plan }: Stream): Outflow {
    const { connection } = this;
    const told = (member: object, exact: boolean): string | Uint8Array => connection.send(noteMessage("$/stream", { stream: id, ...member }), exact);
    const overhead = connection.codec.encode(noteMessage("$/stream", { stream: id, item: 0 }), false).length - 1;
    const ended = (member: object): void => {
      this.#flows.delete(id);
      told(member, false);
    };
    return new Outflow(items, {
      window: connection.peerWindow,
      item: (value) => {
        const encoding = new Encoding(connection.isJson);
        const item = encoding.convert(plan, value, "an item");
        return sizeOf(told({ item }, encoding.exact)) - overhead;
      },
      done: () => ended({ done: true }),
      failed: (error) => ended({ error: { code: METHOD_ERROR, message: textOf(error) } }),
      lost: (error) => connection.failed(new IpcError("handlerFailed", `the end of a stream argument can't be sent: ${textOf(error)}`, { cause: error })),
      buffered: () => connection.buffered(),
    });
  }
}
