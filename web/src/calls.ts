/// <reference lib="esnext.disposable" preserve="true" />
// The types of calls, made of those in the bindings.
import type { Note, Request, Subscribe } from "./bindings.js";
import type { Ipc } from "./client.js";
import type { Failure, MethodError } from "./errors.js";

/** Options of a call: its last argument. */
export interface CallOptions<P = never> {
  /** Cancels the call: the promise rejects at once with `cancelled`, and the handler is stopped. */
  signal?: AbortSignal | undefined;
  /** The deadline in milliseconds; `null` for none. Default: the method's own, or that of `connect`. */
  timeout?: number | null | undefined;
  /** Called with each report of progress, until the call ends. */
  onProgress?: ((progress: P) => void) | undefined;
}

/** Options of a subscription: the last argument. */
export interface SubscribeOptions {
  /** Unsubscribes: a loop over the items fails with `cancelled`. */
  signal?: AbortSignal | undefined;
  /** How many items may be sent ahead, at least 1. It narrows the window of `connect`. */
  window?: number | undefined;
  /**
   * Called where items are missing, in order with the others; the loop then goes on. Without it, the
   * loop fails with `missed`.
   */
  onMissed?: ((missed: Missed) => void) | undefined;
  /**
   * Of a client that reconnects: whether the subscription ends with its connection, with
   * `disconnected`, instead of being opened again. Default: `false`.
   */
  endsWithConnection?: boolean | undefined;
}

/** Items that never come: so many, or nobody knows how many. */
export type Missed = { kind: "lagged"; count: number } | { kind: "gap" };

/** How a call ended. */
export type Outcome<T, E> = { ok: true; value: T } | { ok: false; error: Failure<E> };

/** A call that runs. */
export interface Call<T, E> extends Promise<T> {
  /** How the call ends, with its typed error. This promise never rejects. */
  result(): Promise<Outcome<T, E>>;
}

/**
 * An open subscription. `break`, `return()`, `close()` and `using` unsubscribe. There is one reader:
 * a second iterator shares the items.
 */
export interface Subscription<T> extends AsyncIterableIterator<T>, Disposable, AsyncDisposable {
  next(): Promise<IteratorResult<T, undefined>>;
  return(): Promise<IteratorResult<T, undefined>>;
  /** Unsubscribes. What waits to be read is dropped, and a loop ends without an error. */
  close(): void;
  [Symbol.asyncIterator](): Subscription<T>;
  [Symbol.asyncDispose](): Promise<void>;
}

/** A subscription that is being opened: await it, or loop over it. */
export interface Subscribing<T, E> extends Promise<Subscription<T>>, AsyncIterable<T> {
  /** How opening ends, with its typed error. This promise never rejects. */
  result(): Promise<Outcome<Subscription<T>, E>>;
}

/** The client's method of one of the bindings. */
export type ClientMethod<D> =
  D extends Request<infer A, infer T, infer E, infer P> ? (...args: [...A, options?: CallOptions<P>]) => Call<T, E>
  : D extends Subscribe<infer A, infer T, infer E, unknown> ? (...args: [...A, options?: SubscribeOptions]) => Subscribing<T, E>
  : D extends Note<infer A> ? (...args: A) => void
  : never;

/**
 * Calls an interface. A notification throws if its arguments can't be sent or the connection has
 * ended; nobody answers it.
 */
export type Client<M> = { readonly [K in keyof M]: ClientMethod<M[K]> };

/** What a handler knows of its call. */
export interface CallContext<P = never, E = unknown> {
  /** Aborted when the caller gives up or the connection ends. */
  readonly signal: AbortSignal;
  /** Reports progress, if the caller wants to hear of it. */
  progress(progress: P): void;
  /** The method's own error, to be thrown. Any other error reaches the caller without its text. */
  fail(data: E, text?: string): MethodError<E>;
  /** The connection that the call came through. */
  readonly peer: Ipc;
}

/** The handler of one of the bindings' methods. */
export type HandlerMethod<D> =
  D extends Request<infer A, infer T, infer E, infer P> ? (...args: [...Received<A>, call: CallContext<P, E>]) => T | Promise<T>
  : D extends Subscribe<infer A, infer T, infer E, unknown> ?
    (...args: [...Received<A>, call: CallContext<never, E>]) => AsyncIterable<T> | Promise<AsyncIterable<T>>
  : D extends Note<infer A> ? (...args: [...Received<A>, call: CallContext]) => void | Promise<void>
  : never;

/** A handler gets every argument: one that the caller left out is `undefined`. */
type Received<A extends unknown[]> = { [I in keyof A]-?: A[I] extends AsyncIterable<infer T> | Iterable<infer T> | ReadableStream<infer T> ? StreamOr<A[I], T> : undefined extends A[I] ? A[I] | undefined : A[I] };

/** An argument that accepts a `ReadableStream` is a stream: a handler reads it. A list isn't one. */
type StreamOr<A, T> = ReadableStream<T> extends A ? AsyncIterable<T> : A;

/** Implements an interface. */
export type Handler<M> = { [K in keyof M]: HandlerMethod<M[K]> };
