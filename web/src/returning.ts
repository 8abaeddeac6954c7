// What is said between a session and what brings it back: types alone, so that a page that doesn't
// reconnect has nothing of it in its bundle.
import type { Exchange } from "./exchange.js";
import type { IpcError } from "./errors.js";
import type { Inflow } from "./inflow.js";
import type { Place } from "./message.js";
import type { State } from "./session.js";

/** Makes a client reconnect: what `reconnect` gives, for `connect`. */
export interface Reconnect {
  /** Begins with a session. */
  begin(session: Returning): Comeback;
}

/** A session, as what brings it back sees it. */
export interface Returning {
  /** Whether a connection that is lost may be followed by another one. */
  readonly comesBack: boolean;
  /** Makes an attempt. What becomes of it is told to the `Comeback`. */
  again(): void;
  /** Changes the state, which is told. */
  set(state: State): void;
  /** Ends the session. The backend is told not to wait. */
  close(): Promise<void>;
}

/** What a session asks and tells that may come back. */
export interface Comeback {
  /** Whether there may be another attempt. */
  readonly goesOn: boolean;
  /** Whether calls wait while there is no connection. */
  readonly waits: boolean;
  /** What the first handshake of a connection says. */
  hello(): object;
  /** It was answered: returns whether the backend knows this side from before. */
  greeted(answer: Record<string, unknown>): boolean;
  /** There is a connection. */
  connected(): void;
  /** A connection was lost, and there will be an attempt. */
  lost(cause: IpcError): void;
  /** An attempt has failed. Returns why there is no other one; nothing if there will be one. */
  failed(cause: IpcError): IpcError | undefined;
  /** Tries at once, if there is a pause between two attempts. */
  retryNow(): void;
  /**
   * Waits for the next connection, as long as the call lasts. Nothing if the call doesn't wait.
   *
   * @throws IpcError `notConnected` if too many wait.
   */
  wait(exchange: Exchange | undefined): Promise<void> | undefined;
  /** Makes a call go on over connections, as far as it may: `run` starts it on the next one. */
  follow(exchange: Exchange, run: () => void, hasStreams: boolean): void;
  /** Makes a subscription go on over connections: `open` opens it on the next one. */
  resume(first: Exchange, open: (exchange: Exchange) => void): Going;
  /** The session is over. */
  end(reason: IpcError): void;
}

/** How a subscription goes on when its connection is lost. */
export interface Going {
  /** The item that came last, if a backend can be told which one that is. */
  readonly place: Place | undefined;
  /** Its receiving end, once it was opened: the same one on each connection. */
  inflow: Inflow<unknown> | undefined;
  /** An item came, with these members. */
  came(params: Record<string, unknown>): void;
  /** Its connection was lost. Returns whether it goes on. */
  lost(cause: IpcError): boolean;
}
