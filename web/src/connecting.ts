// The two ways to connect, whatever leads to the backend.
import { makeClient, type ConnectOptions, type Ipc } from "./client.js";
import type { Dial } from "./transport.js";

/** Connects, and gives what it has once the handshake is done. */
export async function connectNow(dial: Dial, options: ConnectOptions): Promise<Ipc> {
  const { ipc, session } = makeClient(dial, options);
  await session.connect();
  return ipc;
}

/** Connects with the first call: a server that only renders a page makes no connection. */
export function connectWhenCalled(dial: Dial, options: ConnectOptions): Ipc {
  const { ipc, session } = makeClient(dial, options);
  session.perseveres = true;
  return ipc;
}
