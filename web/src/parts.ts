// What a connection does beyond calls, in parts: a page has those that its bindings use.
import type { Connection } from "./connection.js";
import type { IpcError } from "./errors.js";
import type { RequestExtras } from "./message.js";

/** What of one connection is a part's. */
export interface Part {
  /** Takes a notification. Returns whether it is one of this part's. */
  note(name: unknown, params: Record<string, unknown>, long: boolean): boolean;
  /** The connection has ended. */
  end(cause: IpcError): void;
}

/** A part, and what makes it. */
export type PartKind<P extends Part> = new (connection: Connection) => P;

/** What a request opens, whose result isn't that of a call. */
export interface Opening {
  /** The request is about to be sent: what it tells of this. */
  asks(id: number): RequestExtras;
  /** Its result came. */
  answered(result: unknown): void;
  /** The call is settled, and this isn't open. */
  forget(): void;
}
