// Connecting.
import { makeClient, type ConnectOptions, type Ipc } from "./client.js";
import type { Dial } from "./transport.js";
import { webSocket } from "./web-socket.js";

/**
 * Connects to a backend.
 *
 * @param to a WebSocket's URL, a path of the page's origin (`/ipc`), or another carrier.
 * @throws IpcError `notConnected` if there is none, `unauthorized` if the token is missing or wrong.
 */
export async function connect(to: string | URL | Dial, options: ConnectOptions = {}): Promise<Ipc> {
  const { ipc, session } = makeClient(dialOf(to), options);
  await session.connect();
  return ipc;
}

/** Connects in the background: calls wait for it, and fail if it can't be done. */
export function connectLazily(to: string | URL | Dial, options: ConnectOptions = {}): Ipc {
  const { ipc, session } = makeClient(dialOf(to), options);
  // After this turn, so that the handshake asks for the clients that are made in it. Who calls hears
  // of a failure, and `state` shows it.
  queueMicrotask(() => void session.connect().catch(() => {}));
  return ipc;
}

function dialOf(to: string | URL | Dial): Dial {
  return typeof to === "string" || to instanceof URL ? webSocket(to) : to;
}
