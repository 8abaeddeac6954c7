// `node:assert/strict` in a page: as much of it as the suite uses. `tests/shims.test.ts` holds it
// against Node's own.
import { same, shown } from "./equality.js";

export class AssertionError extends Error {
  override readonly name: string = "AssertionError";
}

type Said = string | Error | undefined;
type Expected = RegExp | object | Function | Said;

function failed(said: Said, otherwise: () => string): never {
  throw said instanceof Error ? said : new AssertionError(said === undefined ? otherwise() : `${said}: ${otherwise()}`);
}

function assert(value: unknown, said?: Said): void {
  if (!value) failed(said, () => `${shown(value)} isn't true`);
}

/** Whether an error is as it should be. Node's rules: https://nodejs.org/api/assert.html#assertthrowsfn-error-message */
function checkError(error: unknown, expected: Expected, said: Said): void {
  if (expected === undefined || typeof expected === "string") return;
  if (expected instanceof RegExp) {
    if (!expected.test(String(error))) failed(said, () => `${shown(String(error))} doesn't match ${expected}`);
    return;
  }
  if (typeof expected === "function") {
    if (isClass(expected)) {
      if (!(error instanceof expected)) failed(said, () => `${shown(error)} is no ${expected.name}`);
    } else if (expected(error) !== true) failed(said, () => `what checks it didn't take ${shown(error)}`);
    return;
  }
  const keys = [...Object.keys(expected), ...(expected instanceof Error ? ["name", "message"] : [])];
  for (const key of keys) {
    const [is, wanted] = [(error as Record<string, unknown> | undefined)?.[key], (expected as Record<string, unknown>)[key]];
    if (wanted instanceof RegExp && typeof is === "string" ? wanted.test(is) : Object(error) === error && key in (error as object) && same(is, wanted)) continue;
    failed(said, () => `\`${key}\` of the error is ${shown(is)}, not ${shown(wanted)}: ${error instanceof Error ? error.stack : shown(error)}`);
  }
}

/** A plain function checks, a class is what the error is to be of. */
const isClass = (of: Function): of is new () => unknown => /^class\b/.test(Function.prototype.toString.call(of)) || of === Error || of.prototype instanceof Error;

export default Object.assign(assert, {
  AssertionError,
  ok: assert,
  equal(is: unknown, wanted: unknown, said?: Said): void {
    if (!Object.is(is, wanted)) failed(said, () => `${shown(is)} isn't ${shown(wanted)}`);
  },
  notEqual(is: unknown, unwanted: unknown, said?: Said): void {
    if (Object.is(is, unwanted)) failed(said, () => `it is ${shown(unwanted)}`);
  },
  deepEqual(is: unknown, wanted: unknown, said?: Said): void {
    if (!same(is, wanted)) failed(said, () => `${shown(is)} isn't ${shown(wanted)}`);
  },
  match(is: string, pattern: RegExp, said?: Said): void {
    if (typeof is !== "string" || !pattern.test(is)) failed(said, () => `${shown(is)} doesn't match ${pattern}`);
  },
  doesNotMatch(is: string, pattern: RegExp, said?: Said): void {
    if (typeof is !== "string" || pattern.test(is)) failed(said, () => `${shown(is)} matches ${pattern}`);
  },
  fail(said?: Said): never {
    throw said instanceof Error ? said : new AssertionError(said ?? "it has failed");
  },
  throws(run: () => unknown, expected?: Expected, said?: Said): void {
    try {
      run();
    } catch (error) {
      return checkError(error, expected, said);
    }
    failed(said ?? (typeof expected === "string" ? expected : undefined), () => "nothing is thrown");
  },
  async rejects(what: Promise<unknown> | (() => Promise<unknown>), expected?: Expected, said?: Said): Promise<void> {
    let result: unknown;
    try {
      result = await (typeof what === "function" ? what() : what);
    } catch (error) {
      return checkError(error, expected, said);
    }
    failed(said ?? (typeof expected === "string" ? expected : undefined), () => `nothing is rejected, there is ${shown(result)}`);
  },
});
