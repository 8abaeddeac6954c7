// What this side answers, as a connection sees it. Who serves nothing has none of it in a bundle.
import type { Check, Exposed } from "./bindings.js";
import type { Ipc } from "./client.js";
import type { Codec } from "./codec.js";
import type { Lasting } from "./disposable.js";
import type { IpcError } from "./errors.js";
import type { Message } from "./message.js";
import type { Window } from "./outflow.js";

/** So many requests of the peer run at once, and more of calls within calls. */
export const MAX_IN_FLIGHT = 1024;

/** The greatest depth with places of its own. */
export const DEEPEST = 16;

/**
 * How many requests may be in flight, up to those of a depth. Each depth has places of its own, so
 * that handlers that call each other don't wait for each other's.
 */
export const places = (limit: number, depth: number): number => limit + Math.max(1, Math.floor(limit / DEEPEST)) * Math.min(depth, DEEPEST);

/** Sends the reply to a request, or tells that a message has none. Called once. */
export type Reply = (reply?: object, exact?: boolean) => void;

/** Something that this side serves: made by `handler`, `exposed` and `listener`. */
export interface Served {
  /**
   * Begins to serve it, until what this returns is disposed of.
   *
   * @throws Error if a name is taken.
   */
  addTo(slot: AnswersSlot): Lasting;
}

/** Where the first thing that is served puts what answers. */
export interface AnswersSlot {
  answers?: Answers;
  /** Makes the method that is called and served here. */
  readonly check: Check;
}

/** What this side serves, on whatever connection. */
export interface Answers {
  readonly interfaces: Iterable<Exposed>;
  start(carrier: Carrier): Answering;
}

/** What answers on one connection. */
export interface Answering {
  /** A request, also a handshake. */
  request(message: Message, long: boolean, say: Reply): void;
  /** A notification that isn't about calls of this side. */
  note(message: Message, params: Record<string, unknown>, long: boolean): void;
  /** Several messages in one. */
  batch(messages: readonly Message[], long: boolean, take: (message: Message, say: Reply) => void): void;
  /** The connection has ended. */
  end(cause: IpcError): void;
}

/** The connection, as what answers uses it. */
export interface Carrier {
  readonly isJson: boolean;
  readonly codec: Codec;
  /** What a handshake says of this side. */
  hello(): object;
  /** What a handler calls back through: its calls have this depth. */
  peer(depth: number): Ipc;
  /** Something has failed that nobody waits for. */
  failed(error: IpcError): void;
  /** How many items of a stream this side takes ahead. */
  readonly window: number;
  /** How much the peer takes ahead. */
  readonly peerWindow: Window | undefined;
  /**
   * Sends a message, and returns it as it was written.
   *
   * @throws IpcError `tooLarge` for what the peer doesn't take.
   */
  send(message: object, exact: boolean): string | Uint8Array;
  /** Sends a small message of the runtime's own, whatever the peer takes. */
  tell(message: object, exact?: boolean): void;
  /** Sends replies, and smaller ones in their place if the peer doesn't take them. */
  reply(replies: object, exact: boolean): void;
  /** How many bytes wait to be written. */
  buffered(): number;
}
