import assert from "node:assert/strict";
import { test } from "node:test";
import { decode } from "#dist/decoding.js";
import { Encoding } from "#dist/encoding.js";
import { parse, stringify } from "#dist/json.js";
import type { Plan, Unfit } from "#dist/plan.js";

/** What a message looks like, made of an app's value. */
function sent(plan: Plan | 0, value: unknown): string {
  const encoding = new Encoding(true);
  const converted = encoding.convert(plan, value, "value");
  return encoding.exact ? stringify(converted) : JSON.stringify(converted);
}

/** What an app gets of a message. */
function got(plan: Plan | 0, text: string): any {
  const { value, long } = parse(text);
  return decode(plan, value, long, []);
}

const tree: Plan = { s: { id: "big", children: { a: () => tree } } };
const bytes = Uint8Array.from([104, 105]);

const SAME_BOTH_WAYS: [string, Plan | 0, unknown, string][] = [
  ["small bigints", "big", 7n, "7"],
  ["a u64", "big", 2n ** 64n - 1n, "18446744073709551615"],
  ["a u128", "big", 2n ** 128n - 1n, "340282366920938463463374607431768211455"],
  ["integers as text", "str", "9007199254740993", "9007199254740993"],
  ["safe numbers", "int", 2 ** 53 - 1, "9007199254740991"],
  ["bytes", "bytes", bytes, '"aGk="'],
  ["floats", "float", 1.5, "1.5"],
  ["a negative zero", "float", -0, "-0.0"],
  ["any JSON", "json", { a: [2n ** 63n, -0, null, 0.5] }, '{"a":[9223372036854775808,-0.0,null,0.5]}'],
  ["arrays", { a: "big" }, [1n, 2n], "[1,2]"],
  ["tuples", { t: [0, "big"] }, [1, 2n, 3], "[1,2,3]"],
  ["structs", { s: { a: "big", b: 0 } }, { a: 1n, b: 2, c: 3 }, '{"a":1,"b":2,"c":3}'],
  ["maps", { m: "big" }, { "1": 1n, "2": 2n }, '{"1":1,"2":2}'],
  ["a flattened map", { s: { own: 0 }, m: "big" }, { own: 1, other: 2n }, '{"own":1,"other":2}'],
  ["an external variant", { s: { New: "big" } }, { New: 5n }, '{"New":5}'],
  ["a unit variant", { s: { New: "big" } }, "Unit", '"Unit"'],
  ["an internal variant", { i: "kind", v: { a: { s: { n: "big" } } } }, { kind: "a", n: 1n }, '{"kind":"a","n":1}'],
  ["another internal variant", { i: "kind", v: { a: { s: { n: "big" } } } }, { kind: "b", n: 1 }, '{"kind":"b","n":1}'],
  ["an adjacent variant", { i: "t", c: "c", v: { A: "big" } }, { t: "A", c: 1n }, '{"t":"A","c":1}'],
  ["an adjacent unit", { i: "t", c: "c", v: { A: "big" } }, { t: "U" }, '{"t":"U"}'],
  ["a negative zero where a tagged variant may be too", { u: "json", s: { Exact: "big" } }, -0, "-0.0"],
  ["a number where a tagged variant may be too", { u: 0, s: { Exact: "big" } }, 5, "5"],
  ["a list where a tagged variant may be too", { u: 0, i: "kind", v: { A: { s: { n: "big" } } } }, [1], "[1]"],
  ["text where a tagged variant may be too", { u: 0, i: "t", c: "c", v: { A: "big" } }, "it", '"it"'],
  ["a tagged variant where an untagged one may be too", { u: 0, s: { Exact: "big" } }, { Exact: 5n }, '{"Exact":5}'],
  ["an internal variant where an untagged one may be too", { u: 0, i: "k", v: { A: { s: { n: "big" } } } }, { k: "A", n: 5n }, '{"k":"A","n":5}'],
  ["an object that is no tagged variant", { u: 0, s: { Exact: "bytes" } }, { Exact: 1, other: 2 }, '{"Exact":1,"other":2}'],
  ["flattened parts", { z: [{ s: { a: "big" } }, { i: "k", v: { x: { s: { b: "bytes" } } } }] }, { a: 1n, k: "x", b: bytes }, '{"a":1,"k":"x","b":"aGk="}'],
  ["a recursive type", tree, { id: 1n, children: [{ id: 2n, children: [] }] }, '{"id":1,"children":[{"id":2,"children":[]}]}'],
  ["null, whatever the plan", { s: { a: "big", b: "bytes", c: { a: "int" } } }, { a: null, b: null, c: null }, '{"a":null,"b":null,"c":null}'],
  ["an option that is none", "big", null, "null"],
];

