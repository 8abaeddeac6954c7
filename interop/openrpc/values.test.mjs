// The schemas of many types beside what serde does: each value that it writes is of the schema, and
// what went wrong with a value is refused by the schema where serde refuses it, or never writes it.

import assert from "node:assert/strict";
import { before, test } from "node:test";
import { parseOpenRPCDocument, validateOpenRPCDocument } from "@open-rpc/schema-utils-js";

import { build, printed } from "./backend.mjs";
import { Schemas } from "./schemas.mjs";
import { SeenValues } from "./seen-values.mjs";

/** How many values of each type are written, and how many are damaged (`IPC_VALUES` chooses). */
const VALUES = Number(process.env.IPC_VALUES ?? 60);
const DAMAGED = Math.ceil(VALUES / 20);

/** How often a place is seen before what it never had counts as wrong. */
const ENOUGH = VALUES / 3;

const PROGRAM = "examples/binding_values";
let document, methods;

before(() => {
  build("-p", "ipc-shape-tests", "--example", "binding_values");
  document = JSON.parse(printed(PROGRAM, "schemas"));
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

/** Whether a schema of the document leads to itself. */
function isRecursive(name, of = document.components.schemas[name], seen = new Set()) {
  return [...JSON.stringify(of).matchAll(/"#\/components\/schemas\/([^"]+)"/g)].some(([, to]) => {
    if (to === name) return true;
    if (seen.has(to)) return false;
    seen.add(to);
    return isRecursive(name, document.components.schemas[to], seen);
  });
}

test("a document with types that contain themselves is valid", async () => {
  assert.ok(Object.keys(document.components.schemas).some((name) => isRecursive(name)));
  assert.equal(validateOpenRPCDocument(document), true);
  // It would put what a reference leads to in its place, for ever.
  const parsed = await parseOpenRPCDocument(structuredClone(document), { dereference: false });
  assert.deepEqual(parsed, document);
});

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

const ANYTHING = "anything may be there";
const UNTAGGED = "another variant allows it, whose objects may have more members";
const FOREIGN = "a type of which nothing is known";

/** Where the schema of a result allows what no value is, and why: by type, what is done there begins like this. */
const LOOSE = {
  "rows::Any": [/^value: /, ANYTHING],
  "rows::Odd": [/__proto__/, "no schema of JavaScript's sees it"],
  "rows::Optional": [/^note: null/, "`skip_serializing_if`: that it leaves out each null isn't known"],
  "rows::Unknown": [/^foreign: /, FOREIGN],
  "converted::Unknown": [/^(elsewhere|list: \[\]|maybe|pair: \[\]): /, FOREIGN],
  "converted::With": [/^[ab]: /, FOREIGN],
  "converted::WithAdjacent": [/^c: /, FOREIGN],
  "converted::WithNewtype": [/^/, FOREIGN],
  "converted::WithTransparent": [/^/, FOREIGN],
  "converted::WithTuple": [/^\[\]: /, FOREIGN],
  "converted::WithUntagged": [/^/, FOREIGN],
  "converted::WithVariant": [/^[A-Z]: /, FOREIGN],
  "flattened::OfOptionOfOptional": [/^without [pq]$/, "no value was made without the part"],
  "flattened::Skipped": [/^v: /, "a field that isn't read, of which there is but the default"],
  "generic::Instances": [/^(elsewhere|maybe): items: \[\]: /, FOREIGN],
  "mixed::Strict": [/^one more member$/, UNTAGGED],
  "std_types::Scalars": [/^any: /, ANYTHING],
  "tagged::UntaggedInside": [/^one more member$/, UNTAGGED],
  "tagged::UntaggedLists": [/^\[\]: null/, "another variant has such items, and each value had one of the first"],
  "tagged::UntaggedStrict": [/^[abc]: /, UNTAGGED],
  "tagged::UntaggedStructs": [/^b: /, UNTAGGED],
  "value::Value": [/^/, ANYTHING],
};

test("what Rust never writes is refused by the schemas of results", () => {
  const seen = new Map();
  for (const [name, type, json] of lines("write", "number", String(VALUES))) {
    if (!seen.has(name)) seen.set(name, { type, values: new SeenValues() });
    seen.get(name).values.add(JSON.parse(json));
  }
  const refused = { kinds: 0, without: 0, more: 0 };
  const loose = [];
  for (const [name, { type, values }] of seen) {
    const { isReceived } = methods.get(name);
    const [place] = LOOSE[type.replace(/<.*/, "").split("::").slice(-2).join("::")] ?? [];
    for (const [done, value] of values.damaged(DAMAGED * 2, ENOUGH)) {
      if (!isReceived([value])) refused[/without [^:]*$/.test(done) ? "without" : done.endsWith("one more member") ? "more" : "kinds"] += 1;
      else if (!place?.test(done)) loose.push(`${type}: ${done}: ${JSON.stringify(value)}`);
    }
  }
  assert.deepEqual(loose, []);
  assert.ok(refused.kinds > 10_000 && refused.without > 1_000 && refused.more > 20, JSON.stringify(refused));
});
