// From the first attempt to connect to the end: states, handshakes, and which interfaces fit.
import type { AnswersSlot } from "./answers.js";
import { readable, type Exposed, type Interface } from "./bindings.js";
import type { ConnectOptions, Ipc } from "./client.js";
import type { Codec } from "./codec.js";
import { Connection } from "./connection.js";
import { errorObject, guarded, IpcError, received, textOf, thrown, wellFormed } from "./errors.js";
import { MAX_TIMER, type Exchange } from "./exchange.js";
import { MAX_USES, PROTOCOL, type Limits } from "./greeting.js";
import { members, named } from "./message.js";
import { mismatch, VersionMismatchError, type ServedVersion } from "./mismatch.js";
import type { Comeback, Returning } from "./returning.js";
import { Cell } from "./source.js";
import type { Dial, Transport } from "./transport.js";
import { conflicts } from "./version.js";

/** What the backend has said of itself. */
export interface BackendInfo {
  /** The interfaces that it serves. */
  exposes: readonly Exposed[];
}

/** Where the connection is. Each state is an object of its own, the same one until it changes. */
export type State =
  | { readonly status: "connecting" }
  | {
      readonly status: "connected";
      /** Whether the backend knows this side from a connection before: only of a client that reconnects. */
      readonly resumed: boolean;
      readonly backend: BackendInfo;
    }
  | {
      readonly status: "reconnecting";
      /** Which attempt is the next one or is being made, from 1. A connection that doesn't last counts as one. */
      readonly attempt: number;
      /** When the connection was lost, or the first attempt has failed, as of `Date.now()`. */
      readonly since: number;
      /** When the next attempt is made, as of `Date.now()`. It is made now, if that has passed. */
      readonly nextAt: number;
      /** Why the last attempt has failed, or the connection was lost. */
      readonly cause: IpcError;
    }
  | { readonly status: "closed"; readonly reason: IpcError };

/** How a session is made: of what an app says, and of what is made of it. */
export interface SessionOptions extends Pick<ConnectOptions, "name" | "token" | "handshakeTimeout" | "onVersionMismatch" | "reconnect"> {
  dial: Dial;
  codec: Codec;
  slot: AnswersSlot;
  limits: Limits;
  peer(depth: number): Ipc;
  onDropped(channel: string, n: number): void;
  onError(error: IpcError): void;
}

/** How long dialing and the handshake may take together, in milliseconds. */
const HANDSHAKE_TIMEOUT = 10_000;

/** The life of a client. Calls ask it for the connection that there is now. */
export class Session implements Returning {
  readonly state: Cell<State> = new Cell<State>({ status: "connecting" });
  #connection: Connection | undefined;
  /** Settled when the connection is ready; a new one for each attempt. */
  #attempt: Promise<Connection> | undefined;
  /** Of this connection: what became of each interface that was asked for. One that isn't served may be later. */
  #uses = new Map<Interface<never>, true | VersionMismatchError | Promise<void>>();
  /** The interfaces that this side calls: the first handshake asks for all of them. */
  readonly #known = new Set<Interface<never>>();
  /** Those that have fitted, on this connection or one before. */
  readonly #fitted = new Set<Interface<never>>();
  /** Brings the session back, if that was asked for. */
  readonly comeback: Comeback | undefined;
  /** Whether there may be another attempt: there was a connection, or nobody waits for the first one. */
  perseveres = false;
  /** The backend has said that this side mustn't come back. */
  #final: IpcError | undefined;
  /** Settled when it was closed by this side. */
  #closing: Promise<void> | undefined;
  /** Gives the attempt up that is being made. */
  #giveUp = new AbortController();
  /** Settled when the connection of an attempt is closed that failed: only who closes waits for that. */
  #givenUp: Promise<void> | undefined;

  constructor(readonly options: SessionOptions) {
    this.comeback = options.reconnect?.begin(this);
  }

  get comesBack(): boolean {
    return this.perseveres && !this.#final && this.comeback?.goesOn === true;
  }

