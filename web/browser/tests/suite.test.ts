// The suite of the package, file by file, each in a page of its own of a real Chromium.
import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import type { Browser } from "playwright-core";
import { build } from "../../tests/support/backend.js";
import * as leftOut from "../suite/left-out.js";
import type { Outcome } from "../suite/test.js";
import { suiteBundle } from "../support/bundling.js";
import { launch } from "../support/chromium.js";
import { Control } from "../support/control.js";
import { web } from "../support/paths.js";
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

/** Runs a file, and gives what was registered, and what became of it. */
async function run(file: string): Promise<{ paths: string[][]; outcomes: Outcome[] }> {
  const name = file.replace(".test.js", "");
  site.page(`/${name}`, await suiteBundle(file));
  const page = await chromium.newPage();
  const outcomes: Outcome[] = [];
  let paths: string[][] = [];
  let deadline: ReturnType<typeof setTimeout> | undefined;
  try {
    await new Promise<void>((resolve, reject) => {
      deadline = setTimeout(() => reject(new Error(`${file} isn't done: it hangs in what follows "${outcomes.at(-1)?.path.join(": ")}"`)), DEADLINE);
      page.on("crash", () => reject(new Error(`${file}: the page has crashed`)));
      page.on("pageerror", (error) => paths.length || reject(error));
      void (async () => {
        await page.exposeFunction("suiteBegins", (all: string[][]) => void (paths = all));
        await page.exposeFunction("suiteTold", (outcome: Outcome) => void outcomes.push(outcome));
        await page.exposeFunction("suiteEnds", () => resolve());
        await page.goto(`${site.origin}/${name}?page=${name}`);
      })().catch(reject);
    });
    return { paths, outcomes };
  } finally {
    clearTimeout(deadline);
    await page.close();
    await control.ends(name);
  }
}

const all = readdirSync(join(web, "build")).filter((file) => file.endsWith(".test.js"));
const registered = new Map<string, string[][]>();

/** Two at once, as there are processors: none of them measures time. */
describe("the suite, in a page", { concurrency: 2 }, () => {
  for (const file of all.filter((one) => !(one in leftOut.files))) {
    test(file, async (t) => {
      const { paths, outcomes } = await run(file);
      registered.set(file, paths);
      assert.equal(outcomes.length, paths.filter((path) => leftOut.whyLeftOut(file, path) === undefined).length, "each test that isn't left out was run, and none of what comes after them failed");
      for (const path of paths) {
        const name = path.join(": ");
        const why = leftOut.whyLeftOut(file, path);
        const outcome = outcomes.find((one) => one.path.join(": ") === name);
        await t.test(name, { skip: why ?? false }, (own) => {
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
