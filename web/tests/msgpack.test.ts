// MessagePack, beside what an implementation of others writes and reads.
import assert from "node:assert/strict";
import { test } from "node:test";
import * as others from "@msgpack/msgpack";
import { lostIn } from "#dist/node/oversized.js";
import { msgpack } from "#dist/msgpack.js";
import { cases, Random, seed } from "./support/random.js";

const write = (value: unknown): Uint8Array => msgpack.encode(value, true) as Uint8Array;
const read = (bytes: Uint8Array): any => msgpack.decode(bytes).value;
const theirs = { useBigInt64: true, ignoreUndefined: true };

const EDGES = [5, 7, 8, 15, 16, 31, 32, 52, 53].flatMap((bits) => [2 ** bits - 1, 2 ** bits, 2 ** bits + 1, -(2 ** bits) - 1, -(2 ** bits), -(2 ** bits) + 1]).filter(Number.isSafeInteger);
const LONG = [2n ** 53n, 2n ** 63n - 1n, 2n ** 63n, 2n ** 64n - 1n, -(2n ** 53n), -(2n ** 63n)];
const TEXTS = ["", "a", "ü", "x".repeat(23), "x".repeat(24), "x".repeat(31), "x".repeat(32), "ü".repeat(15), "ü".repeat(16), "x".repeat(255), "x".repeat(256), "€".repeat(21_845), "x".repeat(65_536), "\ufeffa\u0000", "😀\u{10ffff}"];

/** A value that both implementations have. */
function value(random: Random, depth: number): unknown {
  switch (random.below(depth > 3 ? 7 : 9)) {
    case 0:
      return random.pick([null, true, false]);
    case 1:
      return random.pick(EDGES);
    case 2:
      return random.pick(LONG);
    case 3:
      return (random.next() - 0.5) * 10 ** random.below(300);
    case 4:
      return random.pick(TEXTS);
    case 5:
      return random.below(1_000) - 500;
    case 6:
      return Uint8Array.from({ length: random.pick([0, 1, 255, 256, 300]) }, () => random.below(256));
    case 7:
      return Array.from({ length: random.pick([0, 1, 15, 16, 20]) }, () => value(random, depth + 1));
    default:
      return Object.fromEntries(Array.from({ length: random.pick([0, 1, 15, 16, 20]) }, (_, n) => [`${random.pick(TEXTS).slice(0, 40)}${n}`, value(random, depth + 1)]));
  }
}

/** They give each integer of 64 bits as a bigint, also a small one. */
function small(value: any): unknown {
  if (typeof value === "bigint") return Number.isSafeInteger(Number(value)) ? Number(value) : value;
  if (value instanceof Uint8Array) return Uint8Array.from(value);
  if (Array.isArray(value)) return value.map(small);
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, small(one)]));
}

test(`others read what is written here, and the other way round (seed ${seed})`, () => {
  const random = new Random(seed);
  for (let n = 0; n < cases(3_000); n++) {
    const one = value(random, 0);
    const bytes = write(one);
    assert.deepEqual(small(others.decode(bytes, theirs)), one);
    assert.deepEqual(read(bytes), one);
    assert.deepEqual(read(others.encode(one, theirs)), one);
  }
});

test("each integer has the shortest form, in both directions", () => {
  for (const integer of [...EDGES, ...Array.from({ length: 600 }, (_, n) => n - 300)]) {
    const bytes = write(integer);
    assert.deepEqual(bytes, others.encode(integer), `${integer}`);
    assert.equal(read(bytes), integer);
    assert.equal(read(write(BigInt(integer))), integer, "a bigint that a number can hold");
  }
});

test("what JSON changes or hasn't stays what it is", () => {
  for (const one of [-0, NaN, Infinity, -Infinity, 5e-324, 1e300, 0.1, 2 ** 53, 2 ** 64]) assert.ok(Object.is(read(write(one)), one), `${one}`);
  for (const one of LONG) {
    const { value, long } = msgpack.decode(write([one]));
    assert.deepEqual([value, long], [[one], true]);
  }
  assert.equal(msgpack.decode(write([2 ** 53 - 1])).long, false);
  for (const one of [2n ** 64n, -(2n ** 63n) - 1n, 2n ** 200n]) assert.throws(() => write({ one }), RangeError);
});

test("members that are undefined are left out, and names that objects inherit are names", () => {
  assert.deepEqual(read(write({ a: undefined, b: [undefined] })), { b: [null] });
  const odd = JSON.parse('{"__proto__":{"polluted":1},"constructor":2,"":3}');
  const got = read(write(odd));
  assert.deepEqual(Object.entries(got), Object.entries(odd));
  assert.equal(Object.getPrototypeOf(got), Object.prototype);
});

test("texts of each length are the same, as keys and as values", () => {
  for (let length = 0; length < 80; length++) {
    for (const last of ["", "z", "ü", "\u{1f600}"]) {
      const text = `a${"bcdefghij".repeat(9).slice(0, length)}${last}`;
      // Twice, and with another one that is kept at the same place: a key that was read before is known.
      for (const key of [text, text, `${text.slice(0, 1)}${"-".repeat(length)}${last}`]) {
        assert.deepEqual(read(write({ [key]: key })), { [key]: key });
      }
    }
  }
});

