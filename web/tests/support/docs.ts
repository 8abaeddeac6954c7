// Bindings as they are generated.
import * as $ from "ipc-runtime";
/** One entry of a directory. */
export interface FileInfo {
  /** Its name, without the directory. */
  name: string;
  kind: Kind;
  /** In bytes. */
  size: number;
  inode: bigint;
}
export type Kind = "File" | "Directory" | "Other";
/** What can go wrong with files. */
export type FileError = { NotFound: string } | { TooLarge: { path: string; limit: number } } | "Busy";
/** What is sent; `limit` has a default. */
export interface QueryInput { text: string; limit?: number; under?: string | null }
export interface Indexed { files: number }
/** Files of the backend's machine. */
export interface DocsMethods {
  /** Lists a directory. */
  list: $.Request<[dir: string], FileInfo[], FileError>;
  read: $.Request<[path: string], $.Bytes, FileError>;
  /** @deprecated use `search` */
  find: $.Request<[pattern: string, dir?: string | null], string[]>;
  search: $.Request<[query: QueryInput], FileInfo[]>;
  /** Tells how far it is. */
  index: $.Request<[dirs: string[]], number, string, Indexed>;
  store: $.Request<[name: string, chunks: $.StreamIn<$.Bytes>], number, FileError>;
  /** Nobody answers a notification. */
  log: $.Note<[line: string]>;
  /** Items; `string`: opening may fail by it; `FileError`: the stream may end by it. */
  changed: $.Subscribe<[dir: string], FileInfo, string, FileError>;
  then_: $.Request<[], string>;
  ping: $.Request<[], number>;
  /** It can't be stopped. */
  save: $.Request<[], null>;
}
const $fileInfo: $.Plan = { s: { inode: "big", size: "int" } };
export const Docs: $.Interface<DocsMethods> = {
  channel: "demo.docs", version: "1.2.0", fingerprint: "2:9c3e41d2a07b55f8", format: 1,
  methods: {
    list: { n: 1, r: { a: $fileInfo }, e: { s: { TooLarge: { s: { limit: "int" } } } }, f: "2015cfc8e289763c" },
    read: { n: 1, r: "bytes", e: { s: { TooLarge: { s: { limit: "int" } } } }, f: "2015cfc8e289763d" },
    find: { n: 2, f: "2015cfc8e289763e" },
    search: { n: 1, a: [{ s: { limit: "int" } }], r: { a: $fileInfo }, f: "2015cfc8e289763f" },
    index: { n: 1, ms: 300_000, r: "int", p: { s: { files: "int" } }, f: "2015cfc8e2897640" },
    store: { n: 2, up: $.uploading, a: [0, { stream: "bytes" }], r: "int", f: "2015cfc8e2897641" },
    log: { n: 1, k: "note", f: "2015cfc8e2897642" },
    changed: { n: 1, k: $.subscribing, r: $fileInfo, x: { s: { TooLarge: { s: { limit: "int" } } } }, f: "2015cfc8e2897643" },
    then_: { w: "then", f: "2015cfc8e2897644" },
    ping: { f: "2015cfc8e2897645" },
    save: { keep: 1, f: "2015cfc8e2897646" },
  },
};
/** What the backend calls in a window: implemented here. */
export interface WindowMethods {
  show: $.Request<[text: string], number, string, number>;
  moved: $.Note<[x: number, y: number]>;
  ticks: $.Subscribe<[from: number], bigint, string, string>;
  sum: $.Request<[numbers: $.StreamIn<number>], number>;
  big: $.Request<[n: bigint], bigint>;
}
export const Window: $.Interface<WindowMethods> = {
  channel: "demo.window", version: "1.1.0", fingerprint: "2:9c3e41d2a07b55f9", format: 1,
  methods: {
    show: { n: 1, f: "0" }, moved: { n: 2, k: "note", f: "0" }, ticks: { n: 1, k: $.subscribing, r: "big", f: "0" },
    sum: { n: 1, up: $.uploading, a: [{ stream: 0 }], f: "0" }, big: { n: 1, a: ["big"], r: "big", f: "0" },
  },
};
export interface FunctionsMethods { add: $.Request<[number, number], number>; find: $.Request<[QueryInput], string> }
export const Functions: $.Functions<FunctionsMethods> = { format: 1, methods: { add: { n: 2, a: ["int", "int"], r: "int" }, find: { n: 1, o: 1 } } };
export const Events: $.Events<{ theme: [name: string]; resized: [size: { width: bigint }] }> = {
  theme: { w: "theme", n: 1 }, resized: { w: "resized", n: 1, o: 1, a: [{ s: { width: "big" } }] },
};
export const Theme: $.StoreKey<"light" | "dark"> = { key: "theme" };
export const $Types: $.Types = {
  types: {
    FileError: [{ s: { NotFound: "string" }, x: 1 }, { s: { TooLarge: { s: { path: "string", limit: "u64" } } }, x: 1 }, "'Busy"],
    FileInfo: { s: { name: "string", kind: "#Kind", size: "u64", inode: "u64n" } },
    Indexed: { s: { files: "u64" } },
    Kind: ["'File", "'Directory", "'Other"],
    QueryInput: { s: { text: "string" }, o: { limit: "u64", under: ["string", "null"] } },
  },
  interfaces: [
    [Docs, {
      list: { a: ["string"], r: { a: "#FileInfo" }, e: "#FileError" },
      read: { a: ["string"], r: "bytes", e: "#FileError" },
      find: { a: ["string", ["string", "null"]], r: { a: "string" } },
      search: { a: ["#QueryInput"], r: { a: "#FileInfo" } },
      index: { a: [{ a: "string" }], r: "u64", e: "string", p: "#Indexed" },
      store: { a: ["string", { stream: "bytes" }], r: "u64", e: "#FileError" },
      log: { a: ["string"] },
      changed: { a: ["string"], r: "#FileInfo", e: "string", x: "#FileError" },
      then_: { r: "string" },
      ping: { r: "u32" },
      save: { r: "null" },
    }],
    [Window, {
      show: { a: ["string"], r: "u32", e: "string", p: "u32" },
      moved: { a: ["i32", "i32"] },
      ticks: { a: ["u32"], r: "u64n", e: "string", x: "string" },
      sum: { a: [{ stream: "u32" }], r: "u32" },
      big: { a: ["u64n"], r: "u64n" },
    }],
    [Functions, {
      add: { a: ["i64", "i64"], r: "i64" },
      find: { a: ["#QueryInput"], r: "string" },
    }],
  ],
  events: [
    [Events, {
      theme: { a: ["string"] },
      resized: { a: [{ s: { width: "u64n" } }] },
    }],
  ],
  keys: [
    [Theme, ["'light", "'dark"]],
  ],
};
