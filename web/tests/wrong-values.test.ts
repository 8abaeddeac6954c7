// Wrong values: those of Rust, each changed in one place. Two judges say which of them are wrong: a
// compiler, by the types of the bindings, and Rust, which reads a right one as it is written.
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { before, test } from "node:test";
import { decode } from "#dist/decoding.js";
import { faultOf } from "#dist/fault.js";
import { parse } from "#dist/json.js";
import type { MethodTypes, Type } from "#dist/types.js";
import type { Method } from "ipc-runtime";
import { bindings, buildProgram, compiled, HEAD, rust, sent, source, values, web } from "./support/rust-values.js";

const VALUES = 3;
/** How many wrong values are made of each. */
const MOST = 10;

/** What is put in the place of a part. */
const OTHERS: readonly unknown[] = [null, true, 7, -7, 300, 1.5, 2 ** 40, 7n, "", "x", "12", "long text", [], [7], {}, { x: 7 }, Uint8Array.of(1)];

/** The value with each of its parts changed, one at a time. */
function* changed(value: unknown): Generator<unknown, void> {
  yield* OTHERS;
  if (Array.isArray(value)) {
    if (value.length) yield value.slice(1);
    yield [...value, value[0] ?? 7];
    for (let at = 0; at < value.length; at++) for (const other of changed(value[at])) yield [...value.slice(0, at), other, ...value.slice(at + 1)];
  } else if (typeof value === "object" && value !== null && !(value instanceof Uint8Array)) {
    const object = value as Record<string, unknown>;
    yield { ...object, more: 7 };
    for (const name of Object.keys(object)) {
      const { [name]: member, ...rest } = object;
      yield rest;
      for (const other of changed(member)) yield { ...rest, [name]: other };
    }
  }
}

/** So many of all, at even distances. */
function some<T>(all: readonly T[], count: number): T[] {
  const step = Math.max(1, all.length / count);
  return Array.from({ length: Math.min(count, all.length) }, (_, at) => all[Math.floor(at * step)] as T);
}

before(buildProgram);

for (const policy of ["number", "bigint", "string"]) {
  test(`every wrong value is refused, with integers as ${policy}`, async () => {
    const own = join(web, "build", "wrong-values", policy);
    const { Functions: functions, $Types: types } = await bindings(policy, own);
    const [, typesOf] = types.interfaces?.[0] as [unknown, { [name: string]: MethodTypes }];
    // Members that a type doesn't know may be there: a compiler refuses them only in what is written
    // where the type is.
    const head = [...HEAD, "type Plain<T> = T extends Uint8Array ? T : { -readonly [K in keyof T]: Plain<T[K]> };", "declare function plain<const T>(value: T): Plain<T>;"];
    const lines = [...head];
    const made: { name: string; type: string; text: string; value: unknown; isRefused: boolean; right: number }[] = [];
    for (const [name, type, json] of values(policy, VALUES)) {
      const { value, long } = parse(`[${json}]`);
      const [decoded] = decode((functions.methods[name] as Method).r, value, long, []) as [unknown];
      const { a } = typesOf[name] as MethodTypes;
      const right = made.length;
      for (const wrong of [decoded, ...some([...changed(decoded)], MOST)]) {
        const text = source(wrong);
        made.push({ name, type, text, value: wrong, isRefused: faultOf(types.types, a?.[0] as Type, wrong) !== undefined, right });
        const at = lines.length;
        lines.push(`const w${at} = plain([${text}]); export const v${at}: All["${name}"]["a"] = w${at};`);
      }
    }
    writeFileSync(join(own, "checks.ts"), lines.join("\n"));

    const told = compiled("typescript", own, ["checks.ts"]).map((line) => {
      const [, at] = /checks\.ts\((\d+),\d+\): error TS/.exec(line) ?? assert.fail(line);
      return Number(at) - 1 - head.length;
    });
    const wrong = new Set(told);
    assert.ok(wrong.size > 1000, `${wrong.size} of ${made.length} are wrong`);
    // Some send members that they don't read, and the compiler refuses what has no others.
    const missed = made.filter(({ isRefused, right }, at) => wrong.has(at) && !wrong.has(right) && !isRefused);
    assert.deepEqual(missed.slice(0, 20).map(({ type, text }) => `${type}: ${text} is wrong`), []);

    // Rust sees no difference between a bigint or digits and a number.
    if (policy !== "number") return;
    // What the compiler takes and the check refuses isn't what Rust would write.
    const lone = made.flatMap(({ name, type, text, value, isRefused }, at) => {
      if (wrong.has(at) || !isRefused) return [];
      try {
        return [{ name, type, text, json: sent((functions.methods[name] as Method).a?.[0], value) }];
      } catch {
        // It can't be sent anyway.
        return [];
      }
    });
    assert.ok(lone.length > 100, `${lone.length} are refused by the check alone`);
    const read = rust(["read"], lone.map(({ name, json }) => `${name}\t${json}\t${json}\n`).join("")).trimEnd().split("\n");
    read.pop();
    const refused = (type: string): number => read.filter((line) => line.startsWith(`${type}: `)).length;
    for (const type of new Set(lone.map(({ type }) => type))) {
      const all = lone.filter((one) => one.type === type);
      assert.equal(refused(type), all.length, `${type}: Rust takes one of ${all.map(({ text }) => text).join("   ")}`);
    }
  });
}
