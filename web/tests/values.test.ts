// Values of Rust there and back: for each type of the Rust side's fixtures, Rust writes JSON of many
// random values, this package makes values of it by the plans in the bindings and JSON of these, and
// Rust reads the same again. The same values go to a backend and back in MessagePack, through a client,
// and are what they were in JSON. The compilers say whether the values have the types of the bindings,
// and so does what `check` does.
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { before, describe, test } from "node:test";
import { decode } from "#dist/decoding.js";
import { faultOf, faultText } from "#dist/fault.js";
import { parse, parseMarked } from "#dist/json.js";
import type { MethodTypes, Type } from "#dist/types.js";
import type { Method, Types } from "ipc-runtime";
import { msgpack } from "ipc-runtime/msgpack";
import { connect, stdio } from "ipc-runtime/node";
import { bindings, buildProgram, compiled, HEAD, program, rust, sent, source, values, web } from "./support/rust-values.js";

/** How many values of each type go there and back (`IPC_VALUES` chooses), and how many of these the compilers see. */
const VALUES = Number(process.env["IPC_VALUES"] ?? 40);
const CHECKED = Math.min(10, Math.ceil(VALUES / 10));

/**
 * A value by which those of both encodings are compared: what has no order in Rust is sorted, and an
 * `f32` is exact in MessagePack, where JSON has the shortest number that Rust reads as the same.
 */
function comparable(value: unknown): string {
  if (typeof value === "bigint") return `${value}n`;
  if (value instanceof Uint8Array) return `bytes ${value.join()}`;
  if (typeof value === "number") return Object.is(value, -0) ? "-0" : Number.isInteger(value) ? `${value}` : `${Math.fround(value)}`;
  if (Array.isArray(value)) return `[${value.map(comparable).sort().join()}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  return `{${Object.entries(value).map(([name, of]) => `${JSON.stringify(name)}: ${comparable(of)}`).sort().join()}}`;
}

const folder = join(web, "build", "values");
const policies = ["number", "bigint", "string"] as const;
/** What the compilers see of each policy's values. */
const checks = new Map<string, string[]>();

/**
 * Whether a compiler may say this of a value that came and is sent back: Rust may send
 * members that it doesn't read.
 */
function isKnown(told: string): boolean {
  const at = /(\w+)[\\/]checks\.ts\((\d+),\d+\): error TS2353: .*does not exist in type/.exec(told);
  const line = at && checks.get(at[1] as string)?.[Number(at[2]) - 1];
  return line?.includes(" export const s") === true;
}

/** Fails unless the value is of its type. */
function isOf(types: Types, type: Type, value: unknown): void {
  const fault = faultOf(types.types, type, value);
  if (fault) throw new Error(`${fault.path.join(".")}: ${faultText(fault)}`);
}

before(buildProgram);

describe(`${VALUES} values of each type`, () => {
  for (const policy of policies) {
    const own = join(folder, policy);

    test(`every value is of its type, and the same after it went there and back, with integers as ${policy}`, async () => {
      const lines = [...HEAD];
      const { Functions: functions, $Types: types } = await bindings(policy, own);
      const [, typesOf] = types.interfaces?.[0] as [unknown, { [name: string]: MethodTypes }];

      await using ipc = await connect(stdio(program, ["serve", "stdio:"]), { encoding: msgpack });
      const client = ipc.functions(functions) as unknown as { [name: string]: (value: unknown) => Promise<[unknown]> };
      const packed: Promise<void>[] = [];
      const seen = new Map<string, number>();
      const back: string[] = [];
      for (const [name, type, json] of values(policy, VALUES)) {
        const { r, a } = functions.methods[name] as Method;
        const { r: received, a: given } = typesOf[name] as MethodTypes;
        for (const sourceText of [true, false]) {
          const { value, long } = sourceText ? parse(`[${json}]`) : { value: parseMarked(`[${json}]`), long: true };
          try {
            const [decoded] = decode(r, value, long, [type]) as [unknown];
            isOf(types, received as Type, [decoded]);
            isOf(types, given?.[0] as Type, decoded);
            const count = seen.get(type) ?? 0;
            seen.set(type, count + 1);
            if (count < 2 * CHECKED && sourceText) {
              const text = source(decoded);
              lines.push(`/* ${type} */ export const r${name}_${count}: All["${name}"]["t"] = [${text}];`);
              lines.push(`/* ${type} */ export const s${name}_${count}: All["${name}"]["a"] = [${text}];`);
            }
            back.push(`${name}\t${json}\t${sent(a?.[0], decoded)}`);
            if (!sourceText) continue;
            packed.push((async () => {
              const [came] = await (client[name] as (value: unknown) => Promise<[unknown]>)(decoded).catch((error: Error) => assert.fail(`${type}: ${json}: ${error.message}`));
              assert.equal(comparable(came), comparable(decoded), `${type}: ${json}`);
              back.push(`${name}\t${json}\t${sent(a?.[0], came)}`);
            })());
          } catch (error) {
            assert.fail(`${type}: ${json}: ${(error as Error).message}`);
          }
        }
      }
      await Promise.all(packed);
      assert.ok(seen.size > 150, `${seen.size} types`);
      const told = rust(["read"], `${back.join("\n")}\n`).trimEnd().split("\n");
      assert.equal(told.pop(), String(back.length));
      assert.deepEqual(told, []);
      writeFileSync(join(own, "checks.ts"), lines.join("\n"));
      checks.set(policy, lines);
    });
  }

  for (const compiler of ["typescript-5", "typescript-6", "typescript"]) {
    test(`values and bindings have their types under ${compiler}`, () => {
      const files = policies.flatMap((policy) => [`${policy}/bindings.ts`, `${policy}/checks.ts`]);
      assert.deepEqual(compiled(compiler, folder, files).filter((line) => !isKnown(line)).slice(0, 20), []);
    });
  }
});
