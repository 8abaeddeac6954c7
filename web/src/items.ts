// What a stream is made of, whatever kind of source it has.
import type { StreamIn } from "./bindings.js";

/** The items of a source, one after another. */
export interface Items {
  next(): unknown;
  return?(): unknown;
}

/**
 * Reads any kind of source. Not every browser can iterate over a `ReadableStream`.
 *
 * @throws whatever the source throws, as a `ReadableStream` does that somebody reads already.
 */
export function itemsOf(source: StreamIn<unknown>): Items {
  if ("getReader" in source) {
    const reader = source.getReader();
    return { next: () => reader.read(), return: () => reader.cancel() };
  }
  return Symbol.asyncIterator in source ? source[Symbol.asyncIterator]() : source[Symbol.iterator]();
}

/** Nobody wants the rest. What the source answers, or doesn't, concerns nobody any more. */
export function leave(items: Items): void {
  void Promise.resolve()
    .then(() => items.return?.())
    .catch(() => {});
}
