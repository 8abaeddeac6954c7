// Connecting.
import type { ConnectOptions, Ipc } from "./client.js";
import { connectWhenCalled, connectNow } from "./connecting.js";
import type { Dial } from "./transport.js";
import { webSocket } from "./web-socket.js";

/**
 * Connects to a backend.
 *
 * @param to a WebSocket's URL, a path of the page's origin (`/ipc`), or another carrier.
 * @throws IpcError `notConnected` if there is none, `unauthorized` if the token is missing or wrong.
 */
export async function connect(to: string | URL | Dial, options: ConnectOptions = {}): Promise<Ipc> {
  return connectNow(dialOf(to), options);
}

/**
 * Connects with the first call, subscription or cell: they wait for it, and fail if it can't be done.
 * Before that nothing is looked at and nobody is asked, so a server may import a module that has it.
 */
export function connectLazily(to: string | URL | Dial, options: ConnectOptions = {}): Ipc {
  return connectWhenCalled(dialOf(to), options);
}

function dialOf(to: string | URL | Dial): Dial {
  return typeof to === "string" || to instanceof URL ? webSocket(to) : to;
}
