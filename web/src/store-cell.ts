// One key in the form that frameworks take. All cells of a connection share a replica.
import type { StoreKey } from "./bindings.js";
import { withOutcome } from "./caller.js";
import type { Call } from "./calls.js";
import type { Ipc } from "./client.js";
import { guarded, report, type IpcError } from "./errors.js";
import { Lingering } from "./lingering.js";
import type { Source } from "./source.js";
import { Replica, type StoreError, type WriteOptions } from "./store-replica.js";
import { Table } from "./store-table.js";
import { Wire, type Which } from "./store-wire.js";

/** Options of a cell. */
export interface CellOptions {
  /** The value of this window alone, and not the one that all share. */
  own?: boolean | undefined;
  /**
   * Called if there are no values, with the reason: for example, the backend serves no store. Without
   * it, the error is reported as an uncaught one. That a connection has ended isn't told here: see
   * `ipc.state`.
   */
  onError?: ((error: IpcError) => void) | undefined;
}

/** The value of one key of the store. All functions may be passed on by themselves. */
export interface StoreCell<T> extends Source<T | undefined> {
  /**
   * The value: the same object until the key is written. `undefined` if the key has none, and before
   * the first listener's values have come. Without listeners it is the last one that there was.
   *
   * @throws IpcError if the value isn't of the key's type, as a replica's `get` does.
   */
  readonly get: () => T | undefined;
  /** Writes the value as it is now, and ends when it is seen here. Without a connection it fails or waits as a call does. */
  readonly set: (value: T, options?: WriteOptions) => Call<number, StoreError>;
}

/**
 * A value of the store for `useSyncExternalStore` and the like. The store is followed from the first
 * listener of any cell of the connection on, until one macrotask after the last.
 */
export function cell<T>(ipc: Ipc, key: StoreKey<T>, { own, onError = report }: CellOptions = {}): StoreCell<T> {
  // The first handshake asks for it.
  ipc.client(Wire);
  const shared = sharedOf(ipc, own ? "own" : "shared");
  return {
    get: () => shared.table.get(key.key)?.read(key.p) as T | undefined,
    subscribe: (listener) => shared.listen({ key: key.key, listener, onError, isTold: false }),
    set: (value, options) => shared.write((replica) => replica.set(key, value, options)),
  };
}

interface CellListener {
  key: string;
  listener(): void;
  onError(error: IpcError): void;
  /** Whether it knows that there are no values. */
  isTold: boolean;
}

const scopes = new WeakMap<Ipc, { [which in Which]?: SharedReplica }>();

function sharedOf(ipc: Ipc, which: Which): SharedReplica {
  const own = scopes.get(ipc) ?? {};
  scopes.set(ipc, own);
  return (own[which] ??= new SharedReplica(ipc, which));
}

/** The replica of all cells of one scope, while there are listeners. */
class SharedReplica {
  /** What stays from one replica to the next, so that what hasn't changed is the same object. */
  readonly table = new Table();
  readonly #listeners = new Set<CellListener>();
  #replica: Replica | undefined;
  readonly #life: Lingering;

  constructor(ipc: Ipc, which: Which) {
    this.#life = new Lingering(
      () => {
        this.#replica = new Replica(ipc, which, this.table);
        void this.#follow(this.#replica);
      },
      () => {
        // Also one that has no values yet: the next one begins with what this has left.
        this.#replica?.close();
        this.#replica = undefined;
      },
    );
  }

  listen(entry: CellListener): () => void {
    this.#listeners.add(entry);
    const leave = this.#life.use();
    return () => {
      this.#listeners.delete(entry);
      leave();
    };
  }

  /** Writes at once: a write needs no values here. */
  write<R>(write: (replica: Replica) => Promise<R>): Call<R, StoreError> {
    const leave = this.#life.use(true);
    return withOutcome(write(this.#replica as Replica).finally(leave)) as Call<R, StoreError>;
  }

  async #follow(replica: Replica): Promise<void> {
    try {
      await replica.opened;
      for (const entry of this.#listeners) entry.isTold = false;
      replica.changes().on(({ key }) => this.#tell((entry) => entry.key === key));
      this.#tell(() => true);
      throw await replica.closed;
    } catch (error) {
      if (this.#replica !== replica) return;
      this.#life.over();
      const { kind } = error as IpcError;
      if (kind === "disconnected" || kind === "notConnected") return;
      for (const entry of [...this.#listeners]) {
        // Who has heard so hears it again when there have been values in between.
        if (entry.isTold) continue;
        entry.isTold = true;
        void guarded(() => entry.onError(error as IpcError), report);
      }
    }
  }

  #tell(whom: (entry: CellListener) => boolean): void {
    for (const entry of [...this.#listeners]) {
      if (whom(entry) && this.#listeners.has(entry)) void guarded(() => entry.listener(), report);
    }
  }
}
