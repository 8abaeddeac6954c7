/// <reference lib="esnext.disposable" preserve="true" />
// A copy of one scope of the backend's store, and the writes to it.
import type { StoreKey } from "./bindings.js";
import type { Call, CallOptions, Client, Outcome, Subscription } from "./calls.js";
import type { Ipc } from "./client.js";
import { disposable, dispose, type Lasting } from "./disposable.js";
import { failure, guarded, IpcError, report, type MethodError } from "./errors.js";
import type { Event } from "./event.js";
import { members } from "./message.js";
import { disconnected } from "./reply-error.js";
import { MAX_LOOK_BYTES, Staged } from "./store-staged.js";
import { Table, type Change, type Snapshot } from "./store-table.js";
import { kept } from "./store-value.js";
import { KeyWatch, type Watch } from "./store-watch.js";
import { Wire, type LookPart, type Removal, type Which, type WireMethods } from "./store-wire.js";

const WATCH = "ipc.store.watch";
/** How long a write may take until it is seen here, unless it says otherwise, in milliseconds. */
const WRITE_TIMEOUT = 60_000;

/**
 * How a subscription ends with its connection: that has gone, there is none, or the backend says that
 * it ends them first. A client that reconnects has another one then.
 */
const LOST: ReadonlySet<string> = new Set(["disconnected", "notConnected", "closing"]);

/**
 * Why the store refused a write, which then has changed nothing. A newer backend may have more reasons:
 * objects with another member, or text, in which `in` can't look.
 */
export type StoreError =
  /** Somebody else has written the key since the revision that was expected; `null`: no value. */
  | { Conflict: { key: string; expected: number | null; current: number | null; latest: number } }
  /** The scope would hold more bytes than it may. */
  | { Full: { key: string; limit: number; needed: number } }
  /** The key has more bytes than it may; `key` has its first 32 characters. */
  | { KeyTooLong: { key: string; length: number; limit: number } }
  /** The value can't be kept, for example since it is nested too deep. */
  | { Encode: { key: string; message: string } }
  /** The window that the scope belongs to is gone. */
  | { Gone: { key: string } };

/** Options of a write. */
export type WriteOptions = Pick<CallOptions, "signal" | "timeout">;

/**
 * A copy of the backend's store that is kept up to date. Reads are local and never wait. It always
 * shows what the backend held at one revision, for all keys together.
 *
 * A write goes to the backend, which puts all writes in order. Its call ends when the write is seen
 * here: after `timeout` (60 s) it fails with `deadline`, and giving it up by its `signal` only ends
 * the waiting. If the connection is lost, it fails with `disconnected`, and `mayHaveRun` says whether
 * it may have been done.
 *
 * If the client reconnects, the replica gives the values that it has, until it has those of the new
 * connection: its watches and listeners hear of what is different. If the connection has ended for
 * good, or `close` was called, reads give the last values, watches and listeners end, and writes fail.
 */
export interface StoreReplica extends Disposable {
  /**
   * The value of a key, `undefined` if it has none: `null`, `false` and `""` are values. It is the same
   * object until the key is written: don't change it.
   *
   * @throws IpcError `protocol` or `inexact` if the value isn't of the key's type, `tooLarge` if it is
   * larger than the messages that this side takes.
   */
  get<T>(key: StoreKey<T>): T | undefined;
  /** The write that set a key's value, `undefined` if it has none. */
  revisionOf(key: StoreKey<unknown>): number | undefined;
  /** All writes up to this one are here. */
  readonly revision: number;
  /** All values as they are now: the same object until one changes. */
  snapshot(): Snapshot;
  /** Writes a value, and gives the write's revision. */
  set<T>(key: StoreKey<T>, value: NoInfer<T>, options?: WriteOptions): Call<number, StoreError>;
  /**
   * Writes a value if nobody has written the key since it had this revision; `undefined`: if it has no
   * value. Otherwise it fails with `Conflict`; what it has lost against is here by then.
   */
  compareAndSet<T>(key: StoreKey<T>, expected: number | undefined, value: NoInfer<T>, options?: WriteOptions): Call<number, StoreError>;
  /** Removes a value. Gives the removal's revision, `undefined` if there was nothing to remove. */
  remove(key: StoreKey<unknown>, options?: WriteOptions): Call<number | undefined, StoreError>;
  /** The value of a key as it changes. */
  watch<T>(key: StoreKey<T>): Watch<T>;
  /**
   * Each change of this copy, in the order of the revisions. A listener is called when all changes that
   * belong together are here. Of a key that was written several times between two updates from the
   * backend there is only the last change. What a listener throws is reported as an uncaught error.
   */
  changes(): Event<Change>;
  /** How many listen here: watches that are being read, and listeners of `changes`. */
  readonly listenerCount: number;
  /** Whether it isn't kept up to date any more. */
  readonly isClosed: boolean;
  /**
   * Settles with the reason when it isn't kept up to date any more: `tooLarge` if the backend sends more
   * than 1 GiB at once.
   */
  readonly closed: Promise<IpcError>;
  /** Unsubscribes. */
  close(): void;
}

