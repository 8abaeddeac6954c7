// @generated from the Rust interfaces. Renew it: IPC_BINDINGS=write cargo test bindings
import * as $ from "ipc-runtime";

/** What is found. */
export interface Entry {
  /** Its name. */
  name: string;
  /** In bytes. */
  size: bigint;
  /** It may be larger than what a number can hold. */
  inode: bigint;
  /** Bytes, if there are any. */
  head: $.Bytes | null;
}

/** What can go wrong. */
export type Failure =
  /** There is nothing of that name. */
  | { NotFound: string }
  /** It has too much of something. */
  | { TooLarge: { /** What it is. */ path: string; /** How much it may have. */ limit: bigint } }
  /** Another time. */
  | "Busy";

/** How far it is. */
export interface Indexed {
  /** So many files. */
  files: bigint;
}

/** Every kind of method. */
export interface EverythingApiMethods {
  /** Fails for `none`, `large` and `busy`. */
  find: $.Request<[name: string], Entry[], Failure>;
  /** The same. */
  integer: $.Request<[value: bigint], bigint>;
  /** The same. */
  widest: $.Request<[value: bigint], bigint>;
  /** The same. */
  float: $.Request<[value: number], number>;
  /** The same. */
  bytes: $.Request<[value: $.Bytes], $.Bytes>;
  /** The same. */
  any: $.Request<[value: $.JsonValue], $.JsonValue>;
  /** The same. */
  map: $.Request<[value: { [key: string]: bigint }], { [key: string]: bigint }>;
  /** Whether there is an argument. */
  optional: $.Request<[value?: number | null], boolean>;
  /** Never returns. */
  wait: $.Request<[], null>;
  /** How many handlers and streams were dropped before their end. */
  dropped: $.Request<[], number>;
  /** Reports each. */
  index: $.Request<[dirs: string[]], bigint, never, Indexed>;
  /** Reads up to so many chunks, and returns their sizes. */
  store: $.Request<[most: number, chunks: $.StreamIn<$.Bytes>], number[], Failure>;
  /** Counts down. */
  countdown: $.Subscribe<[from: bigint], bigint, string>;
  /** Gives one, then ends by an error. */
  measure: $.Subscribe<[], bigint, never, Failure>;
  /** Gives items as fast as they are taken. */
  endless: $.Subscribe<[], number>;
  /** How many items of `endless` were made. */
  produced: $.Request<[], number>;
  /** What is fired, of which only the newest few wait. */
  fired: $.Subscribe<[], number>;
  /** Fires so many. */
  fire: $.Request<[count: number], null>;
  /** Is kept. */
  log: $.Note<[line: string]>;
  /** What was kept. */
  logged: $.Request<[], string[]>;
  /** Calls the caller's window. */
  show: $.Request<[text: string], number, string>;
  /** Subscribes to the caller's window, and adds what comes. */
  sumTicks: $.Request<[count: number], bigint, string>;
  /** Uploads to the caller's window. */
  upload: $.Request<[count: number], number, string>;
}

const $entry: $.Plan = { s: { size: "big", inode: "big", head: "bytes" } };
const $failure: $.Plan = { s: { TooLarge: { s: { limit: "big" } } } };
const $indexed: $.Plan = { s: { files: "big" } };

export const EverythingApi: $.Interface<EverythingApiMethods> = {
  channel: "test.everything", version: "1.2.0", fingerprint: "2:056056ae771f736a", format: 1,
  methods: {
    find: { n: 1, r: { a: $entry }, e: $failure, f: "173ed1e0a88a73b5" },
    integer: { n: 1, a: ["big"], r: "big", f: "7961e6272b11c9d3" },
    widest: { n: 1, a: ["u128"], r: "u128", f: "356359f8cb0b9d3e" },
    float: { n: 1, a: ["float"], r: "float", f: "fd8beeaa9bee8881" },
    bytes: { n: 1, a: ["bytes"], r: "bytes", f: "dea047cd4b1d6924" },
    any: { n: 1, a: ["json"], r: "json", f: "f07a826c3b2f4090" },
    map: { n: 1, a: [{ m: "big" }], r: { m: "big" }, f: "f5e276cb05884be8" },
    optional: { n: 1, a: ["float"], f: "24c15ab42aa8714e" },
    wait: { f: "7765df9ee45e6ebf" },
    dropped: { f: "5b41e78579dcfb87" },
    index: { n: 1, r: "big", p: $indexed, f: "0e8342f992f8f1cf" },
    store: { n: 2, up: $.uploading, a: [0, { stream: "bytes" }], e: $failure, f: "6e6b1e7e0ac79eef" },
    countdown: { n: 1, k: $.subscribing, a: ["big"], r: "big", f: "039ade6dfac890f9" },
    measure: { k: $.subscribing, r: "big", x: $failure, f: "412d1ed955bf2a8b" },
    endless: { k: $.subscribing, f: "fddb0dbc616405e2" },
    produced: { f: "0452b94a25c1d83e" },
    fired: { k: $.subscribing, f: "2bf4038d851bacfa" },
    fire: { n: 1, f: "eacbef17d99d365e" },
    log: { n: 1, k: "note", f: "6a34a5600d3d2161" },
    logged: { f: "bcfd561b68fd373e" },
    show: { n: 1, f: "5ca834fa703e4835" },
    sumTicks: { n: 1, r: "big", f: "49d6b1aad219383e" },
    upload: { n: 1, f: "1d8172b638684eb6" },
  },
};