  /** Connects, if that hasn't begun. */
  connect(): Promise<Connection> {
    return (this.#attempt ??= this.#connect());
  }

  /**
   * The first handshake of each connection will ask for this interface.
   *
   * @throws IpcError for bindings of another form.
   */
  know(def: Interface<never>): void {
    readable(def);
    if (this.#known.size < MAX_USES) this.#known.add(def);
  }

  /**
   * The connection on which this interface can be called: at once if there is one, else when it is
   * there. Without an interface, that for functions by name.
   *
   * @param exchange the call, which may wait for a connection as long as it lasts.
   * @throws IpcError, or rejects with it, if there is none.
   */
  use(def?: Interface<never>, exchange?: Exchange): Connection | Promise<Connection> {
    const connection = this.#connection;
    if (!connection || (connection.isClosing && this.comesBack && (this.comeback?.waits || exchange?.insists))) return this.#whenConnected(def, exchange);
    if (!def) return connection;
    const use = this.#uses.get(def) ?? this.#open(connection, def);
    if (use === true) return connection;
    if (use instanceof IpcError) throw use;
    return use.then(() => connection);
  }

  /** Ends the session: the backend is told not to wait. */
  close(): Promise<void> {
    return (this.#closing ??= this.#close());
  }

  async #close(): Promise<void> {
    const reason = new IpcError("notConnected", "this side has closed the connection");
    this.perseveres = false;
    this.#giveUp.abort(reason);
    const over = this.#connection?.close(reason, true);
    this.#closed(reason);
    await over;
    await this.#attempt?.catch(() => {});
    await this.#givenUp;
  }

  again(): void {
    this.#attempt = this.#connect();
    this.#attempt.catch(() => {});
  }

  set(state: State): void {
    for (const listener of this.state.set(state)) this.#call("a listener of `state`", listener);
  }

  #whenConnected(def: Interface<never> | undefined, exchange: Exchange | undefined): Promise<Connection> {
    const state = this.state.get();
    if (state.status === "closed") throw unavailable(state.reason);
    const first = state.status === "connecting" ? this.connect() : undefined;
    // Who waits for whichever connection comes doesn't hear of this attempt.
    first?.catch(() => {});
    const connected: Promise<unknown> | undefined = this.comeback?.wait(exchange) ?? first;
    if (!connected) throw new IpcError("notConnected", `the connection is lost: ${(state as { cause?: IpcError }).cause?.message}`);
    return connected.then(() => this.use(def, exchange));
  }

  async #connect(): Promise<Connection> {
    const { dial, codec, limits, handshakeTimeout = HANDSHAKE_TIMEOUT } = this.options;
    const state = this.state.get();
    if (state.status === "closed") throw state.reason;
    const giveUp = (this.#giveUp = new AbortController());
    this.#uses = new Map();
    const { signal } = giveUp;
    const timer = setTimeout(() => giveUp.abort(new IpcError("notConnected", `${dial.endpoint}: no answer within ${handshakeTimeout} ms`)), Math.min(handshakeTimeout, MAX_TIMER));
    let connection: Connection | undefined;
    try {
      const dialing = dial.dial(codec.name, signal, limits.maxMessageBytes);
      // Not every carrier looks at the signal: what it has made is closed when it is there.
      const transport = await Promise.race([dialing, aborted(signal)]).catch((error: unknown) => {
        dialing.then((late) => late.close(), () => {});
        throw error;
      });
      connection = this.#over(transport);
      const greeted = await Promise.race([this.#greet(connection), aborted(signal)]);
      // What the app has done meanwhile may have given it up.
      signal.throwIfAborted();
      if (connection.end) throw connection.end;
      this.#connection = connection;
      this.perseveres = true;
      this.comeback?.connected();
      this.set({ status: "connected", ...greeted });
      return connection;
    } catch (error) {
      const cause = error instanceof IpcError ? error : new IpcError("notConnected", `${dial.endpoint}: ${textOf(error)}`, { cause: error });
      const isOver = this.#failed(cause);
      this.#givenUp = connection?.close(cause, isOver);
      throw cause;
    } finally {
      clearTimeout(timer);
    }
  }

  /** An attempt has failed. Returns whether it was the last one. */
  #failed(cause: IpcError): boolean {
    const reason = this.#final ?? (this.perseveres && this.comeback ? this.comeback.failed(cause) : cause);
    if (reason) this.#closed(reason);
    return reason !== undefined;
  }

  #over(transport: Transport): Connection {
    const connection = new Connection(transport, {
      ...this.options,
      onClosing: (reason, isFinal) => {
        if (isFinal) this.#final = new IpcError("closing", reason);
      },
      onEnd: (cause) => this.#lost(connection, this.#final ?? cause),
    });
    return connection;
  }

  /** The first handshake: it shows the token, and asks for all interfaces that are known. */
  async #greet(connection: Connection): Promise<{ backend: BackendInfo; resumed: boolean }> {
    const { name: client, token } = this.options;
    // Who isn't let in anyway is told at once, however long the token takes.
    const secret = typeof token === "function" ? await Promise.race([asked(token), connection.whenClosed]) : token;
    if (connection.end) throw connection.end;
    const uses = [...this.#known];
    // What is undefined isn't sent.
    const answer = await this.#handshake(connection, uses, { client: client && wellFormed(client), token: secret, ...this.comeback?.hello() });
    const resumed = this.comeback?.greeted(answer) ?? false;
    this.#judge(uses, answer);
    return { backend: { exposes: Array.isArray(answer["exposes"]) ? (answer["exposes"] as Exposed[]) : [] }, resumed };
  }

  async #handshake(connection: Connection, uses: Interface<never>[], more: object): Promise<Record<string, unknown>> {
    const params = { ...connection.greeting.hello(), uses: uses.map(named), ...more };
    let answer: Record<string, unknown>;
    try {
      answer = members(await connection.control("rpc.handshake", params, this.options.handshakeTimeout ?? HANDSHAKE_TIMEOUT));
    } catch (error) {
      // The peer's own reason is nearer than that the handshake failed by it.
      const { cause } = error as IpcError;
      throw cause instanceof IpcError ? cause : error;
    }
    if (answer["protocol"] !== PROTOCOL) {
      throw new IpcError("versionMismatch", `the backend speaks protocol ${String(answer["protocol"])}, this package ${PROTOCOL}: update the older side`);
    }
    connection.greeted(answer);
    return answer;
  }