/** What a write asks for, and what its answer says: its result, and the revision to wait for. */
interface Write<A, R> {
  method: string;
  call(timeout: WriteOptions): Promise<A>;
  seen(answer: A): [result: R, revision: number];
}

/** A replica, which a cell may open anew with what it has. */
export class Replica implements StoreReplica {
  readonly closed: Promise<IpcError>;
  /** Settles when it has all values, or fails with why it never has them. */
  readonly opened: Promise<void>;
  readonly #ipc: Ipc;
  readonly #client: Client<WireMethods>;
  readonly #which: Which;
  readonly #table: Table;
  readonly #maxLookBytes: number;
  readonly #keyed = new Map<string, Set<() => void>>();
  readonly #changes = new Set<{ listener: (change: Change) => void }>();
  /** The writes that wait until they are seen here. */
  readonly #writes = new Set<() => void>();
  #parts: Subscription<LookPart> | undefined;
  /** Counts connections. */
  #connection = 1;
  /** The connection that has answered whoever asked for the values last. */
  #asked = 0;
  /** The connection that the values come from. */
  #shown = 0;
  #end: IpcError | undefined;
  #closed!: (end: IpcError) => void;
  /** Takes back what was asked for and isn't answered yet. */
  readonly #stop = new AbortController();
  readonly #leave: () => void;

  /**
   * Begins to follow a scope, when there is a connection.
   *
   * @param table what is known of it. A replica before this one has ended.
   * @param maxLookBytes how much it takes at once.
   */
  constructor(ipc: Ipc, which: Which, table: Table = new Table(), maxLookBytes: number = MAX_LOOK_BYTES) {
    this.#ipc = ipc;
    this.#client = ipc.client(Wire);
    this.#which = which;
    this.#table = table;
    this.#maxLookBytes = maxLookBytes;
    this.closed = new Promise((resolve) => (this.#closed = resolve));
    this.#leave = ipc.state.subscribe(() => {
      if (ipc.state.get().status !== "connected") return;
      this.#connection++;
      // Nobody knows what was missed: the next subscription tells what is newer.
      this.#parts?.close();
    });
    this.opened = new Promise((resolve, reject) => {
      void this.closed.then(reject);
      void this.#follow(resolve);
    });
    // Not everybody waits for it.
    this.opened.catch(() => {});
  }

  /** Opens a replica: it has all values then. */
  static async open(ipc: Ipc, which: Which): Promise<Replica> {
    const replica = new Replica(ipc, which);
    await replica.opened;
    return replica;
  }

  get<T>({ key, p }: StoreKey<T>): T | undefined {
    return this.#table.get(key)?.read(p) as T | undefined;
  }

  revisionOf({ key }: StoreKey<unknown>): number | undefined {
    return this.#table.get(key)?.revision;
  }

  get revision(): number {
    return this.#table.seen?.revision ?? 0;
  }

  snapshot(): Snapshot {
    return this.#table.snapshot;
  }

