// The schemas of many types beside what serde does: each value that it writes is of the schema, and
// what went wrong with a value is refused by the schema where serde refuses it.

import assert from "node:assert/strict";
import { before, test } from "node:test";

import { build, printed } from "./backend.mjs";
import { Schemas } from "./schemas.mjs";

/** How many values of each type are written, and how many are damaged (`IPC_VALUES` chooses). */
const VALUES = Number(process.env.IPC_VALUES ?? 60);
const DAMAGED = Math.ceil(VALUES / 20);

const PROGRAM = "examples/binding_values";
let methods;

before(() => {
  build("-p", "ipc-shape-tests", "--example", "binding_values");
  const document = JSON.parse(printed(PROGRAM, "schemas"));
  const schemas = new Schemas(document);
  methods = new Map(document.methods.map(({ name, params: [{ schema }], result }) => [name, {
    isSent: schemas.compiled(schema),
    isReceived: schemas.compiled(result.schema),
  }]));
});

const lines = (...args) => printed(PROGRAM, ...args).trimEnd().split("\n").map((line) => line.split("\t"));

/** Whether a value has an integer that a number of JavaScript can't hold. */
const isLong = (value) =>
  typeof value === "number" ? Math.abs(value) > Number.MAX_SAFE_INTEGER : typeof value === "object" && value !== null && Object.values(value).some(isLong);

test("each value that Rust writes is of its schema, in both directions", () => {
  const seen = new Set();
  for (const [name, type, json] of lines("write", "number", String(VALUES))) {
    const { isSent, isReceived } = methods.get(name);
    const value = JSON.parse(json);
    assert.ok(isReceived([value]), `${type}: ${json}: ${JSON.stringify(isReceived.errors)}`);
    assert.ok(isSent(value), `${type} as it is sent: ${json}: ${JSON.stringify(isSent.errors)}`);
    seen.add(type);
  }
  assert.ok(seen.size > 150, `${seen.size} types`);
});

/** Aliases are other names of a field, and a schema has its first alone: to serde both are one, twice. */
const ALIAS = /"(bee|TWO|2nd|x)":/;

/** The types whose schema allows more than serde reads, and why. */
const LENIENT = {
  // Aliases that another type has as a name.
  Aliased: "an alias",
  UntaggedStructs: "an alias",
  // A claim of the author's: the type is narrower.
  Asked: "`#[ipc(as)]`",
  // What JavaScript makes of `__proto__`.
  Odd: "no schema of JavaScript's sees it",
  // Serde refuses what the other field would take, or takes it for the other.
  OfExternalAndMap: "two fields on one object",
  OfStrictInner: "`flatten` and `deny_unknown_fields`",
  SameNames: "a name that two fields have",
  StrictOfAdjacent: "`flatten` and `deny_unknown_fields`",
  StrictOfDeep: "`flatten` and `deny_unknown_fields`",
  StrictOfExternal: "`flatten` and `deny_unknown_fields`",
  StrictOfInternal: "`flatten` and `deny_unknown_fields`",
  StrictOfMap: "`flatten` and `deny_unknown_fields`",
  // The keys of a flattened map, and what has 128 bits, once serde has buffered it.
  AdjacentKeys: "128 bits in a buffer",
  InternalKeys: "keys of a flattened map, 128 bits in a buffer",
  OfNumberMap: "keys of a flattened map",
  UntaggedKeys: "128 bits in a buffer",
  Wide: "128 bits in a buffer",
  // A part with a tag of its own, and one that refuses others' members.
  InternalOdd: "a part that refuses more members",
};

test("a value that went wrong is refused by the schema where serde refuses it", () => {
  const counts = { both: 0, none: 0, stricter: 0 };
  const lenient = new Map();
  for (const [name, type, json, done] of lines("damaged", String(DAMAGED))) {
    const value = JSON.parse(json);
    if (isLong(value)) continue;
    const isOf = methods.get(name).isSent(value);
    if (done === "read") counts[isOf ? "both" : "stricter"] += 1;
    else if (!isOf) counts.none += 1;
    else if (!ALIAS.test(json)) lenient.set(type.replace(/<.*/, "").split("::").at(-1), `${type}: ${json}`);
  }
  assert.deepEqual([...lenient.keys()].sort(), Object.keys(LENIENT).sort(), [...lenient.values()].join("\n"));
  // The comparison would mean nothing if most values were of one kind.
  assert.ok(counts.both > 10_000 && counts.none > 50_000, JSON.stringify(counts));
  // A struct as a list of its fields is read, and isn't what a schema is for.
  assert.ok(counts.stricter * 10 < counts.both, JSON.stringify(counts));
});