  /**
   * Notes which interfaces fit, and returns the errors of the others.
   *
   * @throws VersionMismatchError for one that has fitted before.
   */
  #judge(uses: Interface<never>[], answer: Record<string, unknown>): (IpcError | undefined)[] {
    const told = Array.isArray(answer["uses"]) ? (answer["uses"] as unknown[]) : [];
    let changed: IpcError | undefined;
    const errors = uses.map((def, at) => {
      const error = this.#unfit(def, members(told[at]));
      if (!error) {
        this.#uses.set(def, true);
        this.#fitted.add(def);
      } else if (error instanceof VersionMismatchError) {
        this.#uses.set(def, error);
        if (this.#fitted.has(def)) changed ??= error;
        this.#call("`onVersionMismatch`", () => this.options.onVersionMismatch?.(error.mismatch));
      }
      return error;
    });
    if (changed) throw changed;
    return errors;
  }

  #unfit(def: Interface<never>, answer: Record<string, unknown>): IpcError | undefined {
    if (answer["error"]) {
      const error = errorObject(answer["error"]);
      const served = members(error.data);
      if (error.code !== -32003 || typeof served["version"] !== "string") return received(error);
      return mismatch(def, served as unknown as ServedVersion, error);
    }
    const { version, fingerprint } = answer;
    if (typeof version !== "string" || typeof fingerprint !== "string") {
      return new IpcError("protocol", `${def.channel}: the backend's answer to the handshake doesn't tell its version`);
    }
    // The backend has judged by the rule for versions. What it doesn't know is this side's wish.
    const isOther = def.exact === 1 && version !== def.version;
    const isAnother = version === def.version && conflicts(fingerprint, def.fingerprint);
    return isOther || isAnother ? mismatch(def, { version, fingerprint }) : undefined;
  }

  /** Asks for one more interface. */
  #open(connection: Connection, def: Interface<never>): Promise<void> {
    const uses = this.#uses;
    const opening = (async () => {
      try {
        const answer = await this.#handshake(connection, [def], {});
        const [error] = this.#judge([def], answer);
        if (error) throw error;
      } catch (error) {
        // Another call may have more luck.
        if (!(error instanceof VersionMismatchError)) uses.delete(def);
        throw error;
      }
    })();
    this.#uses.set(def, opening);
    return opening;
  }

  /** The connection has ended. */
  #lost(connection: Connection, cause: IpcError): void {
    if (this.#connection !== connection) return;
    const { comesBack } = this;
    this.#forget();
    if (comesBack) this.comeback?.lost(cause);
    else this.#closed(cause);
  }

  #forget(): void {
    this.#connection = undefined;
    this.#uses = new Map();
  }

  #closed(reason: IpcError): void {
    if (this.state.get().status === "closed") return;
    this.#forget();
    this.comeback?.end(unavailable(reason));
    this.set({ status: "closed", reason });
  }

  /** Calls a function of the app's: the connection doesn't depend on what it does. */
  #call(what: string, call: () => unknown): void {
    void guarded(call, (cause) => this.options.onError(thrown(what, cause)));
  }
}

/** The error where there is no connection any more: that versions don't fit says more than that. */
function unavailable(reason: IpcError): IpcError {
  return reason.kind === "versionMismatch" ? reason : new IpcError("notConnected", reason.message, { cause: reason });
}

/** What the app's function gives: that it fails says nothing of the backend. */
async function asked(token: () => string | Promise<string>): Promise<string> {
  try {
    return await token();
  } catch (cause) {
    throw new IpcError("unauthorized", `there is no token: ${textOf(cause)}`, { cause });
  }
}

function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    const abort = (): void => reject(signal.reason);
    if (signal.aborted) abort();
    else signal.addEventListener("abort", abort);
  });
}
