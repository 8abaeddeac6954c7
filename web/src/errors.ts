// What a call fails with. Errors are told apart by `kind`, not by `instanceof`: two copies of this
// package in one bundle mustn't matter.

/**
 * What happened:
 *
 * - `disconnected`: the connection ended. `mayHaveRun` says whether the request had left.
 * - `notConnected`: there is no connection. Nothing was sent.
 * - `deadline`: there was no answer in time. The other side was asked to stop.
 * - `cancelled`: the signal was aborted, or the other side cancelled the call.
 * - `versionMismatch`: the two sides have different interfaces (see {@link VersionMismatchError}).
 * - `notFound`: the other side has no such channel, method or function.
 * - `invalidArguments`: an argument can't be sent, or the other side didn't take it.
 * - `unauthorized`: the token is missing or wrong, or a middleware refused. The method did not run.
 * - `tooLarge`: the request or its reply is larger than the other side's limit, or ours.
 * - `limit`: a limit of the other side is reached, such as that of requests in flight, or ours of those
 *   that wait.
 * - `closing`: the other side is closing. The method did not run.
 * - `handlerFailed`: the handler panicked or threw, or its result can't be sent.
 * - `missed`: items of a subscription are missing, and nobody asked to go on (`onMissed`).
 * - `inexact`: a value came that its type here can't hold.
 * - `protocol`: the other side doesn't follow the protocol.
 * - `remote`: another error of the other side; `code` has its number.
 */
export type IpcErrorKind =
  | "disconnected"
  | "notConnected"
  | "deadline"
  | "cancelled"
  | "versionMismatch"
  | "notFound"
  | "invalidArguments"
  | "unauthorized"
  | "tooLarge"
  | "limit"
  | "closing"
  | "handlerFailed"
  | "missed"
  | "inexact"
  | "protocol"
  | "remote";

/** A text without halves of characters, which no other language takes. */
export const wellFormed = (text: string): string => text.replace(/\p{Surrogate}/gu, "\ufffd");

/** So much of a text is kept that others have written. */
const MAX_TEXT = 1024;

/** The text of whatever was thrown. */
export function textOf(error: unknown): string {
  try {
    const text = String(error instanceof Error ? error.message : error);
    return wellFormed(text.length <= MAX_TEXT ? text : `${text.slice(0, MAX_TEXT)}…`);
  } catch {
    return "something without a text was thrown";
  }
}

/** The error of a call, which names its method. */
export const failure = (kind: IpcErrorKind, method: string, why: unknown, details: IpcErrorDetails = {}): IpcError =>
  new IpcError(kind, `${method}: ${textOf(why)}`, { ...details, method });

/** What is known of an error beside its text. */
export interface IpcErrorDetails {
  /** The code of JSON-RPC, if the other side sent the error. */
  code?: number;
  /** The data that came with it. */
  data?: unknown;
  /** The method or function, as it is on the wire. */
  method?: string;
  /** Whether the request may have run: it had left when the connection ended. */
  mayHaveRun?: boolean;
  /** What caused it: of `cancelled`, the reason of the signal. */
  cause?: unknown;
}

/** A call that failed otherwise than by the method's own error. */
export class IpcError extends Error {
  override readonly name: string = "IpcError";
  declare readonly code: number | undefined;
  declare readonly data: unknown;
  /** The method or function, as it is on the wire. */
  declare readonly method: string | undefined;
  /** Whether the request may have run. It is true only if it had been sent when the connection ended. */
  declare readonly mayHaveRun: boolean;

  constructor(
    readonly kind: IpcErrorKind,
    message: string,
    { cause, ...details }: IpcErrorDetails = {},
  ) {
    super(message, cause === undefined ? undefined : { cause });
    Object.assign(this, { mayHaveRun: false }, details);
  }
}

/** An error with something more to it: the first one may be that of other calls too. */
export function derived<E extends IpcError>(error: E, more: Partial<IpcErrorDetails>): E {
  const own = Object.create(Object.getPrototypeOf(error) as object, Object.getOwnPropertyDescriptors(error)) as E;
  return Object.assign(own, more);
}

/** A method's own error: what its `Err` held. */
export class MethodError<E> extends Error {
  override readonly name: string = "MethodError";
  readonly kind = "method" as const;

  constructor(
    /** The error, as the bindings type it. */
    readonly data: E,
    message: string,
    /** The method, as it is on the wire. */
    readonly method: string = "",
  ) {
    super(message);
  }
}

/** What a call may fail with: never a `MethodError` if the method can't fail by itself. */
export type Failure<E> = ([E] extends [never] ? never : MethodError<E>) | IpcError;

/** An error as it travels. */
export interface ErrorObject {
  code: number;
  message: string;
  data?: unknown;
}

/** The code of a method's own error. */
export const METHOD_ERROR = 1;
/** The code of a request that was cancelled. */
export const CANCELLED = -32800;

const KINDS: { readonly [code: number]: IpcErrorKind } = {
  [-32601]: "notFound",
  [-32602]: "invalidArguments",
  [-32603]: "handlerFailed",
  [CANCELLED]: "cancelled",
  [-32700]: "protocol",
  [-32600]: "protocol",
  [-32001]: "unauthorized",
  [-32002]: "protocol",
  [-32003]: "versionMismatch",
  [-32005]: "closing",
  [-32007]: "tooLarge",
  [-32008]: "tooLarge",
  [-32009]: "limit",
};

/** Makes an error object that came an error. */
export function received(error: ErrorObject, method?: string): IpcError {
  const { code, message, data } = error;
  return new IpcError(KINDS[code] ?? "remote", message, { code, data, ...(method === undefined ? {} : { method }) });
}

/** Reads an error object that came; a wrong one is an error too. */
export function errorObject(value: unknown): ErrorObject {
  const { code, message, data } = (value ?? {}) as Partial<ErrorObject>;
  return {
    code: typeof code === "number" ? code : -32600,
    message: typeof message === "string" ? message : "the other side sent an error without a message",
    data,
  };
}

/** The error that a function of the app's has thrown where nobody waits for it. */
export const thrown = (what: string, cause: unknown): IpcError => new IpcError("handlerFailed", `${what} failed: ${textOf(cause)}`, { cause });

/** Calls a function of the app's, which may be async. What it throws is told, and nothing else fails by it. */
export async function guarded(call: () => unknown, tell: (cause: unknown) => void): Promise<void> {
  try {
    await call();
  } catch (cause) {
    tell(cause);
  }
}

/** Shows an error where there is no connection whose app could be told: as an uncaught one. */
export function report(error: unknown): void {
  if (typeof reportError === "function") reportError(error);
  else {
    queueMicrotask(() => {
      throw error;
    });
  }
}