for (const [what, plan, value, text] of SAME_BOTH_WAYS) {
  test(`${what}: sent and received by one plan`, () => {
    const before = structuredClone(value);
    assert.equal(sent(plan, value), text);
    assert.deepEqual(value, before, "the app's value stays as it is");
    assert.deepEqual(got(plan, text), value);
  });
}

test("`__proto__` is a key like others, both ways", () => {
  const map = JSON.parse('{"__proto__":1,"constructor":2,"toString":3}');
  assert.equal(sent({ m: "int" }, map), '{"__proto__":1,"constructor":2,"toString":3}');
  const read = got({ m: "big" }, '{"__proto__":1,"constructor":2}');
  assert.deepEqual(Object.entries(read), [["__proto__", 1n], ["constructor", 2n]]);
  assert.equal(Object.getPrototypeOf(read), Object.prototype);
  assert.deepEqual(got({ s: { a: "big" } }, '{"constructor":1}'), { constructor: 1 });
  assert.equal(got({ i: "k", v: {} }, '{"k":"toString"}').k, "toString");
});

const REFUSED: [string, Plan | 0, unknown, RegExp][] = [
  ["NaN", 0, { a: [NaN] }, /value\.a\[0\]: NaN can't travel as JSON/],
  ["an infinity", "float", Infinity, /value: Infinity/],
  ["a fraction for an integer", "int", 0.5, /value: 0\.5 is no integer/],
  ["an unsafe integer", { s: { n: "int" } }, { n: 2 ** 53 }, /value\.n: 9007199254740992 is no integer/],
  ["an unsafe number for a bigint", "big", 2 ** 60, /is no integer that a number can hold/],
  ["an unsafe bigint for a number", "int", 2n ** 53n, /beyond what a number can hold/],
  ["text that is no integer", "str", "1.5", /"1\.5" is no integer/],
  ["an integer that isn't written as one", "str", "007", /"007" is no integer/],
  ["a zero below zero, as text", "str", "-0", /"-0" is no integer/],
  ["undefined in an array", 0, [1, undefined], /value\[1\]: undefined/],
  ["a hole", 0, [1, , 2], /value\[1\]: undefined/],
  ["undefined in a map beside a tag", { i: "k", v: { A: { s: { k: 0 }, m: 0 } } }, { k: "A", a: undefined }, /value\.a: undefined/],
  ["undefined in a map of a flattened variant", { z: [{ s: { b: "int" } }, { i: "k", v: { A: () => ({ s: { b: 0, k: 0 }, m: 0 }) } }] }, { k: "A", b: undefined, a: undefined }, /value\.a: undefined/],
  ["undefined in a map", { m: 0 }, { a: undefined }, /value\.a: undefined/],
  ["half of a surrogate pair", 0, { a: "x\ud83d" }, /value\.a: has half of a surrogate pair/],
  ["half of a surrogate pair as a key", 0, { "\ude00": 1 }, /half of a surrogate pair/],
  ["a date", 0, { at: new Date() }, /value\.at: a Date can't be sent/],
  ["a map", 0, new Map(), /value: a Map can't be sent/],
  ["a function", 0, { f() {} }, /value\.f: a function/],
  ["a symbol", 0, Symbol.iterator, /value: a symbol/],
  ["bytes without a plan", 0, bytes, /array of numbers/],
  ["other views of bytes", "bytes", new Uint16Array(1), /as a Uint8Array/],
];

for (const [what, plan, value, why] of REFUSED) {
  test(`${what} is refused in an argument, with its path`, () => {
    assert.throws(() => sent(plan, value), why);
  });
}

test("what contains itself is refused", () => {
  const itself: { inner?: unknown } = {};
  itself.inner = itself;
  assert.throws(() => sent(0, itself), /contains itself/);
});

test("a field that is undefined is left out", () => {
  assert.equal(sent({ s: { a: "int" } }, { a: undefined, b: undefined, c: 1 }), '{"c":1}');
});

test("objects without a prototype, and of other realms, are plain", () => {
  assert.equal(sent(0, Object.assign(Object.create(null), { a: 1 })), '{"a":1}');
});

for (const integer of [2n ** 53n, 2n ** 53n + 1n, -(2n ** 53n), 2n ** 63n, 2n ** 64n - 1n]) {
  test(`a number's plan never gives another value than ${integer}`, () => {
    const plans: [Plan, string, RegExp][] = [
      ["int", `${integer}`, /beyond/],
      [{ a: "int" }, `[1,${integer}]`, /\[1\]: /],
      [{ t: [0, "int"] }, `[1,${integer}]`, /\[1\]: /],
      [{ s: { n: "int" } }, `{"n":${integer}}`, /^Error: n: |n: /],
      [{ m: "int" }, `{"x":${integer}}`, /x: /],
      [{ i: "k", v: { a: { s: { n: "int" } } } }, `{"k":"a","n":${integer}}`, /n: /],
      [{ i: "k", c: "c", v: { a: "int" } }, `{"k":"a","c":${integer}}`, /c: /],
    ];
    for (const [plan, text, why] of plans) assert.throws(() => got(plan, text), why, text);
  });
}

test("a float that another language writes as a long integer is a number", () => {
  assert.equal(got("float", "100000000000000000000"), 1e20);
});

test("a value of another kind where a plan looks is refused with its path, and nothing is made of it", () => {
  for (const [plan, text, why] of [
    [{ a: "bytes" }, "{}", /^v: a list was expected, and a object came/],
    [{ t: [0, "big"] }, '"x"', /^v: a list was expected/],
    [{ s: { n: "big" } }, "7", /^v: an object was expected, and a number came/],
    [{ s: { n: "big" } }, "[]", /^v: an object was expected, and a list came/],
    [{ m: "big" }, "true", /^v: an object was expected/],
    [{ m: "big" }, '"x"', /^v: an object was expected/],
    [{ i: "t", v: {} }, '"x"', /^v: an object was expected/],
    [{ z: [{ s: {} }] }, "[]", /^v: an object was expected/],
    [{ s: { n: "big" } }, '{"n":"7"}', /^v\.n: a number was expected, and a string came/],
    [{ s: { n: "str" } }, '{"n":1.5}', /^v\.n: an integer was expected/],
    [{ a: "float" }, "[1,[]]", /^v\[1\]: a number was expected, and a list came/],
    [{ a: "bytes" }, "[7]", /^v\[0\]: base64 was expected, and a number came/],
  ] as [Plan, string, RegExp][]) {
    const { value, long } = parse(text);
    assert.throws(() => decode(plan, value, long, ["v"]), (error: Unfit) => error.kind === "protocol" && why.test(error.message), text);
  }
});

test("base64 that is none is refused with its path", () => {
  for (const text of ["*", "AAA", "AAAAA", "A===", "====", "AA=A", "AAA=AAAA", "AA-_", "\u0141AAA", "AAA\u00e9"]) {
    // What is missing at the end may be left out.
    if (text === "AAA") assert.deepEqual(got({ s: { b: "bytes" } }, JSON.stringify({ b: text })), { b: new Uint8Array(2) });
    else assert.throws(() => got({ s: { b: "bytes" } }, JSON.stringify({ b: text })), /b: base64 was expected/, text);
  }
});

test("bytes that came have memory of their own", () => {
  const { b } = got({ s: { b: "bytes" } }, '{"b":"AAEC"}') as { b: Uint8Array };
  assert.deepEqual(b, new Uint8Array([0, 1, 2]));
  assert.equal(b.buffer.byteLength, 3);
});
