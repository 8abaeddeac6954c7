// Values of Rust there and back: for each type of the Rust side's fixtures, Rust writes JSON of many
// random values, this package makes values of it by the plans in the bindings and JSON of these, and
// Rust reads the same again. The compilers say whether the values have the types of the bindings.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { before, describe, test } from "node:test";
import { fileURLToPath, pathToFileURL } from "node:url";
import { transformSync } from "esbuild";
import { decode } from "#dist/decoding.js";
import { Encoding } from "#dist/encoding.js";
import { parse, parseMarked, stringify } from "#dist/json.js";
import type { Functions, Method } from "ipc-runtime";
import { target, workspace } from "./support/backend.js";

const web = join(dirname(fileURLToPath(import.meta.url)), "..");
const program = join(target, "debug", "examples", process.platform === "win32" ? "binding_values.exe" : "binding_values");

/** How many values of each type go there and back (`IPC_VALUES` chooses), and how many of these the compilers see. */
const VALUES = Number(process.env["IPC_VALUES"] ?? 40);
const CHECKED = Math.min(10, Math.ceil(VALUES / 10));

function rust(args: string[], input = ""): string {
  const run = spawnSync(program, args, { input, encoding: "utf8", maxBuffer: 2 ** 30 });
  assert.equal(run.status, 0, run.stderr);
  return run.stdout;
}

/** What is sent of a value. */
function sent(plan: Method["r"] | 0, value: unknown): string {
  const encoding = new Encoding(true);
  const converted = encoding.convert(plan, value, "value");
  return encoding.exact ? stringify(converted) : JSON.stringify(converted);
}

/** The value as an expression of TypeScript. */
function source(value: unknown): string {
  if (typeof value === "bigint") return `${value}n`;
  if (value instanceof Uint8Array) return `new Uint8Array([${value.join(", ")}])`;
  if (Array.isArray(value)) return `[${value.map(source).join(", ")}]`;
  if (typeof value !== "object" || value === null) return Object.is(value, -0) ? "-0" : JSON.stringify(value);
  return `{ ${Object.entries(value).map(([name, of]) => `[${JSON.stringify(name)}]: ${source(of)}`).join(", ")} }`;
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

before(() => {
  const built = spawnSync("cargo", ["build", "-q", "-p", "ipc-shape-tests", "--example", "binding_values"], { cwd: workspace, stdio: "inherit" });
  assert.equal(built.status, 0, "the program that writes values can't be built");
});

describe(`${VALUES} values of each type`, () => {
  for (const policy of policies) {
    const own = join(folder, policy);

    test(`every value is the same after it went there and back, with integers as ${policy}`, async () => {
      const lines = [`import type * as $ from "ipc-runtime";`, `import type { Functions } from "./bindings.js";`, `type Of<F> = F extends $.Functions<infer M> ? M : never;`, `type All = Of<typeof Functions>;`];
      rmSync(own, { recursive: true, force: true });
      mkdirSync(own, { recursive: true });
      const bindings = rust(["bindings", policy]);
      assert.equal(rust(["bindings", policy]), bindings, "the same types give the same bytes");
      writeFileSync(join(own, "bindings.ts"), bindings);
      writeFileSync(join(own, "bindings.mjs"), transformSync(bindings, { loader: "ts" }).code);
      const { Functions: functions } = (await import(pathToFileURL(join(own, "bindings.mjs")).href)) as { Functions: Functions<{ [name: string]: unknown }> };

      const seen = new Map<string, number>();
      const back: string[] = [];
      for (const line of rust(["write", policy, String(VALUES)]).split("\n")) {
        if (line === "") continue;
        const [name, type, json] = line.split("\t") as [string, string, string];
        const { r, a } = functions.methods[name] as Method;
        for (const sourceText of [true, false]) {
          const { value, long } = sourceText ? parse(`[${json}]`) : { value: parseMarked(`[${json}]`), long: true };
          try {
            const [decoded] = decode(r, value, long, [type]) as [unknown];
            const count = seen.get(type) ?? 0;
            seen.set(type, count + 1);
            if (count < 2 * CHECKED && sourceText) {
              const text = source(decoded);
              lines.push(`/* ${type} */ export const r${name}_${count}: All["${name}"]["t"] = [${text}];`);
              lines.push(`/* ${type} */ export const s${name}_${count}: All["${name}"]["a"] = [${text}];`);
            }
            back.push(`${name}\t${json}\t${sent(a?.[0], decoded)}`);
          } catch (error) {
            assert.fail(`${type}: ${json}: ${(error as Error).message}`);
          }
        }
      }
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
      const compilerOptions = {
        target: "ES2022", lib: ["ES2022", "DOM"], module: "Node16", moduleResolution: "node16", types: [], noEmit: true, strict: true,
        exactOptionalPropertyTypes: true, noUncheckedIndexedAccess: true, isolatedModules: true, verbatimModuleSyntax: true, skipLibCheck: false,
        isolatedDeclarations: true, declaration: true, erasableSyntaxOnly: true,
      };
      const files = policies.flatMap((policy) => [`${policy}/bindings.ts`, `${policy}/checks.ts`]);
      writeFileSync(join(folder, "tsconfig.json"), JSON.stringify({ compilerOptions, files }));
      const run = spawnSync(process.execPath, [join(web, "node_modules", compiler, "bin", "tsc"), "-p", folder, "--pretty", "false"], { encoding: "utf8" });
      const told = run.stdout.split("\n").filter((line) => /^\S/.test(line) && !isKnown(line));
      assert.deepEqual(told.slice(0, 20), []);
    });
  }
});
