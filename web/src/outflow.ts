// Items that go out: stream arguments of our calls, and subscriptions to our handlers.
import { leave, type Items } from "./items.js";

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
  /** Not even the error could be sent. */
  lost(error: unknown): void;
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
  readonly #source: Items;
  readonly #options: OutflowOptions;

  constructor(source: Items, options: OutflowOptions) {
    this.#source = source;
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
    leave(this.#source);
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
      this.#end(() => this.#options.failed(error));
      return;
    }
    this.#isStopped = true;
    this.#end(() => this.#options.done());
  }

  /** The peer waits for an end: one that can't be sent, for its size or its values, is told by a smaller one. */
  #end(send: () => void): void {
    const { failed, lost } = this.#options;
    try {
      send();
    } catch (unsendable) {
      try {
        failed(unsendable);
      } catch (error) {
        lost(error);
      }
    }
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
