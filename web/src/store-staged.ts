// What has come of one look at the store that isn't complete yet.
import { failure } from "./errors.js";
import type { Content } from "./store-value.js";
import type { KeyUpdate, LookPart } from "./store-wire.js";

/** The newest update of each key, in the order in which they came. */
export type Updates = Map<string, [revision: number, content: Content | undefined, bytes: number]>;

/** So much of one look is taken, as `costOf` counts it: a bound for backends that never complete one. */
export const MAX_LOOK_BYTES: number = 1024 * 1024 * 1024;

/** What a key and a list or an object take beside what is in them, and what any value takes, roughly. */
const [ENTRY_BYTES, CONTAINER_BYTES, VALUE_BYTES] = [240, 48, 16] as const;

/** The parts of one look. Those of another one, such as another replica's, have no place here. */
export class Staged {
  #updates: Updates = new Map();
  #bytes = 0;

  constructor(readonly maxBytes: number) {}

  /**
   * Adds a part. Returns the whole look with its last part.
   *
   * @throws IpcError `tooLarge` for a look that is larger than may be.
   */
  add({ restart, entries, complete }: LookPart): Updates | undefined {
    if (restart) this.#taken();
    for (const update of entries) {
      const [key, revision, content] = apart(update);
      const bytes = costOf(key, content);
      this.#bytes += bytes - (this.#updates.get(key)?.[2] ?? 0);
      // To the end.
      this.#updates.delete(key);
      this.#updates.set(key, [revision, content, bytes]);
      if (this.#bytes > this.maxBytes) throw failure("tooLarge", "ipc.store.watch", `one look at the store has more than ${this.maxBytes} bytes`);
    }
    return complete ? this.#taken() : undefined;
  }

  #taken(): Updates {
    const all = this.#updates;
    this.#updates = new Map();
    this.#bytes = 0;
    return all;
  }
}

function apart(update: KeyUpdate): [key: string, revision: number, content: Content | undefined] {
  if ("set" in update) return [update.set.key, update.set.revision, { wire: update.set.value }];
  if ("removed" in update) return [update.removed.key, update.removed.revision, undefined];
  const { key, revision, size, limit } = update.tooLarge;
  return [key, revision, { size, limit }];
}

/** Roughly what an entry takes in memory. Values may be nested as deep as the JSON that came. */
function costOf(key: string, content: Content | undefined): number {
  let bytes = ENTRY_BYTES + key.length;
  const open: unknown[] = content && "wire" in content ? [content.wire] : [];
  while (open.length) {
    const value = open.pop();
    bytes += VALUE_BYTES;
    if (typeof value === "string") bytes += value.length;
    if (typeof value !== "object" || value === null) continue;
    bytes += CONTAINER_BYTES;
    if (ArrayBuffer.isView(value)) bytes += value.byteLength;
    else if (Array.isArray(value)) for (const item of value) open.push(item);
    else {
      for (const [name, member] of Object.entries(value)) {
        bytes += name.length;
        open.push(member);
      }
    }
  }
  return bytes;
}