  set<T>(key: StoreKey<T>, value: NoInfer<T>, options?: WriteOptions): Call<number, StoreError> {
    const method = "ipc.store.set";
    const call = (left: WriteOptions): Promise<number> => this.#client.set(key.key, kept(key, value, method), this.#which, left);
    return this.#write({ method, call, seen: (revision) => [revision, revision] }, options);
  }

  compareAndSet<T>(key: StoreKey<T>, expected: number | undefined, value: NoInfer<T>, options?: WriteOptions): Call<number, StoreError> {
    const method = "ipc.store.compareAndSet";
    const call = (left: WriteOptions): Promise<number> => this.#client.compareAndSet(key.key, expected ?? null, kept(key, value, method), this.#which, left);
    return this.#write({ method, call, seen: (revision) => [revision, revision] }, options);
  }

  remove({ key }: StoreKey<unknown>, options?: WriteOptions): Call<number | undefined, StoreError> {
    const call = (left: WriteOptions): Promise<Removal> => this.#client.remove(key, this.#which, left);
    return this.#write({ method: "ipc.store.remove", call, seen: ({ revision, latest }) => [revision ?? undefined, latest] }, options);
  }

  watch<T>(key: StoreKey<T>): Watch<T> {
    return new KeyWatch<T>({
      now: () => this.#table.get(key.key),
      read: () => this.get(key),
      isOver: () => this.isClosed,
      listen: (changed) => {
        const listeners = this.#keyed.get(key.key) ?? new Set();
        this.#keyed.set(key.key, listeners.add(changed));
        return () => {
          if (listeners.delete(changed) && !listeners.size) this.#keyed.delete(key.key);
        };
      },
    });
  }

