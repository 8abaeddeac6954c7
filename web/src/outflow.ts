// Items that go out: stream arguments of our calls, and subscriptions to our handlers.
import type { StreamIn } from "./bindings.js";

/** How much a peer takes ahead of each stream, if it has said so. */
export interface Window {
  items: number;
  bytes: number;
}

/** So much waits in the carrier before a stream's next item is made. */
const MAX_BUFFERED = 1024 * 1024;

/** How an outflow sends. */
export interface OutflowOptions {
  window: Window | undefined;
  /** Sends an item, and returns its size: that of the item alone, in bytes as it is written. */
  item(value: unknown): number;
  /** Sends the end. */
  done(): void;
  /** Sends the error that ended the source, or that an item couldn't be sent. */
  failed(error: unknown): void;
  /** How many bytes wait in the carrier. */
  buffered(): number;
}

/** The sending end of a stream. */
export class Outflow {
  #items: number;
  #bytes: number;
  /** Of the items that the peer gives credit for. */
  readonly #sizes: number[] = [];
  #isStopped = false;
  #wake: (() => void) | undefined;
  readonly #source: { next(): unknown; return?(): unknown };
  readonly #options: OutflowOptions;

  constructor(source: StreamIn<unknown>, options: OutflowOptions) {
    this.#source = iterator(source);
    this.#options = options;
    this.#items = options.window?.items ?? Infinity;
    this.#bytes = options.window?.bytes ?? Infinity;
  }

  /** The peer takes so many more items, and bytes of them; without a number of bytes, as many as those had. */
  credit(items: number, bytes?: number): void {
    const sizes = this.#sizes.splice(0, items);
    this.#items += items;
    this.#bytes += bytes ?? sizes.reduce((all, size) => all + size, 0);
    this.#wake?.();
  }

  /** Nobody wants the rest. */
  stop(): void {
    if (this.#isStopped) return;
    this.#isStopped = true;
    this.#wake?.();
    // What the source answers, or doesn't, concerns nobody any more.
    void Promise.resolve()
      .then(() => this.#source.return?.())
      .catch(() => {});
  }

  /** Sends the items. The promise never rejects. */
  async run(): Promise<void> {
    try {
      for (;;) {
        // An item that there is no room for isn't made.
        await this.#room();
        if (this.#isStopped) return;
        const { value, done } = (await this.#source.next()) as IteratorResult<unknown>;
        if (this.#isStopped) return;
        if (done) break;
        const size = this.#options.item(value);
        this.#bytes -= size;
        if (this.#options.window) this.#sizes.push(size);
        this.#items--;
      }
    } catch (error) {
      if (this.#isStopped) return;
      this.stop();
      this.#options.failed(error);
      return;
    }
    this.#isStopped = true;
    this.#options.done();
  }

  async #room(): Promise<void> {
    // The last item may be larger than what is left.
    while (!this.#isStopped && (this.#items <= 0 || this.#bytes <= 0)) {
      await new Promise<void>((resolve) => (this.#wake = resolve));
      this.#wake = undefined;
    }
    // A WebSocket doesn't tell when it has written.
    while (!this.#isStopped && this.#options.buffered() > MAX_BUFFERED) {
      await new Promise<void>((resolve) => setTimeout(resolve, 5));
    }
  }
}

/** Reads any kind of source. Not every browser can iterate over a `ReadableStream`. */
function iterator(source: StreamIn<unknown>): { next(): unknown; return?(): unknown } {
  if ("getReader" in source) {
    const reader = source.getReader();
    return { next: () => reader.read(), return: () => reader.cancel() };
  }
  return Symbol.asyncIterator in source ? source[Symbol.asyncIterator]() : source[Symbol.iterator]();
}
