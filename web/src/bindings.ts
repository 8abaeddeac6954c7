// What a file of generated bindings is made of. PLANS.md describes it.
import { IpcError } from "./errors.js";
import type { Plan } from "./plan.js";
import type { Kind } from "./subscriptions.js";
import type { Upload } from "./uploads.js";

/** `Bytes` of Rust. */
export type Bytes = Uint8Array;

/** A request: its arguments, its result, its own error, its reports of progress. */
export interface Request<A extends unknown[], T, E = never, P = never> {
  readonly kind: "call";
  readonly a: A;
  readonly t: T;
  readonly e: E;
  readonly p: P;
}

/** A notification: its arguments. */
export interface Note<A extends unknown[]> {
  readonly kind: "note";
  readonly a: A;
}

/** A subscription: its arguments, its items, the error of opening it, the error that ends it. */
export interface Subscribe<A extends unknown[], T, E = never, X = never> {
  readonly kind: "sub";
  readonly a: A;
  readonly t: T;
  readonly e: E;
  readonly x: X;
}

/** A stream argument: it is read as the other side takes its items. */
export type StreamIn<T> = AsyncIterable<T> | Iterable<T> | ReadableStream<T>;

/** An interface as a handshake names it. */
export interface Exposed {
  readonly channel: string;
  readonly version: string;
  readonly fingerprint: string;
}

/** How a method travels. */
export interface Method {
  /** How many arguments there are. */
  readonly n?: number;
  /** A notification or a subscription; a request if it is left out. */
  readonly k?: "note" | Kind;
  /** There are streams among the arguments: what sends them. */
  readonly up?: Upload;
  /** The name on the wire, if it is another one. */
  readonly w?: string;
  /** Names that it had before: a handler is called by these too. */
  readonly was?: readonly string[];
  /** The one argument is `params` itself: of functions by name. */
  readonly o?: 1;
  /** The deadline in milliseconds, `null` for none. */
  readonly ms?: number | null;
  /** It may run twice. */
  readonly retry?: 1;
  /** It isn't cancelled when its call is given up. */
  readonly keep?: 1;
  /** The plans of the arguments. */
  readonly a?: readonly (Plan | 0)[];
  /** The plan of the result or of each item. */
  readonly r?: Plan;
  /** The plan of the error. */
  readonly e?: Plan;
  /** The plan of a report of progress. */
  readonly p?: Plan;
  /** The plan of the error that ends a subscription. */
  readonly x?: Plan;
  /** The fingerprint. */
  readonly f?: string;
}

/** Makes a method look at its values too: `check` of `ipc-runtime/check` does. */
export type Check = (method: Method) => Method;

/** An interface, as generated. */
export interface Interface<M> {
  readonly channel: string;
  readonly version: string;
  readonly fingerprint: string;
  /** The form of this constant: see PLANS.md. */
  readonly format: number;
  /** The served version must be the same. */
  readonly exact?: 1;
  readonly methods: { readonly [K in keyof M]: Method };
}

/** Functions by name, as generated. */
export interface Functions<M> {
  readonly format: number;
  readonly methods: { readonly [K in keyof M]: Method };
}

/** A notification by name. */
export interface Event<A extends unknown[]> extends Method {
  readonly w: string;
  /** There is none: it carries the type of the arguments. */
  readonly arguments?: A;
}

/** Notifications by name, as generated. */
export type Events<M extends { [K in keyof M]: unknown[] }> = { readonly [K in keyof M]: Event<M[K]> };

/** A key of the shared store, and the type of its values. */
export interface StoreKey<T> {
  readonly key: string;
  readonly p?: Plan;
  /** There is none: it carries the type of the values. */
  readonly value?: T;
}

/** The form of bindings that this package reads. */
const FORMAT = 1;

/**
 * Looks whether bindings can be read.
 *
 * @throws IpcError `versionMismatch` for those of another form.
 */
export function readable({ format, channel = "functions" }: { format: number; channel?: string }): void {
  if (format === FORMAT) return;
  const text = `${channel}: the bindings have form ${format}, this version of the package ipc-runtime reads form ${FORMAT}. Update the older of the two`;
  throw new IpcError("versionMismatch", text);
}
