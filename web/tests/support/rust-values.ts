// Values of the Rust side's fixtures, and what TypeScript makes of them.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { transformSync } from "esbuild";
import { Encoding } from "#dist/encoding.js";
import { stringify } from "#dist/json.js";
import type { Functions, Method, Types } from "ipc-runtime";
import { binaries, cargoBuild } from "./backend.js";

export const web: string = join(dirname(fileURLToPath(import.meta.url)), "..", "..");
export const program: string = join(binaries, "examples", process.platform === "win32" ? "binding_values.exe" : "binding_values");

/** Builds the program that writes and reads values. */
export function buildProgram(): void {
  cargoBuild("-p", "ipc-shape-tests", "--example", "binding_values");
}

/** What the program prints. */
export function rust(args: string[], input = ""): string {
  const run = spawnSync(program, args, { input, encoding: "utf8", maxBuffer: 2 ** 30 });
  assert.equal(run.status, 0, run.stderr);
  return run.stdout;
}

/** What a file of bindings holds. */
export interface Bindings {
  Functions: Functions<{ [name: string]: unknown }>;
  $Types: Types;
}

/** Writes bindings of all fixtures to a directory, which holds nothing else then, and loads them. */
export async function bindings(policy: string, directory: string): Promise<Bindings> {
  rmSync(directory, { recursive: true, force: true });
  mkdirSync(directory, { recursive: true });
  const text = rust(["bindings", policy]);
  assert.equal(rust(["bindings", policy]), text, "the same types give the same bytes");
  writeFileSync(join(directory, "bindings.ts"), text);
  writeFileSync(join(directory, "bindings.mjs"), transformSync(text, { loader: "ts" }).code);
  return import(pathToFileURL(join(directory, "bindings.mjs")).href);
}

/** Random values of each type: the function's name, the type and the JSON. */
export function values(policy: string, count: number): [name: string, type: string, json: string][] {
  const lines = rust(["write", policy, String(count)]).split("\n");
  return lines.filter((line) => line !== "").map((line) => line.split("\t") as [string, string, string]);
}

/** What is sent of a value. */
export function sent(plan: Method["r"] | 0, value: unknown): string {
  const encoding = new Encoding(true);
  const converted = encoding.convert(plan, value, "value");
  return encoding.exact ? stringify(converted) : JSON.stringify(converted);
}

/** The value as an expression of TypeScript. */
export function source(value: unknown): string {
  if (typeof value === "bigint") return `${value}n`;
  if (value instanceof Uint8Array) return `new Uint8Array([${value.join(", ")}])`;
  if (Array.isArray(value)) return `[${value.map(source).join(", ")}]`;
  if (typeof value !== "object" || value === null) return Object.is(value, -0) ? "-0" : JSON.stringify(value);
  return `{ ${Object.entries(value).map(([name, of]) => `[${JSON.stringify(name)}]: ${source(of)}`).join(", ")} }`;
}

/** The first lines of a file of values, which have the types `All["NAME"]["a"]` and `["t"]`. */
export const HEAD: readonly string[] = [`import type * as $ from "ipc-runtime";`, `import type { Functions } from "./bindings.js";`, `type Of<F> = F extends $.Functions<infer M> ? M : never;`, `type All = Of<typeof Functions>;`];

/** What a compiler says of these files. */
export function compiled(compiler: string, directory: string, files: readonly string[]): string[] {
  const compilerOptions = {
    target: "ES2022", lib: ["ES2022", "DOM"], module: "Node16", moduleResolution: "node16", types: [], noEmit: true, strict: true,
    exactOptionalPropertyTypes: true, noUncheckedIndexedAccess: true, isolatedModules: true, verbatimModuleSyntax: true, skipLibCheck: false,
    isolatedDeclarations: true, declaration: true, erasableSyntaxOnly: true,
  };
  writeFileSync(join(directory, "tsconfig.json"), JSON.stringify({ compilerOptions, files }));
  const run = spawnSync(process.execPath, [join(web, "node_modules", compiler, "bin", "tsc"), "-p", directory, "--pretty", "false"], { encoding: "utf8", maxBuffer: 2 ** 30 });
  return run.stdout.split("\n").filter((line) => /^\S/.test(line));
}