  changes(): Event<Change> {
    return {
      on: (listener): Lasting => {
        const entry = { listener };
        if (!this.#end) this.#changes.add(entry);
        return disposable(() => void this.#changes.delete(entry));
      },
    };
  }

  get listenerCount(): number {
    let count = this.#changes.size;
    for (const listeners of this.#keyed.values()) count += listeners.size;
    return count;
  }

  get isClosed(): boolean {
    return this.#end !== undefined;
  }

  close(): void {
    this.#ended(new IpcError("notConnected", "the replica was closed by this side"));
  }

  [dispose](): void {
    this.close();
  }

  /** Follows the store, over any number of subscriptions. `opened` is called with the first values. */
  async #follow(opened: () => void): Promise<void> {
    while (!this.#end) {
      try {
        await this.#look(opened);
      } catch (error) {
        const cause = error instanceof IpcError ? error : failure("protocol", WATCH, error, { cause: error });
        if (!LOST.has(cause.kind) || !(await this.#hasAnother(this.#asked))) return this.#ended(cause);
      }
    }
  }

  /** Follows it over one subscription, until that has to be opened anew. */
  async #look(opened: () => void): Promise<void> {
    // Between two parts of a look, items may be missing: what has come of it is void.
    let again = false;
    const onMissed = (): void => {
      again = true;
      parts?.close();
    };
    let parts: Subscription<LookPart> | undefined;
    try {
      parts = await this.#client.watch(this.#which, this.#table.seen, { onMissed, endsWithConnection: true, signal: this.#stop.signal });
    } finally {
      this.#asked = this.#connection;
    }
    const connection = this.#asked;
    this.#parts = parts;
    if (this.#end) return parts.close();
    const staged = new Staged(this.#maxLookBytes);
    for await (const part of parts) {
      const updates = this.#end ? undefined : staged.add(part);
      if (!updates) continue;
      const changes = this.#table.show(part, updates);
      this.#shown = connection;
      opened();
      this.#tell(changes);
    }
    if (!again && !this.#end && connection === this.#connection) throw new IpcError("cancelled", `${WATCH}: the store is not served any more`);
  }

  /** Waits for a connection after this one, which may be there for a moment still. Returns whether there is one. */
  #hasAnother(connection: number): Promise<boolean> {
    const { state } = this.#ipc;
    return new Promise((resolve) => {
      let leave: (() => void) | undefined;
      const look = (): void => {
        const isThere = this.#connection > connection;
        if (!this.#end && !isThere && state.get().status !== "closed") return;
        leave?.();
        this.#writes.delete(look);
        resolve(!this.#end && isThere);
      };
      leave = state.subscribe(look);
      this.#writes.add(look);
      look();
    });
  }

  #tell(changes: Change[]): void {
    for (const { key } of changes) this.#keyed.get(key)?.forEach((changed) => changed());
    for (const change of changes) {
      for (const entry of [...this.#changes]) {
        if (this.#changes.has(entry)) void guarded(() => entry.listener(change), report);
      }
    }
    for (const look of [...this.#writes]) look();
  }

  /** The one place where all that waits for this replica ends. */
  #ended(end: IpcError): void {
    if (this.#end) return;
    this.#end = end;
    this.#leave();
    this.#parts?.close();
    this.#stop.abort(end);
    this.#changes.clear();
    for (const listeners of [...this.#keyed.values()]) for (const changed of [...listeners]) changed();
    for (const look of [...this.#writes]) look();
    this.#closed(end);
  }

  #write<A, R>(write: Write<A, R>, { signal, timeout }: WriteOptions = {}): Call<R, StoreError> {
    const began = performance.now();
    const run = async (): Promise<R> => {
      // Without a connection the call itself fails, and says so.
      if (this.#end && this.#ipc.state.get().status !== "closed") throw failure("notConnected", write.method, `the replica has ended: ${this.#end.message}`, { cause: this.#end });
      const wait = (revision: number): Promise<void> => {
        // The call has taken a part of the time.
        const left = timeout === null ? Infinity : (timeout ?? WRITE_TIMEOUT) - (performance.now() - began);
        return this.#reached(write.method, revision, signal, left);
      };
      try {
        const [result, revision] = write.seen(await write.call({ signal, ...(timeout === undefined ? {} : { timeout }) }));
        await wait(revision);
        return result;
      } catch (error) {
        const { kind, data } = error as MethodError<unknown>;
        // An error of a newer backend may be anything.
        const { latest } = members(members(data)["Conflict"]);
        if (kind === "method" && typeof latest === "number") await wait(latest);
        throw error;
      }
    };
    const promise = run();
    const result = (): Promise<Outcome<R, StoreError>> =>
      promise.then(
        (value) => ({ ok: true, value }),
        (error: unknown) => ({ ok: false, error: error as MethodError<StoreError> }),
      );
    return Object.assign(promise, { result });
  }

  /** Waits until a write is seen here that the backend has done. */
  #reached(method: string, revision: number, signal: AbortSignal | undefined, left: number): Promise<void> {
    const connection = this.#connection;
    // Of the store that has the write: a store of another epoch, whatever its revision, doesn't have it.
    let epoch = this.#table.seen?.epoch;
    return new Promise((resolve, reject) => {
      let timer: ReturnType<typeof setTimeout> | undefined;
      const settle = (error?: IpcError): void => {
        this.#writes.delete(look);
        clearTimeout(timer);
        signal?.removeEventListener("abort", abort);
        if (error) reject(error);
        else resolve();
      };
      const look = (): void => {
        const { seen } = this.#table;
        if (this.#shown === connection) epoch = seen?.epoch;
        if (this.#shown >= connection && seen?.epoch === epoch && this.revision >= revision) settle();
        else if (this.#end) settle(disconnected(method, this.#end, true));
        // Another store has taken the place of the one that has this write.
        else if (this.#shown > connection) settle(disconnected(method, new IpcError("disconnected", "the backend has another store now"), true));
      };
      const abort = (): void => settle(failure("cancelled", method, "it was cancelled, and may be done", { cause: signal?.reason }));
      this.#writes.add(look);
      signal?.addEventListener("abort", abort);
      if (left <= 2 ** 31 - 1) timer = setTimeout(() => settle(failure("deadline", method, "the write isn't seen here in time, and may be done")), left);
      if (signal?.aborted) abort();
      look();
    });
  }
}
