// The connection to the backend, the calls over it, and the values that all windows share.
import { connectLazily, reconnect, type Client, type Ipc, type State, type StoreKey, type VersionMismatch } from "ipc-runtime";
import { cell, type StoreCell } from "ipc-runtime/store";
import { Draft, Index, Notes, Pinned, type Change, type Indexed, type NotesMethods } from "./ipc.ts";

/** Where the backend's WebSocket is, on the page's own origin. The cookie goes with it. */
const ENDPOINT = "/ipc";

/** What the page does with the connection. */
export interface Events {
  /** The state has changed. */
  onState(state: State): void;
  /** The backend has another version of the interface. */
  onMismatch(mismatch: VersionMismatch): void;
  /** Something has happened to a note. */
  onChange(change: Change): void;
  /** It is connected: what happened before may not have been told. */
  onConnected(): void;
}

/** The connection of this window. It comes back by itself. */
export class Connection {
  readonly #ipc: Ipc;
  /** The backend, to be called. Without a connection, the calls fail and say so. */
  readonly notes: Client<NotesMethods>;
  readonly pinned: StoreCell<string[]>;
  readonly draft: StoreCell<Draft | null>;
  readonly index: StoreCell<Indexed>;

  constructor(events: Events) {
    const ipc = connectLazily(ENDPOINT, {
      name: "window",
      reconnect: reconnect({ whileAway: "fail", maxDelay: 3_000 }),
      onVersionMismatch: events.onMismatch,
    });
    this.#ipc = ipc;
    this.notes = ipc.client(Notes);
    // That there is no connection is told by its state alone.
    const shared = <T>(key: StoreKey<T>): StoreCell<T> => cell(ipc, key, { onError: (error) => console.warn(error) });
    this.pinned = shared(Pinned);
    this.draft = shared(Draft);
    this.index = shared(Index);
    let isReading = false;
    const read = async (): Promise<void> => {
      isReading = true;
      try {
        // What was missed is in the list that is loaded with the next connection, or now.
        for await (const change of this.notes.changes({ onMissed: events.onConnected })) events.onChange(change);
      } catch {
        // There is no connection yet, it has ended for good, or the versions differ: the banners tell it.
      }
      isReading = false;
    };
    ipc.state.subscribe(() => {
      const state = ipc.state.get();
      events.onState(state);
      if (state.status !== "connected") return;
      if (!isReading) void read();
      events.onConnected();
    });
    // The first call makes the connection.
    void read();
  }

  get state(): State {
    return this.#ipc.state.get();
  }

  /** Tries at once, while it reconnects. */
  retryNow(): void {
    this.#ipc.retryNow();
  }
}
