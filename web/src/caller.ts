// How calls start: with their arguments as they travel, on the connection that there is, or when there
// is one.
import { outgoing, type Arguments } from "./arguments.js";
import type { Interface as InterfaceOf, Method } from "./bindings.js";
import type { Call, CallOptions, Outcome } from "./calls.js";
import type { Connection } from "./connection.js";
import { derived, failure, IpcError } from "./errors.js";
import { Exchange } from "./exchange.js";
import type { Opening } from "./parts.js";
import type { Session } from "./session.js";

/** Any interface. */
export type Interface = InterfaceOf<never>;

/** What calls have in common. */
interface Common {
  isJson: boolean;
  window: number;
  callTimeout: number | null;
}

/** Makes what a call opens on a connection. */
export type Open = (connection: Connection) => Opening;

/** Starts calls of one depth. */
export class Caller {
  readonly #common: Common;

  /** @param depth how many handlers the calls are nested in. */
  constructor(
    readonly session: Session,
    common: Common,
    readonly depth: number,
  ) {
    this.#common = common;
  }

  /** How many items of each stream the peer may send ahead. */
  get window(): number {
    return this.#common.window;
  }

  /** Makes a request. */
  request(name: string, method: Method, args: readonly unknown[], options: CallOptions<never>, def?: Interface): Call<unknown, unknown> {
    const exchange = new Exchange(name, method, options, this.#common.callTimeout, this.depth);
    this.start(exchange, args, def);
    return withOutcome(exchange.promise);
  }

  /** Sends a notification. */
  note(name: string, method: Method, args: readonly unknown[], def?: Interface): void {
    const sent = outgoing(name, method, args, this.#common.isJson);
    this.#ready(def, name, (connection) => connection.note(name, sent), (error) => {
      this.session.options.onError(error instanceof IpcError ? error : failure("invalidArguments", name, error, { cause: error }));
    });
  }

  /** Starts a call, which may open something. Returns the arguments as they travel, if they can. */
  start(exchange: Exchange, args: readonly unknown[], def?: Interface, open?: Open): Arguments | undefined {
    if (exchange.isSettled) return undefined;
    const fail = (error: unknown): void => exchange.fail(error);
    try {
      const sent = outgoing(exchange.name, exchange.method, args, this.#common.isJson);
      // Until it is sent. Then they flow, and are stopped.
      exchange.onSettled = sent.streams?.leave;
      const send = (): void => this.send(exchange, sent, def, open);
      this.session.comeback?.follow(exchange, send, sent.streams !== undefined);
      send();
      return sent;
    } catch (error) {
      fail(error);
      return undefined;
    }
  }

  /** Sends a call on the connection that there is, or when there is one. */
  send(exchange: Exchange, sent: Arguments, def?: Interface, open?: Open): void {
    if (exchange.isSettled) return;
    const fail = (error: unknown): void => exchange.fail(error);
    try {
      this.#ready(def, exchange.name, (connection) => connection.start(exchange, sent, open?.(connection)), fail, exchange);
    } catch (error) {
      fail(error);
    }
  }

  #ready(def: Interface | undefined, name: string, start: (connection: Connection) => void, fail: (error: unknown) => void, exchange?: Exchange): void {
    let ready: Connection | Promise<Connection>;
    try {
      ready = this.session.use(def, exchange);
    } catch (error) {
      throw ofCall(name, error);
    }
    if (!("then" in ready)) return start(ready);
    ready.then(start).catch((error: unknown) => {
      // Its interface was asked for on a connection that has ended. It wasn't sent itself.
      const { kind, cause } = error as IpcError;
      if (exchange && kind === "disconnected") exchange.lost((cause ?? error) as IpcError, false);
      else if (kind !== "closing" || !exchange?.again?.(false)) fail(ofCall(name, error));
    });
  }
}

/** The error names what was called, wherever it comes from. */
function ofCall(name: string, error: unknown): unknown {
  if (!(error instanceof IpcError)) return error;
  return error.kind === "notConnected" ? failure("notConnected", name, error, { cause: error }) : derived(error, { method: name });
}

/** Adds to a promise what tells its outcome. */
export function withOutcome<T>(promise: Promise<T>): Call<T, never> {
  const result = (): Promise<Outcome<T, never>> =>
    promise.then(
      (value) => ({ ok: true, value }),
      (error: unknown) => ({ ok: false, error: error as never }),
    );
  return Object.assign(promise, { result });
}
