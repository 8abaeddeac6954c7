// @generated from the Rust interfaces. Renew it: IPC_BINDINGS=write cargo test bindings
import type * as $ from "ipc-runtime";

/** A scope at one revision. */
export interface Held {
  /** The newest write. */
  revision: number;
  /** The values, by their keys. */
  values: HeldValue[];
}

/** A value of a scope. */
export interface HeldValue {
  /** Its key. */
  key: string;
  /** The value. */
  value: $.JsonValue;
  /** The write that set it. */
  revision: number;
}

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

/**
 * The number of a write in its scope, counted from 1. Each write has its own number, and later
 * writes have larger numbers. It stays below 2^53, so that JavaScript can hold it.
 *
 * Zero is the revision of a scope that was never written to.
 */
export type Revision = number;

/** What the backend does with its store. */
export interface SettingsApiMethods {
  /** The shared values. */
  held: $.Request<[], Held>;
  /** Those of the caller alone. */
  heldOwn: $.Request<[], Held>;
  /** Writes the caller's own `count`. */
  setOwn: $.Request<[count: number], number, StoreError>;
  /** Writes to 13 keys in turn, and removes each third again. */
  churn: $.Request<[rounds: number], null, StoreError>;
  /** Counts `count` up by compare-and-set. */
  countUp: $.Request<[times: number], null, StoreError>;
  /** Writes `count` so many times, in one go. */
  burst: $.Request<[times: number], number, StoreError>;
  /** Writes `theme` and `count` as one. */
  both: $.Request<[theme: string, count: number], number, StoreError>;
  /** Writes a key that isn't among the constants. */
  put: $.Request<[key: string, value: $.JsonValue], number, StoreError>;
  /** Reads each value by its type, and writes it again. Returns how many there are. */
  rewrite: $.Request<[], number, StoreError>;
  /** How many replicas there are of the shared values. */
  listeners: $.Request<[], number>;
  /** Serves the store no more. */
  withdraw: $.Request<[], null>;
}

const $heldValue: $.Plan = { s: { value: "json", revision: "int" } };
const $held: $.Plan = { s: { revision: "int", values: { a: $heldValue } } };
const $revision: $.Plan = "int";
const $storeError: $.Plan = { u: "json", s: { Conflict: { s: { expected: $revision, current: $revision, latest: $revision } }, Full: { s: { limit: "int", needed: "int" } }, KeyTooLong: { s: { length: "int", limit: "int" } }, TooLarge: { s: { size: "int", limit: "int" } } } };

export const SettingsApi: $.Interface<SettingsApiMethods> = {
  channel: "test.settings", version: "1.0.0", fingerprint: "2:da601d7458665f4f", format: 1,
  methods: {
    held: { r: $held, f: "50a9114faf91f833" },
    heldOwn: { r: $held, f: "cc02dd71fe604396" },
    setOwn: { n: 1, a: ["int"], r: "int", e: $storeError, f: "398ba4084843d05e" },
    churn: { n: 1, e: $storeError, f: "4390ca74c20090ea" },
    countUp: { n: 1, e: $storeError, f: "4fbc991261a85f91" },
    burst: { n: 1, r: "int", e: $storeError, f: "dbbe7a0c1436395f" },
    both: { n: 2, a: [0, "int"], r: "int", e: $storeError, f: "9ecfc29b158b5eb9" },
    put: { n: 2, a: [0, "json"], r: "int", e: $storeError, f: "84316e1f3be301c4" },
    rewrite: { e: $storeError, f: "50d60d8c869cfa13" },
    listeners: { f: "06a847708db7f5a1" },
    withdraw: { f: "b62909ddb2a03ba9" },
  },
};

export const Theme: $.StoreKey<string> = { key: "theme" };

export const Count: $.StoreKey<number> = { key: "count", p: "int" };

export const Nothing: $.StoreKey<number | null> = { key: "nothing" };

export const Any: $.StoreKey<$.JsonValue> = { key: "any", p: "json" };

export const Ratio: $.StoreKey<number> = { key: "ratio", p: "float" };

export const Wide: $.StoreKey<bigint> = { key: "wide", p: "u128" };

export const Blob: $.StoreKey<$.Bytes> = { key: "blob", p: "bytes" };

export const Sizes: $.StoreKey<{ [key: string]: number }> = { key: "sizes", p: { m: "int" } };

export const Pair: $.StoreKey<[number, $.Bytes]> = { key: "pair", p: { t: ["int", "bytes"] } };

/** A value with one of everything in it. */
export interface Layout {
  /** It may be larger than what a number can hold. */
  id: bigint;
  /** The same. */
  serial: string;
  /** The same, in more bits. */
  widest: bigint;
  /** Its parts. */
  panes: Pane[];
}

/** A part of a layout. */
export type Pane =
  /** Bytes. */
  | { kind: "picture"; /** The bytes. */ data: $.Bytes; /** How large it is shown. */ scale: number }
  /** More of them. */
  | { kind: "split"; /** The parts. */ panes: Pane[] }
  /** None. */
  | { kind: "empty" };

const $pane: $.Plan = { i: "kind", v: { picture: { s: { data: "bytes", scale: "float" } }, split: { s: { panes: { a: () => $pane } } } } };
const $layout: $.Plan = { s: { id: "big", serial: "str", widest: "i128", panes: { a: $pane } } };

export const Layout: $.StoreKey<Layout> = { key: "layout", p: $layout };
