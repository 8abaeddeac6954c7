// @generated from the Rust interfaces. Renew it: IPC_BINDINGS=write cargo test bindings
import type * as $ from "ipc-runtime";

/** Scalars, each as itself. */
export interface Scalars {
  flag: boolean;
  letter: string;
  text: string;
  path: string;
  address: string;
  byte: number;
  small: number;
  size: number;
  offset: number;
  count: number;
  wide: bigint;
  ratio: number;
  half: number;
  nothing: null;
}

/** Integers, as they ask for. */
export interface Asked {
  number: number;
  inode: bigint;
  ids: (string | null)[];
}

/** Options, defaults and what is left out. */
export interface OptionalInput {
  limit?: number | null;
  page?: number;
  marks?: string[];
  note?: string | null;
}

/** Options, defaults and what is left out. */
export interface Optional {
  limit: number | null;
  page: number;
  marks?: string[];
  note?: string | null;
}

export interface Lists {
  list: number[];
  set: string[];
  array: [number, number, number];
  long: number[];
  pair: [number, boolean];
  one: [number];
}

export interface MapsInput {
  by_name: { [key: string]: number };
  by_number: { [key: string]: $.Bytes };
  nested: { [key: string]: OptionalInput[] };
}

export interface Maps {
  by_name: { [key: string]: number };
  by_number: { [key: string]: $.Bytes };
  nested: { [key: string]: Optional[] };
}

export type UnitStruct = null;

export type Newtype = number;

export interface Binary {
  bytes: $.Bytes;
  numbers: number[];
}

export interface Times {
  duration: { secs: number; nanos: number };
  time: { secs_since_epoch: number; nanos_since_epoch: number };
}

export interface Any {
  value: $.JsonValue;
}

export interface Unknown {
  foreign: unknown;
  known: number;
}

/** Where a value came from. */
export type ExternalInput =
  | "unit"
  /** With docs of its own. */
  | { newType: number }
  | { tuple: [number, string] }
  | { struct: { /** In bytes. */ size: number; part?: Newtype | null } };

/** Where a value came from. */
export type External =
  | "unit"
  /** With docs of its own. */
  | { newType: number }
  | { tuple: [number, string] }
  | { struct: { /** In bytes. */ size: number; part: Newtype | null } };

export type Internal =
  | { kind: "Unit" }
  | ({ kind: "New" } & Binary)
  | { kind: "Struct"; size: number };

export type AdjacentInput =
  | { t: "New"; c: number }
  | { t: "Unit" }
  | { t: "Maybe"; c?: number | null }
  | { t: "Struct"; c: { bytes: $.Bytes } };

export type Adjacent =
  | { t: "New"; c: number }
  | { t: "Unit" }
  | { t: "Maybe"; c: number | null }
  | { t: "Struct"; c: { bytes: $.Bytes } };

export type UntaggedInput = number | bigint | string | UntaggedInput[] | { bytes: string };

export type Untagged = number | bigint | string | Untagged[] | { bytes: string | $.Bytes };

export type InternalMaps =
  | { kind: "Data"; [key: string]: $.Bytes | "Data" }
  | { kind: "Scores"; [key: string]: number | "Scores" }
  | { kind: "Counts"; own: number; [key: string]: number | "Counts" };

export type Mixed = { Exact: number } | number;

export interface PartInput {
  mark: number;
  text?: string | null;
}

export interface Part {
  mark: number;
  text: string | null;
}

export type FlattenedInput = { id: number; mark: number; text?: string | null } & Internal;

export type Flattened = { id: number; mark: number; text: string | null } & Internal;

export interface FlattenedMap {
  id: string;
  [key: string]: boolean | string;
}

export interface TreeInput {
  id: number;
  children: TreeInput[];
  parent?: TreeInput | null;
}

export interface Tree {
  id: number;
  children: Tree[];
  parent: Tree | null;
}

export type Chain = null;

export interface Clashing {
  file: FilesEntry;
  item: StoreEntry;
}

export interface FilesEntry {
  name: string;
}

export interface StoreEntry {
  id: number;
}

export interface PageOfFilesEntryInput {
  items: FilesEntry[];
  next?: number | null;
}

export interface PageOfFilesEntry {
  items: FilesEntry[];
  next: number | null;
}

export interface PageOfU64Input {
  items: number[];
  next?: number | null;
}

export interface PageOfU64 {
  items: number[];
  next: number | null;
}

export interface Chosen {
  id: number;
}

/** A comment that ends *\/ early. */
export interface Odd {
  __proto__: number;
  "with-dash": number;
  constructor: number;
  then: number;
}

export interface OddMap {
  constructor: number;
  [key: string]: number;
}

