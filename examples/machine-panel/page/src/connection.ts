// The connection to the machine: one at a time, and the subscriptions that are read over it.
import { connectLazily, handler, reconnect, type Client, type Ipc, type State, type Subscribing, type VersionMismatch } from "ipc-runtime";
import { Machine, Panel, type MachineMethods } from "./ipc.ts";

/** Where the machine's WebSocket is, on the page's own origin. */
const ENDPOINT = "/ipc";

/** What the page does with a connection. */
export interface Events {
  /** The state has changed, or a new connection is being made. */
  onState(state: State): void;
  /** The machine has another version of the interface. */
  onMismatch(mismatch: VersionMismatch): void;
  /** The machine tells all its panels that it was stopped. */
  onStopped(reason: string): void;
}

/** A connection to the machine. It comes back by itself, unless it has ended for good. */
export class Connection {
  #ipc: Ipc | undefined;
  #machine: Client<MachineMethods> | undefined;
  readonly #events: Events;
  readonly #whenNew: ((ipc: Ipc, machine: Client<MachineMethods>) => void)[] = [];

  constructor(events: Events) {
    this.#events = events;
  }

  /** Connects for the first time, or anew. */
  connect(): void {
    void this.#ipc?.close();
    const { onState, onMismatch, onStopped } = this.#events;
    const ipc = connectLazily(ENDPOINT, {
      name: "page",
      // Commands fail while there is no connection: none may be carried out when nobody expects it any more.
      reconnect: reconnect({ whileAway: "fail" }),
      serve: [handler(Panel, { stopped: onStopped })],
      onVersionMismatch: onMismatch,
    });
    const machine = ipc.client(Machine);
    this.#ipc = ipc;
    this.#machine = machine;
    const tell = (): void => {
      // What an earlier connection comes to is nothing to this page any more.
      if (this.#ipc === ipc) onState(ipc.state.get());
    };
    ipc.state.subscribe(tell);
    tell();
    for (const follow of this.#whenNew) follow(ipc, machine);
  }

  /** Tries at once, while it reconnects. */
  retryNow(): void {
    this.#ipc?.retryNow();
  }

  /** The machine, to be called. Without a connection, the calls fail and say so. */
  get machine(): Client<MachineMethods> | undefined {
    return this.#machine;
  }

  /**
   * Reads a subscription for ever. It goes on over reconnects, with what `onMissed` of its options
   * hears of; if it has failed, it is opened again on the next connection. The next item is asked for
   * when `take` is done with the one before.
   */
  follow<T>(subscribe: (machine: Client<MachineMethods>) => Subscribing<T, never>, take: (item: T) => void | Promise<void>): void {
    this.#whenNew.push((ipc, machine) => {
      let isReading = false;
      const read = async (): Promise<void> => {
        isReading = true;
        try {
          for await (const item of subscribe(machine)) await take(item);
        } catch {
          // There is no connection yet, it has ended for good, or the versions differ: the banners tell it.
        }
        isReading = false;
      };
      ipc.state.subscribe(() => {
        if (ipc.state.get().status === "connected" && !isReading) void read();
      });
      // The first call makes the connection.
      void read();
    });
  }
}
