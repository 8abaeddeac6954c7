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
 * its own window with `"ipc-runtime:connect"`.
 */
export function electron(port: () => Port | Promise<Port> = ask): Dial {
  const endpoint = "electron";
  return {
    endpoint,
    dial: async () => {
      const own = await port();
      return overPort(own, endpoint, new Paced(own));
    },
  };
}

function ask(): Port {
  const { port1, port2 } = new MessageChannel();
  // It goes to this window alone. A page from a file has no origin that could be named.
  window.postMessage(CONNECT, "*", [port2]);
  return port1;
}

/** Keeps what the main process has no room for. */
class Paced implements Pacing {
  readonly #pace = new Pace();
  readonly #kept: (string | Uint8Array)[] = [];
  #keptSize = 0;

  constructor(readonly port: Port) {}

  get waiting(): number {
    return this.#pace.ahead + this.#keptSize;
  }

  send(message: string | Uint8Array): void {
    this.#kept.push(message);
    this.#keptSize += message.length;
    this.#post(false);
  }

  flush(): void {
    this.#post(true);
  }

  handled(size: number): void {
    const taken = this.#pace.take(size);
    if (taken !== undefined) this.port.postMessage(taken);
  }

  heard(data: unknown): IpcError | undefined {
    if (typeof data === "number") {
      this.#pace.took(data);
      this.#post(false);
    }
    const { ended, why } = (data ?? {}) as Partial<Ended>;
    return ended && new IpcError(ended, String(why));
  }

  #post(all: boolean): void {
    let posted = 0;
    while (posted < this.#kept.length && (all || !this.#pace.isFull)) {
      const message = this.#kept[posted++] as string | Uint8Array;
      this.#pace.ahead += message.length;
      this.#keptSize -= message.length;
      this.port.postMessage(message);
    }
    this.#kept.splice(0, posted);
  }
}
