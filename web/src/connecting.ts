// The two ways to connect, whatever leads to the backend.
import { makeClient, type ConnectOptions, type Ipc } from "./client.js";
import type { Dial } from "./transport.js";

/** Connects, and gives what it has once the handshake is done. */
export async function connectNow(dial: Dial, options: ConnectOptions): Promise<Ipc> {
  const { ipc, session } = makeClient(dial, options);
  await session.connect();
  return ipc;
}

/** Connects in the background. */
export function connectInBackground(dial: Dial, options: ConnectOptions): Ipc {
  const { ipc, session } = makeClient(dial, options);
  // After this turn, so that the handshake asks for the clients that are made in it. Who calls hears
  // of a failure, and `state` shows it.
  queueMicrotask(() => void session.connect().catch(() => {}));
  return ipc;
}
