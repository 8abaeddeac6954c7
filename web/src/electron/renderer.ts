// A page of an Electron app, whose messages go through the main process.
import { IpcError } from "../errors.js";
import { overPort, type Pacing, type Port } from "../message-port.js";
import type { Dial } from "../transport.js";
import { Pace } from "./pace.js";
import { CONNECT, type Ended } from "./words.js";

/**
 * The backend that the main process of this Electron app bridges to (`serveRenderers` of
 * `ipc-runtime/electron/main`): `connect(electron(), { reconnect: reconnect() })`. The preload script of
 * the guide has to be there; without it nobody answers, and connecting fails after `handshakeTimeout`.
 *
 * A page that the main process doesn't allow gets `unauthorized`, with its URL.
 *
 * @param port makes the port of each connection. By default the page's own window is asked. A worker
 * gives what its page has sent it: one end of a `MessageChannel`, whose other end the page has posted to
 * its own window with `"ipc-runtime:connect"`. A port that had a connection is refused with
 * `invalidArguments`, and the client doesn't try again.
 */
export function electron(port: () => Port | Promise<Port> = ask): Dial {
  const endpoint = "electron";
  return {
    endpoint,
    dial: async () => {
      const own = await port();
      return overPort(own, endpoint, paced(own));
    },
  };
}

function ask(): Port {
  const { port1, port2 } = new MessageChannel();
  // It goes to this window alone. A page from a file has no origin that could be named.
  window.postMessage(CONNECT, "*", [port2]);
  return port1;
}

/** How long the main process may take for what is kept when the page closes, in milliseconds. */
const PATIENCE = 2_000;

/** Keeps what the main process has no room for. */
function paced(port: Port): Pacing {
  const pace = new Pace();
  const kept: (string | Uint8Array)[] = [];
  /** How much is kept. */
  let size = 0;
  let flushed: (() => void) | undefined;
  const post = (): void => {
    let posted = 0;
    while (posted < kept.length && !pace.isFull) {
      const message = kept[posted++] as string | Uint8Array;
      pace.ahead += message.length;
      size -= message.length;
      port.postMessage(message);
    }
    kept.splice(0, posted);
    if (!kept.length) flushed?.();
  };
  return {
    send: (message) => {
      kept.push(message);
      size += message.length;
      post();
    },
    flush: (then) => {
      flushed = then;
      if (size) setTimeout(then, PATIENCE);
      post();
    },
    waiting: () => pace.ahead + size,
    handled: (size) => {
      const taken = pace.take(size);
      if (taken) port.postMessage(taken);
    },
    heard: (data) => {
      if (typeof data === "number") {
        pace.took(data);
        post();
      }
      const { ended, why } = (data ?? {}) as Partial<Ended>;
      return ended && new IpcError(ended, String(why));
    },
  };
}