/** What TypeScript implements. */
export interface WindowMethods {
  /** Shows a text. */
  show: $.Request<[text: string], number, string>;
  /** Numbers. */
  ticks: $.Subscribe<[count: number], bigint, string>;
  /** Their sum. */
  sum: $.Request<[numbers: $.StreamIn<number>], number>;
}

export const Window: $.Interface<WindowMethods> = {
  channel: "test.window", version: "1.0.0", fingerprint: "2:f58b588d62f8c94d", format: 1,
  methods: {
    show: { n: 1, f: "5ca834fa703e4835" },
    ticks: { n: 1, k: $.subscribing, r: "big", f: "4087f669616a1c5e" },
    sum: { n: 1, up: $.uploading, a: [{ stream: 0 }], f: "92a614fda0b8136f" },
  },
};

/** The argument of a function. */
export interface Named {
  /** Its text. */
  text: string;
}

export const Functions: $.Functions<{
  add: $.Request<[bigint, bigint], bigint>;
  length: $.Request<[Named], bigint>;
}> = {
  format: 1,
  methods: {
    add: { n: 2, a: ["big", "big"], r: "big" },
    length: { n: 1, o: 1, r: "big" },
  },
};

export const $Types: $.Types = {
  types: {
    Entry: { s: { name: "string", size: "u64n", inode: "u64n", head: ["bytes", "null"] } },
    Failure: [{ s: { NotFound: "string" }, x: 1 }, { s: { TooLarge: { s: { path: "string", limit: "u64n" } } }, x: 1 }, "'Busy"],
    Indexed: { s: { files: "u64n" } },
    Named: { s: { text: "string" } },
  },
  interfaces: [
    [EverythingApi, {
      find: { a: ["string"], r: { a: "#Entry" }, e: "#Failure" },
      integer: { a: ["u64n"], r: "u64n" },
      widest: { a: ["u128n"], r: "u128n" },
      float: { a: ["number"], r: "number" },
      bytes: { a: ["bytes"], r: "bytes" },
      any: { a: ["json"], r: "json" },
      map: { a: [{ m: "u64n" }], r: { m: "u64n" } },
      optional: { a: [["number", "null"]], r: "boolean" },
      wait: { r: "null" },
      dropped: { r: "u32" },
      index: { a: [{ a: "string" }], r: "u64n", p: "#Indexed" },
      store: { a: ["u32", { stream: "bytes" }], r: { a: "u32" }, e: "#Failure" },
      countdown: { a: ["u64n"], r: "u64n", e: "string" },
      measure: { r: "u64n", x: "#Failure" },
      endless: { r: "u32" },
      produced: { r: "u32" },
      fired: { r: "u32" },
      fire: { a: ["u32"], r: "null" },
      log: { a: ["string"] },
      logged: { r: { a: "string" } },
      show: { a: ["string"], r: "u32", e: "string" },
      sumTicks: { a: ["u32"], r: "u64n", e: "string" },
      upload: { a: ["u32"], r: "u32", e: "string" },
    }],
    [Window, {
      show: { a: ["string"], r: "u32", e: "string" },
      ticks: { a: ["u32"], r: "u64n", e: "string" },
      sum: { a: [{ stream: "u32" }], r: "u32" },
    }],
    [Functions, {
      add: { a: ["i64n", "i64n"], r: "i64n" },
      length: { a: ["#Named"], r: "u64n" },
    }],
  ],
};
