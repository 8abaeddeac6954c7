// Connecting from Node: all endpoints of the Rust side.
import type { ConnectOptions, Ipc } from "../client.js";
import { connectWhenCalled, connectNow } from "../connecting.js";
import { IpcError } from "../errors.js";
import type { Dial } from "../transport.js";
import { webSocket, type Socket } from "../web-socket.js";
import { localDial, noEndpoint, partsOf } from "./local-socket.js";

/**
 * Connects to a backend.
 *
 * @param to `local:NAME`, `unix:/PATH`, `pipe:NAME`, `ws://…`, `wss://…`, or another carrier, such as
 * `stdio(…)`.
 * @throws IpcError `notConnected` if there is none, or `to` is no endpoint; `unauthorized` if the token
 * is missing or wrong.
 */
export async function connect(to: string | URL | Dial, options: ConnectOptions = {}): Promise<Ipc> {
  return connectNow(dialOf(to), options);
}

/** Connects with the first call or subscription: they wait for it, and fail if it can't be done. */
export function connectLazily(to: string | URL | Dial, options: ConnectOptions = {}): Ipc {
  return connectWhenCalled(dialOf(to), options);
}

/**
 * What dials an endpoint.
 *
 * @throws IpcError `notConnected` if it is none.
 */
export function dialOf(to: string | URL | Dial, overWebSocket: (url: string) => Dial = nodeWebSocket): Dial {
  if (typeof to !== "string" && !(to instanceof URL)) return to;
  const endpoint = String(to);
  const local = localDial(endpoint);
  if (local) return local;
  switch (partsOf(endpoint).scheme) {
    case "ws":
    case "wss":
      return overWebSocket(endpoint);
    case "stdio":
      throw noEndpoint(endpoint, "start the backend by `connect(stdio(COMMAND, ARGUMENTS))`");
    default:
      throw noEndpoint(endpoint, "write local:NAME, unix:/PATH, pipe:NAME, ws://HOST:PORT or wss://HOST:PORT");
  }
}

/** A WebSocket without a subprotocol. */
export function plainWebSocket(url: string): Dial {
  return nodeWebSocket(url, () => []);
}

/** Node has a WebSocket of its own since 22; before, that of the package `ws` is used. */
function nodeWebSocket(url: string, choose: (protocols: string[]) => string[] = (protocols) => protocols): Dial {
  if (typeof WebSocket === "function") return webSocket(url, { open: (to, protocols) => new WebSocket(to, choose(protocols)) as unknown as Socket });
  return {
    endpoint: url,
    dial: async (encoding, signal, maxPayload) => {
      const { WebSocket: Ws } = await import("ws").catch((cause: unknown) => {
        throw new IpcError("notConnected", `${url}: this Node has no WebSocket of its own: install the package \`ws\`, or use Node 22`, { cause });
      });
      return webSocket(url, { open: (to, protocols) => new Ws(to, choose(protocols), { maxPayload }) as unknown as Socket }).dial(encoding, signal, maxPayload);
    },
  };
}
