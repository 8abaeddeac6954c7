import assert from "node:assert/strict";
import { test } from "node:test";
import { parse, parseMarked, stringify } from "#dist/json.js";
import { cases, Random, seed } from "./support/random.js";

/** Both ways of reading: by the texts of numbers, where this engine tells them, and by marks. */
const ways: { [way: string]: (text: string) => unknown } = { "as this engine can": (text) => parse(text).value, "by marks": parseMarked };
const LIMIT = 2n ** 53n;
const EDGES = [LIMIT - 1n, LIMIT, LIMIT + 1n, 2n ** 63n - 1n, 2n ** 63n, 2n ** 64n - 1n, 2n ** 127n, 2n ** 128n - 1n];
const INTEGERS = [...EDGES, ...EDGES.map((one) => -one)];
const PLACES: [string, (integer: string) => string, (value: any) => unknown][] = [
  ["alone", (n) => n, (v) => v],
  ["in an array", (n) => `[1, ${n} ,2]`, (v) => v[1]],
  ["as a member", (n) => `{"a":${n}}`, (v) => v.a],
  ["deep", (n) => `{"a":[[{"__proto__":${n}}]]}`, (v) => Object.getOwnPropertyDescriptor(v.a[0][0], "__proto__")?.value],
  ["after a string of digits", (n) => `["12345678901234567890\\"",${n}]`, (v) => v[1]],
];

for (const [way, read] of Object.entries(ways)) {
  for (const [place, write, find] of PLACES) {
    test(`integers are exact ${place}, ${way}`, () => {
      for (const integer of INTEGERS) {
        const value = find(read(write(String(integer))));
        const expected = integer > -LIMIT && integer < LIMIT ? Number(integer) : integer;
        assert.equal(value, expected);
      }
    });
  }

  test(`floats, and digits in strings, stay as they are ${way}`, () => {
    const text = '[1234567890123456789.5,1234567890123456789e2,1e400,0.12345678901234567890,"1234567890123456789","\\\\",-0]';
    assert.deepEqual(read(text), JSON.parse(text));
  });

  test(`what isn't JSON is refused ${way}`, () => {
    for (const text of ["", "01234567890123456789", "[12345678901234567890", "-", '"12345678901234567890', "1234567890123456789x", "{12345678901234567890:1}"]) {
      assert.throws(() => read(text), SyntaxError, text);
    }
  });
}

test("integers are exact wherever they begin, and whatever stands before them", () => {
  for (const before of ["", "0.1234567890123456,", "12345,", '"12345678901234567890",', "1e5,0.5,"]) {
    for (let spaces = 0; spaces < 40; spaces++) {
      for (const integer of ["9007199254740993", "-9007199254740993", "340282366920938463463374607431768211455"]) {
        const { value, long } = parse(`[${before}${" ".repeat(spaces)}${integer}]`);
        assert.equal((value as unknown[]).at(-1), BigInt(integer), `${before} ${spaces} ${integer}`);
        assert.ok(long);
      }
    }
  }
});

test("a message of floats has no long integer", () => {
  for (let spaces = 0; spaces < 20; spaces++) {
    assert.equal(parse(`[${" ".repeat(spaces)}0.1234567890123456,-12.3456789012345678e-5,1234567890123456.5,123456789012345]`).long, false);
  }
});

test("integers are exact beside strings of many mebibytes", () => {
  for (const filling of ["x".repeat(4), "a line\\n", '\\"', "\\\\"]) {
    const text = `["${filling.repeat(2 ** 22)}",12345678901234567890]`;
    const [long, integer] = parseMarked(text) as [string, bigint];
    assert.equal(integer, 12345678901234567890n, filling);
    assert.ok(long === (JSON.parse(text) as [string])[0], filling);
  }
});

test("no text can be taken for a mark", () => {
  for (const text of ['"\\u00000.5:12345678901234567890"', '"\\u000012345678901234567890"', '{"\\u0000":1234567890123456789}']) {
    assert.deepEqual(parseMarked(text), parse(text).value);
  }
});

test("both ways of reading give the same for random texts", () => {
  const random = new Random(seed);
  for (let at = 0; at < cases(20_000); at++) {
    const text = randomText(random, 4);
    const plain = JSON.parse(text);
    const marked = parseMarked(text);
    assert.deepEqual(marked, parse(text).value, text);
    assert.deepEqual(rounded(marked), plain, text);
    // What is written again reads as the same; a large float may be written as an integer.
    assert.deepEqual(rounded(parseMarked(stringify(marked))), plain, text);
  }
});

/** The value as `JSON.parse` has it. */
function rounded(value: any): any {
  if (typeof value === "bigint") return Number(value);
  if (value === null || typeof value !== "object") return value;
  if (Array.isArray(value)) return value.map(rounded);
  const copy = {};
  for (const [key, member] of Object.entries(value)) {
    Object.defineProperty(copy, key, { value: rounded(member), enumerable: true, writable: true, configurable: true });
  }
  return copy;
}

const STRINGS = ['""', '"\\""', '"\\\\"', '"12345678901234567890"', '"\\u0000"', '"\\u0000123456789012345678:"', '"ü😀"', '"__proto__"', '",1234567890123456789,"', '"\\\\\\"1234567890123456789"'];

/**
 * V8 14.6 takes any key that begins with an escape for `\\`, in `JSON.parse` itself, once it has read
 * an object with that key.
 */
const KEYS = STRINGS.filter((text) => text !== '"\\\\"');

function randomText(random: Random, depth: number): string {
  const space = random.pick(["", "", " ", "\n\t"]);
  const one = () => space + randomText(random, depth - 1) + space;
  const some = <T>(make: () => T): T[] => Array.from({ length: random.below(4) }, make);
  switch (random.below(depth > 0 ? 8 : 6)) {
    case 0:
      return random.pick(["null", "true", "false"]);
    case 1:
      return random.pick(STRINGS);
    case 2:
      return String(random.pick(INTEGERS));
    case 3:
      return `${random.pick(["", "-"])}${1 + random.below(9)}${digits(random, random.below(40))}`;
    case 4:
      return `${random.pick(["", "-"])}${random.below(10)}.${digits(random, 1 + random.below(25))}${random.pick(["", "e5", "E-7", "e+20"])}`;
    case 5:
      return `${1 + random.below(9)}${digits(random, random.below(25))}${random.pick(["e3", "E+1", "e-30"])}`;
    case 6:
      return `[${some(one).join()}]`;
    default:
      return `{${some(() => `${space}${random.pick(KEYS)}${space}:${one()}`).join()}}`;
  }
}

function digits(random: Random, count: number): string {
  return Array.from({ length: count }, () => random.below(10)).join("");
}
