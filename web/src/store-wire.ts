// @generated from the Rust interfaces. Renew it: IPC_BINDINGS=write cargo test bindings
import * as $ from "./index.js";

/** Which values are meant. */
export type Which =
  /** The values that all windows share. */
  | "shared"
  /** The values of the calling window. */
  | "own";

/** A value with its revision. It is a struct because the value may be null. */
export interface Stored {
  value: unknown;
  revision: Revision;
}

/**
 * The number of a write in its scope, counted from 1. Each write has its own number, and later
 * writes have larger numbers. It stays below 2^53, so that JavaScript can hold it.
 *
 * Zero is the revision of a scope that was never written to.
 */
export type Revision = number;

/** Why a read or a write of a store failed. A write that fails changes nothing. */
export type StoreError =
  /** Somebody else has written the key since the revision that the caller expected. */
  | { Conflict: { /** The key. */ key: string; /** The revision that was expected; `None`: no value. */ expected: Revision | null; /** The revision of the key's current value; `None`: it has none. */ current: Revision | null; /** The newest revision of the scope, of any key. */ latest: Revision } }
  /** The scope would hold more than its limit. */
  | { Full: { /** The key. */ key: string; /** The limit of the scope, in bytes. */ limit: number; /** What the scope would hold, in bytes. */ needed: number } }
  /** The key's name is too long. */
  | { KeyTooLong: { /** The first 32 characters of the key. */ key: string; /** The length of the key, in bytes. */ length: number; /** The limit of a key's length, in bytes. */ limit: number } }
  /**
   * The value can't be stored: its `Serialize` fails, it holds a NaN or an infinity, it is
   * nested too deep, or the name of a member is one of serde_json's own
   * (`$serde_json::private::…`).
   */
  | { Encode: { /** The key. */ key: string; /** What is wrong with the value. */ message: string } }
  /** The stored value isn't of the key's type. The error doesn't show the value. */
  | { Decode: { /** The key. */ key: string; /** The name of the type, and what it expects. */ message: string } }
  /**
   * There is a value, but it is larger than the messages that this side accepts
   * ([`Limits::max_message_bytes`](crate::Limits::max_message_bytes)), so it wasn't sent here.
   */
  | { TooLarge: { /** The key. */ key: string; /** The value's size, in bytes. */ size: number; /** The largest message that this side accepts, in bytes. */ limit: number } }
  /** The scope belonged to a window that is gone. */
  | { Gone: { /** The key. */ key: string } }
  /** An error of a newer backend, which this side doesn't know. It is kept as it was received. */
  | $.JsonValue;

/** The result of a removal. */
export interface Removal {
  /** The removal's revision; `None`: there was nothing to remove. */
  revision: Revision | null;
  /** The newest revision of the scope. */
  latest: Revision;
}

/** How much of a scope a reader has seen. */
export interface Seen {
  /** Identifies the scope in one run of its backend. */
  epoch: number;
  /** Everything up to this revision was seen. */
  revision: Revision;
}

/**
 * A part of what one look found. The parts up to the one that is `complete` belong together: the
 * last entry of each key in them is its state at the `revision` of the complete part. they say of
 * each key last was true at once, at that one's `revision`.
 */
export interface LookPart {
  epoch: number;
  /** The entries of this look are everything: a key that isn't among them has no value. */
  reset: boolean;
  /** The look begins again: its earlier parts are void. */
  restart: boolean;
  /** In the order of their revisions. */
  entries: KeyUpdate[];
  revision: Revision;
  complete: boolean;
}

/** The new state of a key. */
export type KeyUpdate =
  /** The key has this value, which may be null. */
  | { set: { key: string; value: unknown; revision: Revision } }
  /** The key has no value. */
  | { removed: { key: string; revision: Revision } }
  /** The key has a value that is too large for the reader's messages. */
  | { tooLarge: { key: string; size: number; limit: number; revision: Revision } };

/** A store. Each method works on one scope: without `scope`, the shared one. */
export interface WireMethods {
  /** Returns the value of a key. */
  get: $.Request<[key: string, scope?: Which | null], Stored | null>;
  /** Writes a value and returns the write's revision. */
  set: $.Request<[key: string, value: unknown, scope?: Which | null], Revision, StoreError>;
  /**
   * Writes a value if the key's current value has this revision; null means that there must be
   * no value.
   */
  compareAndSet: $.Request<[key: string, expected: Revision | null, value: unknown, scope?: Which | null], Revision, StoreError>;
  /** Removes a key's value. */
  remove: $.Request<[key: string, scope?: Which | null], Removal, StoreError>;
  /** Sends everything, then what changes. With `since`, it begins with what is newer than that. */
  watch: $.Subscribe<[scope?: Which | null, since?: Seen | null], LookPart>;
}

const $revision: $.Plan = "int";
const $stored: $.Plan = { s: { value: "json", revision: $revision } };
const $storeError: $.Plan = { u: "json", s: { Conflict: { s: { expected: $revision, current: $revision, latest: $revision } }, Full: { s: { limit: "int", needed: "int" } }, KeyTooLong: { s: { length: "int", limit: "int" } }, TooLarge: { s: { size: "int", limit: "int" } } } };
const $removal: $.Plan = { s: { revision: $revision, latest: $revision } };
const $seen: $.Plan = { s: { epoch: "int", revision: $revision } };
const $keyUpdate: $.Plan = { s: { set: { s: { value: "json", revision: $revision } }, removed: { s: { revision: $revision } }, tooLarge: { s: { size: "int", limit: "int", revision: $revision } } } };
const $lookPart: $.Plan = { s: { epoch: "int", entries: { a: $keyUpdate }, revision: $revision } };

export const Wire: $.Interface<WireMethods> = {
  channel: "ipc.store", version: "1.0.0", fingerprint: "2:de91540eb2958f86", format: 1,
  methods: {
    get: { n: 2, r: $stored, f: "79552b79faf81381" },
    set: { n: 3, a: [0, "json"], r: $revision, e: $storeError, f: "a2986cde7a0c8061" },
    compareAndSet: { n: 4, a: [0, $revision, "json"], r: $revision, e: $storeError, f: "ab5dfa3b56b7f682" },
    remove: { n: 2, r: $removal, e: $storeError, f: "f01d4cc115999a25" },
    watch: { n: 2, k: $.subscribing, a: [0, $seen], r: $lookPart, f: "06493a1c63921ea8" },
  },
};
