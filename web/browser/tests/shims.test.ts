// What stands in for Node's `assert` in a page says what Node's own says.
import nodes from "node:assert/strict";
import { test } from "node:test";
import { isDeepStrictEqual } from "node:util";
import pages from "../suite/assert.js";
import { same, shown } from "../suite/equality.js";

class Point {
  constructor(readonly x: number) {}
}
class OwnError extends TypeError {}

/** Each is made twice, so that what is equal isn't the same object. */
const values: (() => unknown)[] = [
  ...[0, -0, 1, NaN, 1n, 2n ** 64n, "", "0", true, null, undefined, Symbol.for("x")].map((value) => () => value),
  () => ({}),
  () => ({ a: 1 }),
  () => ({ a: 1, b: undefined }),
  () => ({ b: undefined, a: 1 }),
  () => ({ a: { b: [1, { c: 2n }] } }),
  () => ({ a: { b: [1, { c: 2 }] } }),
  () => ({ [Symbol.for("x")]: 1 }),
  () => Object.create(null),
  () => Object.assign(Object.create(null), { a: 1 }),
  () => [],
  () => [1],
  () => [1, 2],
  () => [undefined],
  () => Array(1),
  () => Array(2),
  () => new Point(1),
  () => new Point(2),
  () => ({ x: 1 }),
  () => Uint8Array.of(1, 2),
  () => Uint8Array.of(1, 3),
  () => Int8Array.of(1, 2),
  () => Buffer.from([1, 2]),
  () => Uint8Array.of(1, 2).buffer,
  () => new Date(0),
  () => new Date(1),
  () => /a/,
  () => /a/g,
  () => new Set([1, 2]),
  () => new Set([2, 1]),
  () => new Set([{ a: 1 }]),
  () => new Set([{ a: 2 }]),
  () => new Map([["a", 1]]),
  () => new Map([["a", 2]]),
  () => new Map([[{ a: 1 }, { b: 1 }]]),
  () => new Error("x"),
  () => new Error("y"),
  () => new TypeError("x"),
  () => new OwnError("x"),
  () => new Error("x", { cause: 1 }),
  () => Object.assign(new Error("x"), { kind: "limit" }),
  () => Object(1),
  () => Object("x"),
  () => Math.max,
  () => {
    const own: { self?: unknown } = {};
    own.self = own;
    return own;
  },
];

test("two values are equal if Node finds them so", () => {
  for (const one of values) {
    for (const other of values) {
      nodes.equal(same(one(), other()), isDeepStrictEqual(one(), other()), `${shown(one())} and ${shown(other())}`);
    }
  }
});

/** Whether it throws. */
async function fails(check: (assert: typeof nodes) => unknown, assert: unknown): Promise<boolean> {
  try {
    await check(assert as typeof nodes);
    return false;
  } catch {
    return true;
  }
}

const error = Object.assign(new TypeError("no: way"), { kind: "limit", code: 7, mayHaveRun: false });
const throwing = (): never => {
  throw error;
};
const rejecting = (): Promise<never> => Promise.reject(error);

const expectations: (RegExp | object | Function | string)[] = [
  /no: way/, /^TypeError: no/, /^no/, /other/,
  { kind: "limit" }, { kind: "other" }, { kind: /lim/ }, { code: 7 }, { code: "7" }, { code: /7/ }, { mayHaveRun: false }, { mayHaveRun: undefined }, { missing: undefined },
  { message: /way/, name: "TypeError" }, { message: "no: way" }, { message: "no" }, { kind: "limit", code: 8 },
  TypeError, Error, RangeError, OwnError,
  () => true, () => false, () => 1, (thrown: unknown) => thrown === error,
  new TypeError("no: way"), new Error("no: way"), new TypeError("other"),
  "a message",
];

test("an assertion fails if Node's fails", async () => {
  const checks: ((assert: typeof nodes) => unknown)[] = [
    ...[0, 1, "", "x", NaN, null, {}].flatMap((value) => [(assert: typeof nodes) => assert(value), (assert: typeof nodes) => assert.ok(value)]),
    ...values.flatMap((one) => values.slice(0, 16).flatMap((other) => [
      (assert: typeof nodes) => assert.equal(one(), other()),
      (assert: typeof nodes) => assert.notEqual(one(), other()),
      (assert: typeof nodes) => assert.deepEqual(one(), other()),
    ])),
    (assert) => assert.match("abc", /b/), (assert) => assert.match("abc", /d/), (assert) => assert.doesNotMatch("abc", /b/), (assert) => assert.doesNotMatch("abc", /d/),
    (assert) => assert.fail(), (assert) => assert.fail("why"),
    ...expectations.flatMap((expected) => [
      (assert: typeof nodes) => assert.throws(throwing, expected as Error),
      (assert: typeof nodes) => assert.throws(() => 1, expected as Error),
      (assert: typeof nodes) => assert.rejects(rejecting, expected as Error),
      (assert: typeof nodes) => assert.rejects(rejecting(), expected as Error),
      (assert: typeof nodes) => assert.rejects(Promise.resolve(1), expected as Error),
    ]),
  ];
  for (const check of checks) nodes.equal(await fails(check, pages), await fails(check, nodes), check.toString());
});
