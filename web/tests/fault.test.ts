import assert from "node:assert/strict";
import { test } from "node:test";
import { inspect } from "node:util";
import { faultOf, faultText } from "#dist/fault.js";
import type { Type, TypesByName } from "#dist/types.js";

const types: TypesByName = {
  Point: { s: { x: "i32", y: "i32" } },
  "Point/Input": { s: { x: "i32", y: "i32" }, x: 1 },
  Tree: { s: { id: "u8", children: { a: "#Tree" } } },
  Kind: ["'File", "'Directory"],
  External: ["'Unit", { s: { New: "u8" }, x: 1 }, { s: { Struct: { s: { a: "boolean", b: "string" } } }, x: 1 }],
  Internal: [{ s: { kind: "'Unit" } }, { z: [{ s: { kind: "'New" } }, "#Point"] }, { s: { kind: "'Struct", a: "boolean" } }],
  Adjacent: [{ s: { t: "'Unit" } }, { s: { t: "'New", c: "#Point" } }],
};

/** What is wrong with a value, or nothing. */
function told(type: Type, value: unknown): string | undefined {
  const fault = faultOf(types, type, value);
  return fault && `${fault.path.join(".")}: ${faultText(fault)}`;
}

const RIGHT: [Type, unknown[]][] = [
  ["u8", [0, 255, -0]],
  ["i8", [-128, 127]],
  ["u64", [0, 2 ** 53 - 1]],
  ["u64n", [0n, 2n ** 64n - 1n]],
  ["i64s", ["0", "-9223372036854775808"]],
  ["i128n", [-(2n ** 127n)]],
  ["u8!", [1]],
  ["i8!", [-1]],
  ["number", [1.5, -0, 1e300]],
  ["boolean", [true]],
  ["string", [""]],
  ["char", ["a", "😀"]],
  ["null", [null, undefined]],
  ["bytes", [Uint8Array.of(1), Buffer.from("x")]],
  ["json", [null, { a: [1n, "x", { b: undefined }] }]],
  ["any", [{}, 7, "x"]],
  [{ a: "u8" }, [[], [1, 2]]],
  [{ a: "u8", n: 2 }, [[1, 2]]],
  [{ t: ["u8", "string"] }, [[1, "x"]]],
  [{ t: ["u8", "string"], n: 1 }, [[1], [1, "x"]]],
  ["#Point", [{ x: 1, y: 2 }, { x: 1, y: 2, z: 3 }]],
  ["#Point/Input", [{ x: 1, y: 2, z: undefined }]],
  [{ o: { a: "u8" } }, [{}, { a: 1 }, { a: undefined }]],
  [{ m: "u8", k: "i16s" }, [{}, { "-7": 1 }]],
  [{ m: "u8", k: "boolean" }, [{ true: 1, false: 2 }]],
  [{ m: "u8", k: "#Kind" }, [{}]],
  [{ s: { a: "string" }, m: "u8" }, [{ a: "x", other: 1 }]],
  ["#External", ["Unit", { New: 1 }, { Struct: { a: true, b: "x" } }]],
  ["#Internal", [{ kind: "Unit" }, { kind: "New", x: 1, y: 2 }, { kind: "Struct", a: true }]],
  ["#Adjacent", [{ t: "Unit" }, { t: "New", c: { x: 1, y: 2 } }]],
  ["#Tree", [{ id: 1, children: [{ id: 2, children: [] }] }]],
  [{ z: [{ s: { own: "u8" } }, "#External"] }, [{ own: 1, New: 2 }]],
  [["#Point", "null"], [null, { x: 1, y: 2 }]],
];

for (const [type, values] of RIGHT) {
  for (const value of values) test(`${inspect(type)} takes ${inspect(value)}`, () => assert.equal(told(type, value), undefined));
}

