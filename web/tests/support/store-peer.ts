// A peer with a store, of which a test says each look.
import type { KeyUpdate } from "#dist/store-wire.js";
import { Peer } from "./peer.js";

export const WATCH = "ipc.store.watch";

export const set = (key: string, value: unknown, revision: number): KeyUpdate => ({ set: { key, value, revision } });
export const removed = (key: string, revision: number): KeyUpdate => ({ removed: { key, revision } });

export interface Look {
  entries?: KeyUpdate[];
  revision?: number;
  epoch?: number;
  reset?: boolean;
  restart?: boolean;
  complete?: boolean;
}

/** A peer with a store, of which the test says each look. */
export class StorePeer extends Peer {
  constructor() {
    super();
    this.answers.set(WATCH, (_params, { ipc }) => ipc.subscription);
  }

  /** Sends a part of a look to the nth subscription. */
  async look(nth: number, { entries = [], revision = 1, epoch = 41, reset = false, restart = false, complete = true }: Look): Promise<void> {
    const { id } = await this.get(WATCH, nth);
    this.say({ method: WATCH, params: { subscription: id, result: { epoch, reset, restart, entries, revision, complete } } });
  }
}
