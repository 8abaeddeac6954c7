/// <reference lib="esnext.disposable" preserve="true" />
// What an app has of a connection.
import type { AnswersSlot, Served } from "./answers.js";
import { readable, type Check, type Event, type Functions, type Interface, type Method } from "./bindings.js";
import { Caller, type Interface as AnyInterface } from "./caller.js";
import type { Call, CallOptions, Client } from "./calls.js";
import { json, type Codec } from "./codec.js";
import { asyncDispose, dispose, type Lasting } from "./disposable.js";
import { guarded, IpcError, report, thrown } from "./errors.js";
import { MAX_TIMER } from "./exchange.js";
import { LEAST_MESSAGE, type Limits } from "./greeting.js";
import type { PortDial } from "./message-port.js";
import type { VersionMismatch } from "./mismatch.js";
import type { Reconnect } from "./returning.js";
import { Session, type State } from "./session.js";
import type { Source } from "./source.js";
import type { Dial } from "./transport.js";

/** How large a message may be that this side takes, unless it says otherwise. */
const MAX_MESSAGE_BYTES: number = 16 * 1024 * 1024;

/** How to connect. */
export interface ConnectOptions {
  /** The secret that the backend requires: it is shown in the handshake. A function is asked for each connection. */
  token?: string | (() => string | Promise<string>) | undefined;
  /** What this side calls itself, for people to read. */
  name?: string | undefined;
  /** What this side serves from the first moment on; `serve` adds more. */
  serve?: readonly Served[] | undefined;
  /** The deadline of a call in milliseconds, `null` for none. Default: 60,000. */
  callTimeout?: number | null | undefined;
  /** How long connecting may take, with the handshake, in milliseconds. Default: 10,000. */
  handshakeTimeout?: number | undefined;
  /** How many items of each stream the backend may send ahead, at least 1. Default: 256. */
  window?: number | undefined;
  /** How large a message may be that this side takes, in bytes, at least 1,024. Default: 16 MiB. */
  maxMessageBytes?: number | undefined;
  /**
   * How long the backend may be silent until it is asked whether it is there, in milliseconds; after
   * twice that the connection ends. At least 1, or `null` for never. Default: 15,000.
   */
  heartbeat?: number | null | undefined;
  /** Called when an interface doesn't fit. The calls fail too. */
  onVersionMismatch?: ((mismatch: VersionMismatch) => void) | undefined;
  /** Called when the backend had to drop notifications to this side. Default: a warning on the console. */
  onDropped?: ((channel: string, n: number) => void) | undefined;
  /**
   * Called with what fails where nobody waits for it: a notification of the backend whose arguments
   * don't fit, one of this side's that can't be sent, a handler or a listener that threw. Default: an
   * error on the console.
   */
  onError?: ((error: IpcError) => void) | undefined;
  /**
   * Looks whether each value that is sent or comes is of its type, for development: what `check` of
   * `ipc-runtime/check` makes. A wrong one fails its call: `invalidArguments` if it was to be sent,
   * `protocol` if it came. Default: none.
   */
  check?: Check | undefined;
  /** How messages are written. Default: JSON. */
  encoding?: Codec | undefined;
  /** Makes another connection when it is lost: what `reconnect` gives. Default: it is the end. */
  reconnect?: Reconnect | undefined;
}

