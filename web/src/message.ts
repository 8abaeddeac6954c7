// The messages of JSON-RPC, and the order in which their members are read fastest.
import type { Exposed } from "./bindings.js";
import type { ErrorObject } from "./errors.js";

/** A message that came: whatever it is, it is an object. */
export interface Message {
  jsonrpc?: unknown;
  id?: unknown;
  method?: unknown;
  params?: unknown;
  result?: unknown;
  error?: unknown;
  ipc?: unknown;
}

/** Where an item is among those of an event. */
export interface Place {
  epoch: number;
  seq: number;
}

/** The `ipc` member of a request. */
export interface RequestExtras {
  timeoutMs?: number | undefined;
  progress?: number | undefined;
  depth?: number | undefined;
  window?: number | undefined;
  subscription?: number | undefined;
  resume?: Place | undefined;
}

// Members that are undefined aren't written.
export const requestMessage = (id: number, method: string, extras: RequestExtras, params: unknown): object => {
  const ipc = Object.values(extras).some((extra) => extra !== undefined) ? extras : undefined;
  return { jsonrpc: "2.0", id, method, ipc, params };
};

export const noteMessage = (method: string, params: unknown): object => ({ jsonrpc: "2.0", method, params });

export const replyMessage = (id: unknown, reply: { result: unknown } | { error: ErrorObject }): object => ({ jsonrpc: "2.0", id, ...reply });

/** The answer to what can't be taken. */
export const refusal = (id: unknown, code: number, message: string, data?: unknown): object =>
  replyMessage(id, { error: { code, message, data } });

/** What a handshake says of an interface. */
export const named = ({ channel, version, fingerprint }: Exposed): Exposed => ({ channel, version, fingerprint });

/** The longest id that is taken, in characters. */
export const MAX_ID = 1024;

/** Whether this can be the id of a request. */
export function isId(id: unknown): boolean {
  return id === null || Number.isFinite(id) || typeof id === "bigint" || (typeof id === "string" && id.length <= MAX_ID);
}

/** A number that came. One that no peer reaches may be written as a longer integer than a number holds. */
export const amount = (value: unknown): number | undefined => (typeof value === "number" || typeof value === "bigint" ? Number(value) : undefined);

/** The members of `params`, or nothing. */
export function members(params: unknown): Record<string, unknown> {
  return params !== null && typeof params === "object" ? (params as Record<string, unknown>) : {};
}
