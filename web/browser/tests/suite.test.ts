// The suite of the package, file by file, each in a page of its own of a real Chromium.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { promisify } from "node:util";
import type { Browser } from "playwright-core";
import { build } from "../../tests/support/backend.js";
import * as leftOut from "../suite/left-out.js";
import type { Outcome, Registered } from "../suite/test.js";
import { suiteBundle } from "../support/bundling.js";
import { launch } from "../support/chromium.js";
import { Control } from "../support/control.js";
import { browser, web } from "../support/paths.js";
import { Site } from "../support/site.js";

let chromium: Browser;
let site: Site;
const control = new Control(() => site.origin);
before(async () => {
  build();
  chromium = await launch();
  site = (await Site.open()).post((body) => control.command(body));
});
after(async () => {
  await chromium.close();
  await site[Symbol.asyncDispose]();
});

/** In milliseconds: longer than any file takes, even where a test of it is too late. */
const DEADLINE = 200_000;

/** What a file registers in Node. */
async function inNode(file: string): Promise<Registered[]> {
  const { stdout } = await promisify(execFile)(process.execPath, [join(browser, "support", "registered.mjs"), join(web, "build", file)], { timeout: DEADLINE });
  return JSON.parse(stdout) as Registered[];
}

/** Runs a file, and gives what was registered, and what became of it. */
async function run(file: string): Promise<{ tests: Registered[]; outcomes: Outcome[] }> {
  const name = file.replace(".test.js", "");
  site.page(`/${name}`, await suiteBundle(file));
  const page = await chromium.newPage();
  const outcomes: Outcome[] = [];
  let tests: Registered[] = [];
  let deadline: ReturnType<typeof setTimeout> | undefined;
  try {
    await new Promise<void>((resolve, reject) => {
      deadline = setTimeout(() => reject(new Error(`${file} isn't done: it hangs in what follows "${outcomes.at(-1)?.path.join(": ")}"`)), DEADLINE);
      page.on("crash", () => reject(new Error(`${file}: the page has crashed`)));
      page.on("pageerror", (error) => tests.length || reject(error));
      void (async () => {
        await page.exposeFunction("suiteBegins", (all: Registered[]) => void (tests = all));
        await page.exposeFunction("suiteTold", (outcome: Outcome) => void outcomes.push(outcome));
        await page.exposeFunction("suiteEnds", () => resolve());
        await page.goto(`${site.origin}/${name}?page=${name}`);
      })().catch(reject);
    });
    return { tests, outcomes };
  } finally {
    clearTimeout(deadline);
    await page.close();
    await control.ends(name);
  }
}

/** What of a test is the same in a page and in Node: values in names are shown as each shows them. */
const placed = ({ path, isSkipped }: Registered) => ({ within: path.slice(0, -1), isSkipped });

const all = readdirSync(join(web, "build")).filter((file) => file.endsWith(".test.js"));
const registered = new Map<string, string[][]>();

/** Two at once, as there are processors: none of them measures time. */
describe("the suite, in a page", { concurrency: 2 }, () => {
  for (const file of all.filter((one) => !(one in leftOut.files))) {
    test(file, async (t) => {
      const [{ tests, outcomes }, nodes] = await Promise.all([run(file), inNode(file)]);
      registered.set(file, tests.map(({ path }) => path));
      assert.deepEqual(tests.map(placed), nodes.map(placed), "a page registers what Node does");
      for (const { at, path, error } of outcomes) if (at === undefined) assert.fail(`${path.join(": ")}: ${error}`);
      const byPlace = new Map(outcomes.map((outcome) => [outcome.at, outcome]));
      assert.equal(byPlace.size, outcomes.length, "each test is told of once");
      for (const [at, { path, isSkipped }] of tests.entries()) {
        const why = leftOut.whyLeftOut(file, path) ?? (isSkipped ? "it says so itself" : undefined);
        const outcome = byPlace.get(at);
        await t.test(path.join(": "), { skip: why ?? false }, (own) => {
          assert.ok(outcome, "it wasn't run");
          outcome.notes.forEach((note) => own.diagnostic(note));
          own.diagnostic(`${outcome.took} ms in the page`);
          if (outcome.error !== undefined) assert.fail(outcome.error);
        });
      }
    });
  }
});

test("what is left out is there, and is named once", () => {
  for (const file of Object.keys(leftOut.files)) assert.ok(all.includes(file), `there is no ${file}`);
  const names = [...registered].flatMap(([file, paths]) => paths.map((path) => ({ file, path })));
  for (const row of Object.keys(leftOut.rows)) assert.ok(names.some(({ path }) => path.includes(row)), `nothing is called "${row}"`);
  for (const [file, named] of Object.entries(leftOut.tests)) {
    for (const name of Object.keys(named)) {
      const own = names.filter((one) => one.file === file && one.path.includes(name));
      assert.ok(own.length, `${file} has nothing called "${name}"`);
      assert.ok(own.every(({ path }) => !path.some((part) => part in leftOut.rows)) || own.some(({ path }) => !path.some((part) => part in leftOut.rows)), `"${name}" is left out by its carrier already`);
    }
  }
  assert.ok(names.length > 400, `${names.length} tests are too few to be the suite`);
});