/** A connection to a backend, and all that is done over it. */
export interface Ipc extends Disposable, AsyncDisposable {
  /** Where the connection is. */
  readonly state: Source<State>;
  /**
   * Compares versions and returns a client.
   *
   * @throws VersionMismatchError if the backend has another interface, IpcError `notFound` if it has
   * none on this channel.
   */
  open<M>(def: Interface<M>): Promise<Client<M>>;
  /** Returns a client whose first call compares versions; it fails if they don't fit. */
  client<M>(def: Interface<M>): Client<M>;
  /**
   * A client of functions by name.
   *
   * @throws IpcError for bindings of another form.
   */
  functions<M>(def: Functions<M>): Client<M>;
  /** Calls a function, or a method by its full name, without types: versions aren't compared. */
  call<T>(name: string, params?: readonly unknown[] | object, options?: CallOptions<unknown>): Call<T, unknown>;
  /** Sends a notification that a function or listener of this name gets, typed by bindings or not. */
  notify<A extends unknown[]>(event: Event<A>, ...args: A): void;
  notify(name: string, params?: readonly unknown[] | object): void;
  /**
   * Serves what `handler`, `exposed` or `listener` made, until what this returns is disposed of. What
   * is given to `connect` is there before the backend's first call.
   *
   * @throws Error if a name is taken.
   */
  serve(served: Served): Lasting;
  /** Of a client that reconnects: tries at once, if it pauses between two attempts. It may be passed on by itself. */
  readonly retryNow: () => void;
  /**
   * Ends the connection. The backend forgets this side; calls and subscriptions end at once.
   *
   * @returns a promise that settles when all that was sent is out and the connection is closed, or
   * after 2 s. It never rejects.
   */
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

/** An option that counts something, as a whole number. */
function counted(option: keyof ConnectOptions, value: number, least: number, most: number = Number.MAX_SAFE_INTEGER): number {
  if (!(value >= least && value <= most)) throw new IpcError("invalidArguments", `\`${option}\` is ${value}: a number from ${least} to ${most} is needed`);
  return Math.floor(value);
}

/**
 * Makes the session of a connection, and what an app has of it.
 *
 * @throws IpcError `invalidArguments` for an option that is no sensible number, and for `reconnect` over
 * what makes one connection alone.
 */
export function makeClient(dial: Dial, options: ConnectOptions): { ipc: Ipc; session: Session } {
  const { encoding: codec = json, heartbeat = 15_000, callTimeout = 60_000, handshakeTimeout = 0 } = options;
  if (callTimeout !== null) counted("callTimeout", callTimeout, 0, Infinity);
  counted("handshakeTimeout", handshakeTimeout, 0, Infinity);
  const window = counted("window", options.window ?? 256, 1);
  const limits: Limits = {
    window,
    maxMessageBytes: counted("maxMessageBytes", options.maxMessageBytes ?? MAX_MESSAGE_BYTES, LEAST_MESSAGE),
    heartbeat: heartbeat === null ? null : counted("heartbeat", heartbeat, 1, MAX_TIMER),
  };
  if (options.reconnect) (dial as Partial<PortDial>).again?.();
  const slot: AnswersSlot = { check: options.check ?? ((method) => method) };
  const {
    onDropped = (channel, n) => console.warn(`${dial.endpoint}: the backend has dropped ${n} notifications of ${channel}`),
    onError = (error) => console.error(error),
  } = options;
  const failed = (error: IpcError): void => void guarded(() => onError(error), report);
  const session = new Session({
    ...options,
    dial,
    codec,
    slot,
    limits,
    peer: (depth) => new IpcClient(new Caller(session, { isJson: codec.name === "json", window, callTimeout }, depth), slot),
    onDropped: (channel, n) => void guarded(() => onDropped(channel, n), (cause) => failed(thrown("`onDropped`", cause))),
    onError: failed,
  });
  for (const served of options.serve ?? []) served.addTo(slot);
  return { ipc: session.options.peer(0), session };
}

/** What an app has of a session; a handler has one of its own, whose calls tell that they are nested. */
class IpcClient implements Ipc {
  readonly state: Source<State>;
  readonly #caller: Caller;
  readonly #slot: AnswersSlot;

  constructor(caller: Caller, slot: AnswersSlot) {
    this.#caller = caller;
    this.#slot = slot;
    this.state = caller.session.state;
  }

  async open<M>(def: Interface<M>): Promise<Client<M>> {
    const client = this.client(def);
    await this.#caller.session.use(def as AnyInterface);
    return client;
  }

  client<M>(def: Interface<M>): Client<M> {
    const known = def as AnyInterface;
    this.#caller.session.know(known);
    return this.#clientOf<M>(def.methods, `${def.channel}.`, known);
  }

  functions<M>(def: Functions<M>): Client<M> {
    readable(def);
    return this.#clientOf<M>(def.methods, "");
  }

  call<T>(name: string, params: readonly unknown[] | object = [], options: CallOptions<unknown> = {}): Call<T, unknown> {
    return this.#caller.request(name, byName(params), Array.isArray(params) ? params : [params], options as CallOptions<never>) as Call<T, unknown>;
  }

  notify<A extends unknown[]>(event: string | Event<A>, ...args: readonly unknown[]): void {
    if (typeof event !== "string") return this.#caller.note(event.w, this.#slot.check(event), args);
    const params = args[0] ?? [];
    this.#caller.note(event, byName(params), Array.isArray(params) ? params : [params]);
  }

  serve(served: Served): Lasting {
    return served.addTo(this.#slot);
  }

  readonly retryNow = (): void => this.#caller.session.comeback?.retryNow();

  close(): Promise<void> {
    return this.#caller.session.close();
  }

  [dispose](): void {
    void this.close();
  }

  [asyncDispose](): Promise<void> {
    return this.close();
  }

  /** An object with a member for each method: no proxy, which would answer to `then`. */
  #clientOf<M>(methods: { readonly [name: string]: Method }, prefix: string, def?: AnyInterface): Client<M> {
    const client: Record<string, unknown> = {};
    const caller = this.#caller;
    for (const [name, known] of Object.entries(methods)) {
      const method = this.#slot.check(known);
      const wire = prefix + (method.w ?? name);
      const value = (...args: unknown[]): unknown => {
        const options = args[method.n ?? 0] ?? {};
        if (method.k === "note") return caller.note(wire, method, args, def);
        return method.k ? method.k(caller, wire, method, args, options, def) : caller.request(wire, method, args, options, def);
      };
      Object.defineProperty(client, name, { value, enumerable: true });
    }
    return client as Client<M>;
  }
}

/** A call without types: whatever JSON there is, goes and comes. */
function byName(params: readonly unknown[] | object): Method {
  return Array.isArray(params) ? { n: params.length, a: params.map(() => "json" as const) } : { n: 1, o: 1, a: ["json"] };
}