const $scalars: $.Plan = { s: { size: "int", offset: "int", count: "int", wide: "u128", ratio: "float", half: "float" } };
const $asked: $.Plan = { s: { number: "int", inode: "big", ids: { a: "str" } } };
const $optional: $.Plan = { s: { page: "int" } };
const $lists: $.Plan = { s: { list: { a: "int" }, array: { a: "int" }, pair: { t: ["int"] }, one: { t: ["float"] } } };
const $maps: $.Plan = { s: { by_name: { m: "int" }, by_number: { m: "bytes" }, nested: { m: { a: $optional } } } };
const $newtype: $.Plan = "int";
const $binary: $.Plan = { s: { bytes: "bytes" } };
const $times: $.Plan = { s: { duration: { s: { secs: "int" } }, time: { s: { secs_since_epoch: "int" } } } };
const $any: $.Plan = { s: { value: "json" } };
const $unknown: $.Plan = { s: { foreign: "json" } };
const $external: $.Plan = { s: { newType: "int", tuple: { t: ["int"] }, struct: { s: { size: "int", part: $newtype } } } };
const $internal: $.Plan = { i: "kind", v: { New: $binary, Struct: { s: { size: "int" } } } };
const $adjacent: $.Plan = { i: "t", c: "c", v: { New: "int", Maybe: "int", Struct: { s: { bytes: "bytes" } } } };
const $untagged: $.Plan = "json";
const $internalMaps: $.Plan = { i: "kind", v: { Data: { s: { kind: 0 }, m: "bytes" }, Scores: { s: { kind: 0 }, m: "float" }, Counts: { s: { kind: 0, own: "int" }, m: "int" } } };
const $mixed: $.Plan = { u: "json", s: { Exact: "int" } };
const $part: $.Plan = { s: { mark: "int" } };
const $flattened: $.Plan = { z: [{ s: { id: "int", mark: "int" } }, { i: "kind", v: { New: $binary, Struct: { s: { size: "int" } } } }] };
const $flattenedMap: $.Plan = { s: { id: 0 }, m: 0 };
const $tree: $.Plan = { s: { id: "int", children: { a: () => $tree }, parent: () => $tree } };
const $storeEntry: $.Plan = { s: { id: "int" } };
const $clashing: $.Plan = { s: { item: $storeEntry } };
const $pageOfFilesEntry: $.Plan = { s: { next: "int" } };
const $pageOfU64: $.Plan = { s: { items: { a: "int" }, next: "int" } };
const $chosen: $.Plan = { s: { id: "int" } };
const $odd: $.Plan = { s: { ["__proto__"]: "int", "with-dash": "int", constructor: "int" as const, then: "int" } };
const $oddMap: $.Plan = { s: { constructor: 0 as const }, m: "int" };

export const Functions: $.Functions<{
  Scalars: $.Request<[Scalars], Scalars>;
  Asked: $.Request<[Asked], Asked>;
  Optional: $.Request<[OptionalInput], Optional>;
  Lists: $.Request<[Lists], Lists>;
  Maps: $.Request<[MapsInput], Maps>;
  UnitStruct: $.Request<[UnitStruct], UnitStruct>;
  Newtype: $.Request<[Newtype], Newtype>;
  Binary: $.Request<[Binary], Binary>;
  Times: $.Request<[Times], Times>;
  Any: $.Request<[Any], Any>;
  Unknown: $.Request<[Unknown], Unknown>;
  External: $.Request<[ExternalInput], External>;
  Internal: $.Request<[Internal], Internal>;
  Adjacent: $.Request<[AdjacentInput], Adjacent>;
  Untagged: $.Request<[UntaggedInput], Untagged>;
  InternalMaps: $.Request<[InternalMaps], InternalMaps>;
  Mixed: $.Request<[Mixed], Mixed>;
  Part: $.Request<[PartInput], Part>;
  Flattened: $.Request<[FlattenedInput], Flattened>;
  FlattenedMap: $.Request<[FlattenedMap], FlattenedMap>;
  Tree: $.Request<[TreeInput], Tree>;
  Chain: $.Request<[Chain], Chain>;
  Clashing: $.Request<[Clashing], Clashing>;
  PageEntry: $.Request<[PageOfFilesEntryInput], PageOfFilesEntry>;
  Pageu64: $.Request<[PageOfU64Input], PageOfU64>;
  Named: $.Request<[Chosen], Chosen>;
  Odd: $.Request<[Odd], Odd>;
  OddMap: $.Request<[OddMap], OddMap>;
}> = {
  format: 1,
  methods: {
    Scalars: { n: 1, a: [$scalars], r: $scalars },
    Asked: { n: 1, a: [$asked], r: $asked },
    Optional: { n: 1, a: [$optional], r: $optional },
    Lists: { n: 1, a: [$lists], r: $lists },
    Maps: { n: 1, a: [$maps], r: $maps },
    UnitStruct: { n: 1 },
    Newtype: { n: 1, a: [$newtype], r: $newtype },
    Binary: { n: 1, a: [$binary], r: $binary },
    Times: { n: 1, a: [$times], r: $times },
    Any: { n: 1, a: [$any], r: $any },
    Unknown: { n: 1, a: [$unknown], r: $unknown },
    External: { n: 1, a: [$external], r: $external },
    Internal: { n: 1, a: [$internal], r: $internal },
    Adjacent: { n: 1, a: [$adjacent], r: $adjacent },
    Untagged: { n: 1, a: [$untagged], r: $untagged },
    InternalMaps: { n: 1, a: [$internalMaps], r: $internalMaps },
    Mixed: { n: 1, a: [$mixed], r: $mixed },
    Part: { n: 1, a: [$part], r: $part },
    Flattened: { n: 1, a: [$flattened], r: $flattened },
    FlattenedMap: { n: 1, a: [$flattenedMap], r: $flattenedMap },
    Tree: { n: 1, a: [$tree], r: $tree },
    Chain: { n: 1 },
    Clashing: { n: 1, a: [$clashing], r: $clashing },
    PageEntry: { n: 1, a: [$pageOfFilesEntry], r: $pageOfFilesEntry },
    Pageu64: { n: 1, a: [$pageOfU64], r: $pageOfU64 },
    Named: { n: 1, a: [$chosen], r: $chosen },
    Odd: { n: 1, a: [$odd], r: $odd },
    OddMap: { n: 1, a: [$oddMap], r: $oddMap },
  },
};
