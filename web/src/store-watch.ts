/// <reference lib="esnext.disposable" preserve="true" />
// One key's value as it changes.
import { asyncDispose, dispose } from "./disposable.js";

/**
 * The value of one key: first that of now, then each newer one. `undefined` stands for no value. What
 * isn't read before the next write is skipped. After the last value it ends, if the replica has ended.
 *
 * A value that isn't of the key's type is an error of one `next()`; the next one goes on. Nothing is
 * held for a watch that nobody reads.
 */
export interface Watch<T> extends AsyncIterableIterator<T | undefined>, Disposable, AsyncDisposable {
  next(): Promise<IteratorResult<T | undefined, undefined>>;
  return(): Promise<IteratorResult<T | undefined, undefined>>;
  /** Ends it; who waits for a value hears so. */
  close(): void;
  [Symbol.asyncIterator](): Watch<T>;
  [Symbol.asyncDispose](): Promise<void>;
}

/** What a watch asks of its replica. */
export interface Watched<T> {
  /** What tells values apart: another one for each write. */
  now(): object | undefined;
  /** The value. */
  read(): T | undefined;
  isOver(): boolean;
  /** Calls the function after each change of the key and at the end, until what it returns is called. */
  listen(changed: () => void): () => void;
}

interface Reader<T> {
  resolve(result: IteratorResult<T | undefined, undefined>): void;
  reject(error: unknown): void;
}

/** A watch of a replica. */
export class KeyWatch<T> implements Watch<T> {
  readonly #watched: Watched<T>;
  /** What was given last, of a watch that has given something. */
  #given: { value: object | undefined } | undefined;
  readonly #readers: Reader<T>[] = [];
  #leave: (() => void) | undefined;
  #isOver = false;

  constructor(watched: Watched<T>) {
    this.#watched = watched;
  }

  next(): Promise<IteratorResult<T | undefined, undefined>> {
    return new Promise((resolve, reject) => {
      this.#readers.push({ resolve, reject });
      this.#serve();
    });
  }

  return(): Promise<IteratorResult<T | undefined, undefined>> {
    this.close();
    return Promise.resolve({ value: undefined, done: true });
  }

  close(): void {
    this.#isOver = true;
    this.#serve();
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

  /** Answers readers in their order, and listens as long as there are any. */
  readonly #serve = (): void => {
    while (this.#readers.length) {
      const value = this.#watched.now();
      const isNew = !this.#isOver && (!this.#given || this.#given.value !== value);
      this.#isOver ||= !isNew && this.#watched.isOver();
      if (!isNew && !this.#isOver) {
        this.#leave ??= this.#watched.listen(this.#serve);
        return;
      }
      const reader = this.#readers.shift() as Reader<T>;
      if (!isNew) {
        reader.resolve({ value: undefined, done: true });
        continue;
      }
      this.#given = { value };
      try {
        reader.resolve({ value: this.#watched.read(), done: false });
      } catch (error) {
        reader.reject(error);
      }
    }
    this.#leave?.();
    this.#leave = undefined;
  };
}
