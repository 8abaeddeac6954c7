// The backend's store in this window: values under typed keys that all sides share.
import type { Ipc } from "./client.js";
import { Replica, type StoreReplica } from "./store-replica.js";
import { Wire, type Which } from "./store-wire.js";

export { cell, type CellOptions, type StoreCell } from "./store-cell.js";
export type { StoreError, StoreReplica, WriteOptions } from "./store-replica.js";
export type { Change, Snapshot } from "./store-table.js";
export type { Watch } from "./store-watch.js";

/**
 * Opens a copy of the values that all windows share. It has all of them when the promise settles, and
 * follows the backend until it is closed.
 *
 * @throws IpcError `notFound` if the backend serves no store, and whatever `open` and a subscription
 * may throw.
 */
export async function store(ipc: Ipc): Promise<StoreReplica> {
  return opened(ipc, "shared");
}

/**
 * Opens a copy of this window's own values, which no other window sees. The backend drops them when
 * the window is gone for good.
 *
 * @throws IpcError as `store` does.
 */
export async function ownStore(ipc: Ipc): Promise<StoreReplica> {
  return opened(ipc, "own");
}

async function opened(ipc: Ipc, which: Which): Promise<StoreReplica> {
  // Here it fails if there is no connection. A replica waits for the next one.
  await ipc.open(Wire);
  return Replica.open(ipc, which);
}
