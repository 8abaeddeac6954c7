// Bindings of `backend/src/interface.rs`. The fingerprints are asked of the backend.
import type * as $ from "ipc-runtime";
export interface Entry { name: string; size: number; inode: bigint; head: $.Bytes | null }
export type Failure = { NotFound: string } | { TooLarge: { path: string; limit: number } } | "Busy";
export interface Indexed { files: number }
export interface EverythingMethods {
  find: $.Request<[name: string], Entry[], Failure>;
  wide: $.Request<[value: bigint], bigint>;
  plain: $.Request<[value: number], number>;
  widest: $.Request<[value: bigint], bigint>;
  float: $.Request<[value: number], number>;
  bytes: $.Request<[value: $.Bytes], $.Bytes>;
  any: $.Request<[value: $.JsonValue], $.JsonValue>;
  map: $.Request<[value: { [key: string]: bigint }], { [key: string]: bigint }>;
  optional: $.Request<[value?: number | null], boolean>;
  wait: $.Request<[], null>;
  dropped: $.Request<[], number>;
  index: $.Request<[dirs: string[]], number, never, Indexed>;
  store: $.Request<[most: number, chunks: $.StreamIn<$.Bytes>], number[], Failure>;
  countdown: $.Subscribe<[from: number], number, string>;
  measure: $.Subscribe<[], number, never, Failure>;
  endless: $.Subscribe<[], number>;
  produced: $.Request<[], number>;
  fired: $.Subscribe<[], number>;
  fire: $.Request<[count: number], null>;
  log: $.Note<[line: string]>;
  logged: $.Request<[], string[]>;
  show: $.Request<[text: string], number, string>;
  sumTicks: $.Request<[count: number], number, string>;
  upload: $.Request<[count: number], number, string>;
}
const $failure: $.Plan = { s: { TooLarge: { s: { limit: "int" } } } };
export const Everything: $.Interface<EverythingMethods> = {
  channel: "test.everything", version: "1.2.0", fingerprint: "0:0000000000000000", format: 1,
  methods: {
    find: { n: 1, r: { a: { s: { size: "int", inode: "big", head: "bytes" } } }, e: $failure, f: "0" },
    wide: { n: 1, a: ["big"], r: "big", f: "0" }, plain: { n: 1, a: ["int"], r: "int", f: "0" }, widest: { n: 1, a: ["big"], r: "big", f: "0" },
    float: { n: 1, a: ["float"], r: "float", f: "0" }, bytes: { n: 1, a: ["bytes"], r: "bytes", f: "0" }, any: { n: 1, a: ["json"], r: "json", f: "0" },
    map: { n: 1, a: [{ m: "big" }], r: { m: "big" }, f: "0" }, optional: { n: 1, a: ["float"], f: "0" },
    wait: { f: "0" }, dropped: { f: "0" }, index: { n: 1, r: "int", p: { s: { files: "int" } }, f: "0" },
    store: { n: 2, a: [0, { stream: "bytes" }], e: $failure, f: "0" },
    countdown: { n: 1, k: "sub", a: ["int"], r: "int", f: "0" }, measure: { k: "sub", r: "int", x: $failure, f: "0" },
    endless: { k: "sub", f: "0" }, produced: { f: "0" }, fired: { k: "sub", f: "0" }, fire: { n: 1, f: "0" },
    log: { n: 1, k: "note", f: "0" }, logged: { f: "0" },
    show: { n: 1, f: "0" }, sumTicks: { n: 1, r: "int", f: "0" }, upload: { n: 1, f: "0" },
  },
};
export interface WindowMethods {
  show: $.Request<[text: string], number, string>;
  ticks: $.Subscribe<[count: number], number, string>;
  sum: $.Request<[numbers: $.StreamIn<number>], number>;
}
export const Window: $.Interface<WindowMethods> = {
  channel: "test.window", version: "1.0.0", fingerprint: "0:0000000000000000", format: 1,
  methods: { show: { n: 1, f: "0" }, ticks: { n: 1, k: "sub", r: "int", f: "0" }, sum: { n: 1, a: [{ stream: 0 }], f: "0" } },
};
