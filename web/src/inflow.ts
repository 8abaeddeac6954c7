// Items that come in: those of a subscription, or of a stream argument of one of our handlers.
import type { Missed, Subscription } from "./calls.js";
import { asyncDispose, dispose } from "./disposable.js";
import { failure } from "./errors.js";

/** What an inflow asks of its connection. */
export interface InflowOptions {
  /** What errors call it. */
  name: string;
  /** How many items may wait unread. */
  window: number;
  /** So many more items may be sent. */
  credit(n: number): void;
  /** Nobody wants more. */
  stop(): void;
  /** Items are missing. It doesn't throw. */
  onMissed?: ((missed: Missed) => void) | undefined;
  /** It is over, however: called once. */
  onOver?: (() => void) | undefined;
}

interface Reader {
  resolve(result: IteratorResult<never, undefined>): void;
  reject(error: unknown): void;
}

/** The receiving end of a stream. */
export class Inflow<T> implements Subscription<T> {
  /** Called when it is over, for what its connection holds. */
  onOver: (() => void) | undefined;
  #items: ({ value: T } | { missed: Missed })[] = [];
  readonly #readers: Reader[] = [];
  #end: { error?: unknown } | undefined;
  /** Called when what came is read and more is asked for, if its connection was lost. */
  #onDrained: (() => void) | undefined;
  /** How many items were read since the last credit. */
  #read = 0;
  readonly #options: InflowOptions;

  constructor(options: InflowOptions) {
    this.#options = options;
  }

  /** Whether nothing more comes. What came may still be unread. */
  get isOver(): boolean {
    return this.#end !== undefined;
  }

  /** An item came. */
  push(value: T): void {
    if (this.#end) return;
    this.#items.push({ value });
    // The sender doesn't keep to the window.
    if (this.#items.length > 2 * this.#options.window) {
      this.end(failure("limit", this.#options.name, "more items came than were asked for"));
    }
    this.#serve();
  }

  /** Items are missing here. */
  miss(missed: Missed): void {
    if (this.#end) return;
    const last = this.#items[this.#items.length - 1];
    // What nobody has read yet is one note, so that notes alone don't grow.
    if (last && "missed" in last) {
      const before = last.missed;
      last.missed = before.kind === "lagged" && missed.kind === "lagged" ? { kind: "lagged", count: before.count + missed.count } : { kind: "gap" };
    } else this.#items.push({ missed });
    this.#serve();
  }

  /** Its connection was lost, and there may be another one: this is called when what came is read. */
  pause(onDrained: () => void): void {
    this.#onDrained = onDrained;
    this.#serve();
  }

  /** It goes on, on another connection. */
  takeUp(credit: (n: number) => void, stop: () => void): void {
    Object.assign(this.#options, { credit, stop });
    this.#read = 0;
  }

  /** The sender has nothing more: what came can still be read. */
  finish(end: { error?: unknown } = {}): void {
    if (this.#end) return;
    this.#end = end;
    this.#serve();
    this.#options.onOver?.();
    this.onOver?.();
  }

  /** Nobody wants more. What waits unread is dropped, and a reader gets the error. */
  end(error?: unknown): void {
    if (this.#end) {
      // Who is stopped within the items mustn't take that for their end.
      if (this.#items.length && error !== undefined) this.#end = { error };
      this.#items = [];
      return;
    }
    this.#items = [];
    this.finish(error === undefined ? {} : { error });
    this.#options.stop();
  }

  close(): void {
    this.end();
    // An error that waited to be read is dropped too.
    this.#end = {};
  }

  next(): Promise<IteratorResult<T, undefined>> {
    return new Promise((resolve, reject) => {
      this.#readers.push({ resolve, reject } as Reader);
      this.#serve();
    });
  }

  return(): Promise<IteratorResult<T, undefined>> {
    this.close();
    return Promise.resolve({ value: undefined, done: true });
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  [dispose](): void {
    this.close();
  }

  [asyncDispose](): Promise<void> {
    this.close();
    return Promise.resolve();
  }

  /** Answers readers in their order. */
  #serve(): void {
    while (this.#readers.length) {
      const item = this.#items.shift();
      if (!item && !this.#end) {
        const onDrained = this.#onDrained;
        this.#onDrained = undefined;
        return onDrained?.();
      }
      if (item && "missed" in item) {
        this.#missed(item.missed);
        continue;
      }
      const reader = this.#readers.shift() as Reader;
      if (item) {
        this.#count();
        reader.resolve({ value: item.value as never, done: false });
      } else if (this.#end && "error" in this.#end) {
        const { error } = this.#end;
        this.#end = {};
        reader.reject(error);
      } else reader.resolve({ value: undefined, done: true });
    }
  }

  #missed(missed: Missed): void {
    const { name, onMissed } = this.#options;
    if (onMissed) {
      onMissed(missed);
      return;
    }
    const what = missed.kind === "lagged" ? `${missed.count} items are missing` : "items are missing";
    const error = failure("missed", name, `${what}; with \`onMissed\` the loop goes on`, { data: missed });
    if (this.#end) {
      this.#items = [];
      this.#end = { error };
    } else this.end(error);
  }

  /** Gives credit for what was read, never for what waits. */
  #count(): void {
    if (this.#end || ++this.#read < Math.max(1, this.#options.window >> 1)) return;
    const read = this.#read;
    this.#read = 0;
    this.#options.credit(read);
  }
}
