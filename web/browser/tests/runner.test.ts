// The page's `node:test`: no test gets lost, and neither does what is thrown.
import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { build } from "esbuild";
import type { Outcome, Registered } from "../suite/test.js";
import { launch } from "../support/chromium.js";
import { browser } from "../support/paths.js";

const SUITE = `
import { describe, registered, runAll, test } from ${JSON.stringify(join(browser, "suite", "test.ts"))};
test("skipped", { skip: "why" }, () => { throw new Error("it runs"); });
test("twice", () => {});
test("twice", () => { throw new Error("the second one"); });
describe("group", () => test("throws later", () => void setTimeout(() => { throw new Error("later"); }, 20)));
test("next", () => {});
const outcomes = [];
await runAll(() => false, async (outcome) => {
  outcomes.push(outcome);
  if (outcome.path.at(-1) === "throws later") await new Promise((resolve) => addEventListener("error", () => resolve(), { once: true }));
});
globalThis.told = { tests: registered(), outcomes };
`;

test("two tests of one name, a skipped one and what is thrown between two are told apart", { timeout: 60_000 }, async () => {
  const { outputFiles } = await build({ stdin: { contents: SUITE, resolveDir: browser, loader: "ts" }, bundle: true, write: false, format: "esm", target: "chrome120", logLevel: "error" });
  const chromium = await launch();
  try {
    const page = await chromium.newPage();
    await page.addScriptTag({ type: "module", content: outputFiles[0]?.text ?? "" });
    const handle = await page.waitForFunction(() => Reflect.get(globalThis, "told") as unknown);
    const { tests, outcomes } = (await handle.jsonValue()) as { tests: Registered[]; outcomes: Outcome[] };
    assert.deepEqual(tests.map(({ path, isSkipped }) => [path.join(": "), isSkipped]), [["skipped", true], ["twice", false], ["twice", false], ["group: throws later", false], ["next", false]]);
    assert.deepEqual(outcomes.map(({ at, error }) => [at, error === undefined]), [[1, true], [2, false], [3, true], [4, false]]);
    assert.match(outcomes[1]?.error as string, /the second one/);
    assert.match(outcomes[3]?.error as string, /before it began, uncaught: .*later/);
  } finally {
    await chromium.close();
  }
});
