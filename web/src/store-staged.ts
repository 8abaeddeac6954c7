// What has come of one look at the store that isn't complete yet.
import type { Content } from "./store-value.js";
import type { KeyUpdate, LookPart } from "./store-wire.js";

/** The newest update of each key, in the order in which they came. */
export type Updates = Map<string, [revision: number, content: Content | undefined]>;

/** The parts of one look. Those of another one, such as another replica's, have no place here. */
export class Staged {
  #updates: Updates = new Map();

  /** Adds a part. Returns the whole look with its last part. */
  add({ restart, entries, complete }: LookPart): Updates | undefined {
    if (restart) this.#updates = new Map();
    for (const update of entries) {
      const [key, ...rest] = apart(update);
      // To the end.
      this.#updates.delete(key);
      this.#updates.set(key, rest);
    }
    if (!complete) return undefined;
    const all = this.#updates;
    this.#updates = new Map();
    return all;
  }
}

function apart(update: KeyUpdate): [key: string, revision: number, content: Content | undefined] {
  if ("set" in update) return [update.set.key, update.set.revision, { wire: update.set.value }];
  if ("removed" in update) return [update.removed.key, update.removed.revision, undefined];
  const { key, revision, size, limit } = update.tooLarge;
  return [key, revision, { size, limit }];
}