const WRONG: [Type, unknown, string][] = [
  ["u8", 256, ": an integer from 0 to 255 is expected, not 256"],
  ["u8", -1, ": an integer from 0 to 255 is expected, not -1"],
  ["u8", 1.5, ": an integer from 0 to 255 is expected, not 1.5"],
  ["u8", 1n, ": an integer from 0 to 255 is expected, not 1n"],
  ["u8!", 0, ": an integer from 1 to 255 is expected, not 0"],
  ["i8!", 0, ": an integer from -128 to 127 but 0 is expected, not 0"],
  ["u64", 2 ** 53, ": an integer from 0 to 18446744073709551615 is expected, not 9007199254740992"],
  ["u64n", 7, ": a bigint from 0 to 18446744073709551615 is expected, not 7"],
  ["u64n", 2n ** 64n, ": a bigint from 0 to 18446744073709551615 is expected, not 18446744073709551616n"],
  ["i8s", "128", ": an integer as text from -128 to 127 is expected, not \"128\""],
  ["i8s", "07", ": an integer as text from -128 to 127 is expected, not \"07\""],
  ["number", "1", ": a number is expected, not \"1\""],
  ["char", "ab", ": text of one character is expected, not \"ab\""],
  ["char", "", ": text of one character is expected, not \"\""],
  ["bytes", [1], ": a Uint8Array is expected, not a list of 1"],
  ["json", { a: [() => 0] }, ": JSON is expected, not { a }"],
  ["boolean", undefined, ": a boolean is expected, not null"],
  [{ a: "u8" }, [1, "x"], "1: an integer from 0 to 255 is expected, not \"x\""],
  [{ a: "u8", n: 2 }, [1], ": a list of 2 is expected, not a list of 1"],
  [{ t: ["u8", "string"], n: 1 }, [1, "x", 2], ": a list of 2 is expected, not a list of 3"],
  ["#Point", { x: 1 }, "y: an integer from -2147483648 to 2147483647 is expected, and there is none"],
  ["#Point", [1, 2], ": Point is expected, not a list of 2"],
  ["#Point", new Map(), "x: an integer from -2147483648 to 2147483647 is expected, and there is none"],
  ["#Point", Uint8Array.of(1), ": Point is expected, not a Uint8Array"],
  ["#Point/Input", { x: 1, y: 2, z: 3 }, "z: nothing is expected, not 3"],
  [{ m: "u8", k: "i8s" }, { "200": 1 }, ": a name that is an integer as text from -128 to 127 is expected, not \"200\""],
  [{ m: "u8", k: "#Kind" }, { Other: 1 }, ": a name that is \"File\" or \"Directory\" is expected, not \"Other\""],
  [{ m: "u8" }, { a: undefined }, "a: an integer from 0 to 255 is expected, and there is none"],
  ["#Kind", "file", ": \"File\" or \"Directory\" is expected, not \"file\""],
  ["#External", 7, ": \"Unit\" or { New } or { Struct } is expected, not 7"],
  ["#External", { Unit: null }, ": \"Unit\" or { New } or { Struct } is expected, not { Unit }"],
  ["#External", { Struct: { a: true } }, "Struct.b: text is expected, and there is none"],
  ["#External", { Struct: { a: 1, b: "x" } }, "Struct.a: a boolean is expected, not 1"],
  ["#Internal", { kind: "Other" }, "kind: \"Unit\" or \"New\" or \"Struct\" is expected, not \"Other\""],
  ["#Internal", {}, "kind: \"Unit\" or \"New\" or \"Struct\" is expected, and there is none"],
  ["#Internal", { kind: "Struct" }, "a: a boolean is expected, and there is none"],
  ["#Internal", { kind: "Struct", a: 7 }, "a: a boolean is expected, not 7"],
  ["#Internal", { kind: "New", x: 1 }, "y: an integer from -2147483648 to 2147483647 is expected, and there is none"],
  ["#Adjacent", { t: "New", c: { x: 1, y: "2" } }, "c.y: an integer from -2147483648 to 2147483647 is expected, not \"2\""],
  ["#Tree", { id: 1, children: [{ id: 2, children: [{ id: 300, children: [] }] }] }, "children.0.children.0.id: an integer from 0 to 255 is expected, not 300"],
  [["#Point", "null"], { x: 1, y: "2" }, "y: an integer from -2147483648 to 2147483647 is expected, not \"2\""],
  [["#Point", "null"], 7, ": Point or null is expected, not 7"],
  [[], 7, ": nothing is expected, not 7"],
];

for (const [type, value, text] of WRONG) test(`it is told that ${text.replace(/^: /, "")}`, () => assert.equal(told(type, value), text));

test("an external variant has no second one beside it, but where it is flattened", () => {
  const both = { New: 1, Struct: { a: true, b: "x" } };
  assert.match(told("#External", both) as string, /nothing is expected|is expected, not \{ New, Struct \}/);
  assert.equal(told({ z: ["#External"] }, both), undefined);
});

test("what contains itself is refused", () => {
  const tree = { id: 1, children: [] as unknown[] };
  tree.children.push(tree);
  assert.match(told("#Tree", tree) as string, /what is nested at most 128 deep is expected/);
});

test("each value within an enum without tags that contains itself is looked at once, right or wrong", () => {
  // How often the search reads a member: it grew by 2 with each level, and by 3 for lists.
  const looked = (value: object): [string | undefined, number] => {
    let reads = 0;
    const counted = (of: any): any =>
      of === null || typeof of !== "object" ? of : new Proxy(Array.isArray(of) ? of.map(counted) : Object.fromEntries(Object.entries(of).map(([name, member]) => [name, counted(member)])), {
        get: (target, name) => {
          reads++;
          return Reflect.get(target, name);
        },
      });
    const names: TypesByName = {
      Chain: [{ s: { next: "#Chain", x: "u32" } }, { s: { next: "#Chain", y: "u32" } }, "null"],
      Lists: [{ t: ["#Lists", "u32"] }, { t: ["#Lists", "string"] }, { t: ["#Lists", "boolean"] }, "null"],
    };
    const fault = faultOf(names, Array.isArray(value) ? "#Lists" : "#Chain", counted(value));
    return [fault && `${fault.path.length}: ${faultText(fault)}`, reads];
  };
  const [chain, lists] = [
    (end: unknown, depth = 18): object => Array.from({ length: depth }).reduce((next) => ({ next, y: 1 }), end) as object,
    (end: unknown, depth = 12): object => Array.from({ length: depth }).reduce((next) => [next, true], end) as object,
  ];
  const few = 2_000;
  for (const right of [chain(null), lists(null), chain(null, 120), lists(null, 120)]) {
    const [fault, reads] = looked(right);
    assert.equal(fault, undefined);
    assert.ok(reads < few, `${reads}`);
  }
  for (const wrong of [chain({ next: null, y: -1 }), lists([null, 7.5])]) {
    const [fault, reads] = looked(wrong);
    assert.match(fault as string, /is expected, not/);
    assert.ok(reads < few, `${reads}`);
  }
});

test("names that objects inherit are no members", () => {
  assert.match(told({ s: { toString: "any" } }, {}) as string, /toString: a value is expected, and there is none/);
  assert.throws(() => told("#toString", {}), /the bindings have no type toString/);
});
