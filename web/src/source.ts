// A value that changes, in the form that React's `useSyncExternalStore` and Svelte's stores take.

/** A value that changes. Both functions may be passed on by themselves. */
export interface Source<T> {
  /** The value: the same one until it changes. */
  readonly get: () => T;
  /** Calls the listener after each change, until the function that it returns is called. */
  readonly subscribe: (listener: () => void) => () => void;
}

/** A source whose owner sets it. */
export class Cell<T> implements Source<T> {
  #value: T;
  readonly #listeners = new Set<{ listener: () => void }>();

  constructor(value: T) {
    this.#value = value;
  }

  readonly get = (): T => this.#value;

  readonly subscribe = (listener: () => void): (() => void) => {
    // The same function may be given twice.
    const entry = { listener };
    this.#listeners.add(entry);
    return () => void this.#listeners.delete(entry);
  };

  /** Sets the value and returns the listeners, which the owner calls when all is in order. */
  set(value: T): (() => unknown)[] {
    this.#value = value;
    return [...this.#listeners].map((entry) => () => this.#listeners.has(entry) && entry.listener());
  }
}
