// The values of one scope as the backend has sent them.
import type { StoreKey } from "./bindings.js";
import type { Updates } from "./store-staged.js";
import { Entry, type Content } from "./store-value.js";
import type { LookPart, Seen } from "./store-wire.js";

/** A key has another value, or none any more. */
export interface Change {
  readonly key: string;
  /** The write. If this side has only learned that the key is gone by now: the update that said so. */
  readonly revision: number;
  readonly isRemoval: boolean;
  /**
   * The new value, if the change is of this key: `value` is `undefined` after a removal.
   *
   * @throws IpcError as `get` does.
   */
  of<T>(key: StoreKey<T>): { readonly value: T | undefined } | undefined;
}

/** All values at one revision. It doesn't change any more. */
export class Snapshot {
  readonly #entries: ReadonlyMap<string, Entry>;

  /** @internal */
  constructor(
    /** The newest write that it holds. */
    readonly revision: number,
    entries: ReadonlyMap<string, Entry>,
  ) {
    this.#entries = entries;
  }

  /** How many keys have a value. */
  get size(): number {
    return this.#entries.size;
  }

  /**
   * The value of a key, `undefined` if it has none. It is the same object each time: don't change it.
   *
   * @throws IpcError `protocol` or `inexact` if the value isn't of the key's type, `tooLarge` if it is
   * larger than the messages that this side takes.
   */
  get<T>({ key, p }: StoreKey<T>): T | undefined {
    return this.#entries.get(key)?.read(p) as T | undefined;
  }

  /** The write that set a key's value, `undefined` if it has none. */
  revisionOf({ key }: StoreKey<unknown>): number | undefined {
    return this.#entries.get(key)?.revision;
  }

  /** The keys that have a value, sorted. */
  keys(): string[] {
    return [...this.#entries.keys()].sort();
  }
}

/** The values as they are now. */
export class Table {
  /** What was shown last; `undefined` before the first look. */
  seen: Seen | undefined;
  #entries = new Map<string, Entry>();
  #snapshot: Snapshot | undefined;

  get(key: string): Entry | undefined {
    return this.#entries.get(key);
  }

  get snapshot(): Snapshot {
    return (this.#snapshot ??= new Snapshot(this.seen?.revision ?? 0, new Map(this.#entries)));
  }

  /** Shows a look, all of it at once. Returns what has changed. */
  show({ epoch, reset, revision }: LookPart, updates: Updates): Change[] {
    const changes = this.#apply(updates, reset, epoch === this.seen?.epoch, revision);
    this.seen = { epoch, revision };
    this.#snapshot = undefined;
    return changes;
  }

  #apply(updates: Updates, reset: boolean, sameEpoch: boolean, shown: number): Change[] {
    const changes: Change[] = [];
    const gone = new Set(reset ? this.#entries.keys() : []);
    for (const [key, [revision, content]] of updates) {
      gone.delete(key);
      // What this side has already stays the same object.
      if (sameEpoch && this.#entries.get(key)?.revision === revision) continue;
      changes.push(this.#put(key, revision, content));
    }
    for (const key of gone) changes.push(this.#put(key, shown, undefined));
    return changes;
  }

  #put(key: string, revision: number, content: Content | undefined): Change {
    const entry = content && new Entry(key, revision, content);
    if (entry) this.#entries.set(key, entry);
    else this.#entries.delete(key);
    const of = <T>(asked: StoreKey<T>): { value: T | undefined } | undefined =>
      asked.key === key ? { value: entry?.read(asked.p) as T | undefined } : undefined;
    return { key, revision, isRemoval: !entry, of };
  }
}