test("keys that aren't text are text", () => {
  for (const [key, name] of [
    [[0x07], "7"],
    [[0xff], "-1"],
    [[0xcf, 255, 255, 255, 255, 255, 255, 255, 255], "18446744073709551615"],
    [[0xc3], "true"],
    [[0xcb, 0x3f, 0xf8, 0, 0, 0, 0, 0, 0], "1.5"],
    [[0xc4, 2, 0, 255], "AP8="],
  ] as const) {
    assert.deepEqual(read(Uint8Array.from([0x81, ...key, 1])), { [name]: 1 });
  }
});

test("bytes share a message's memory if they are most of it and it is nobody else's", () => {
  const [whole, small] = [Uint8Array.from({ length: 1_000 }, (_, n) => n), Uint8Array.of(1, 2)];
  const message = Uint8Array.from(write({ whole, small }));
  const within = new Uint8Array(message.length + 1);
  within.set(message, 1);
  for (const [bytes, shares] of [[message, true], [within.subarray(1), false]] as const) {
    const got = read(bytes);
    assert.deepEqual(got, { whole, small });
    assert.equal(got.whole.buffer === bytes.buffer, shares);
    assert.notEqual(got.small.buffer, bytes.buffer);
  }
  const { whole: plain } = read(Buffer.from(message));
  assert.equal(Object.getPrototypeOf(plain), Uint8Array.prototype, "no Buffer, of which slices are no copies");
});

test("what isn't exactly one value is refused, at every byte", () => {
  const message = write({ id: 7, result: [1, -1, 300, 70_000, 5e9, -5e9, 0.5, "text", "ü".repeat(300), new Uint8Array(300), { a: null, b: [true, 2n ** 63n] }, Array(20).fill(0)] });
  for (let end = 0; end < message.length; end++) assert.throws(() => read(message.subarray(0, end)), RangeError, `${end}`);
  for (let byte = 0; byte < 256; byte++) assert.throws(() => read(Uint8Array.from([...message, byte])), RangeError, `${byte} behind it`);
  assert.throws(() => read(Uint8Array.of(0xc1)), /no value/);
  for (const ext of [[0xd4, 1, 0], [0xd6, 0xff, 0, 0, 0, 0], [0xc7, 1, 5, 0]]) assert.throws(() => read(Uint8Array.from(ext)), /extension types/);
  assert.throws(() => read(Uint8Array.of(0xa1, 0xff)), TypeError, "no UTF-8");
  assert.throws(() => msgpack.decode("{}"), /text is JSON/);
});

test("lengths that lie, and depth, take neither memory nor the stack", () => {
  for (const head of [0xdd, 0xdf, 0xdb, 0xc6]) assert.throws(() => read(Uint8Array.of(head, 255, 255, 255, 255)), RangeError);
  assert.throws(() => read(new Uint8Array(1_000_000).fill(0x91)), /nested more than 1024/);
  assert.throws(() => read(new Uint8Array(1_000_000).fill(0x81)), /nested more than 1024/);
  let deep: unknown = 0;
  for (let n = 0; n < 1_000; n++) deep = [deep];
  assert.deepEqual(read(write(deep)), deep);
});

test(`bytes at random are a value or an error (seed ${seed})`, () => {
  const random = new Random(seed);
  const message = write({ jsonrpc: "2.0", id: 5, result: { name: "a", sizes: [1, 2, 300], head: new Uint8Array(9) } });
  for (let n = 0; n < cases(20_000); n++) {
    const bytes = Uint8Array.from(message);
    for (let k = random.below(4); k >= 0; k--) bytes[random.below(bytes.length)] = random.below(256);
    try {
      read(bytes);
    } catch (error) {
      assert.ok(error instanceof RangeError || error instanceof TypeError, String(error));
    }
    lostIn("msgpack", bytes, { code: -32700, message: "" });
  }
});

test("whose a message is that is too large is told as in JSON", () => {
  const error = { code: -32700, message: "it can't be read" };
  const messages = [
    { jsonrpc: "2.0", id: 7, result: ["x"] },
    { result: "x", id: "seven", jsonrpc: "2.0" },
    { jsonrpc: "2.0", id: 7, error: { code: 1, message: "x" } },
    { jsonrpc: "2.0", id: 7, method: "a.b", params: ["x"] },
    { jsonrpc: "2.0", method: "a.b", params: { subscription: 3, seq: 1, result: "x" } },
    { jsonrpc: "2.0", method: "$/stream", params: { stream: 4, item: "x" } },
    { jsonrpc: "2.0", method: "a.b", params: { result: "x" } },
    { jsonrpc: "2.0", method: "a.b", params: ["x"] },
    { jsonrpc: "2.0", method: "a.b" },
  ];
  for (const message of messages) {
    // All of it but its end, which every message has behind what counts.
    const [text, bytes] = [JSON.stringify({ ...message, z: 1 }), write({ ...message, z: "" })];
    assert.deepEqual(lostIn("msgpack", bytes.subarray(0, -1), error), lostIn("json", Buffer.from(text.slice(0, -2)), error), text);
  }
  const nobody = { id: null };
  for (const bytes of [Uint8Array.of(), Uint8Array.of(0x90), Uint8Array.of(0xc1), Uint8Array.of(0x81), write("id")]) assert.deepEqual(lostIn("msgpack", bytes, error), nobody);
  // A reply of which the result is an extension type.
  const extension = Uint8Array.from([...write({ jsonrpc: "2.0", id: 7, result: null }).subarray(0, -1), 0xd4, 1, 0]);
  assert.deepEqual(lostIn("msgpack", extension, error).heard, { jsonrpc: "2.0", id: 7, error });
});
