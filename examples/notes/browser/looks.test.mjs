// What it looks like, light and dark, wide and narrow, and how it is used without a mouse. The
// screenshots are in target/notes/.
import assert from "node:assert/strict";
import { mkdirSync, readFileSync, utimesSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { App, directory, shoot } from "./support/app.mjs";
import { assertQuiet, launch, listed, openWindow, until } from "./support/chromium.mjs";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/** Name, text, and how many days ago it was written. */
const NOTES = [
  ["Sourdough, third try", "# Sourdough, third try\n\nAutolyse for an hour, then fold four times, every thirty minutes.\n\n- 450 g flour, of which 50 g rye\n- 330 g water\n- 90 g starter, fed in the morning\n- 9 g salt\n\n## Next time\n\nA little less water, and into the fridge overnight.\n", 0],
  ["Reading list", "The Soul of a New Machine, again. A Pattern Language, from the beginning.", 0],
  ["Trip to the coast", "Train at 7:52 from platform 4; the cottage is behind the lighthouse.", 1],
  ["Release notes for 0.2", "- The store is shared by all windows\n- Search knows whole texts", 3],
  ["Questions for Thursday", "Who owns the migration? Which of the two dates is real?", 9],
  ["Plants", "Water the fern twice a week. The cactus doesn't want anything.", 40],
  ["Address of the workshop", "Behind the old mill, second door, ring twice", 400],
];

let browser;
before(async () => (browser = await launch()));
after(() => browser.close());

function start(t) {
  const data = directory(t);
  mkdirSync(join(data, "folder"));
  for (const [name, text, days] of NOTES) {
    const path = join(data, `folder/${name}.md`);
    writeFileSync(path, text);
    const at = Date.now() / 1000 - days * 86_400 - NOTES.findIndex(([other]) => other === name);
    utimesSync(path, at, at);
  }
  return new App(t, { data });
}

/** Nothing that the rules of WCAG 2 A and AA find. */
async function assertAccessible(page, what) {
  // Not as an element: the page's policy allows no script within it.
  await page.evaluate(axe);
  const { violations } = await page.evaluate(() => globalThis.axe.run(document, { runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice"] }));
  const told = violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html, failureSummary }) => `${html} ${failureSummary}`).join("; ")}`);
  assert.deepEqual(told, [], what);
}

async function assertFits(page, what) {
  const [has, may] = await page.evaluate(() => [document.documentElement.scrollWidth, document.documentElement.clientWidth]);
  assert(has <= may, `${what} is ${has} wide, and the window ${may}`);
}

for (const colorScheme of ["light", "dark"]) {
  for (const width of [1280, 420]) {
    test(`it is whole and accessible: ${colorScheme}, ${width} wide`, async (t) => {
      const app = start(t);
      const page = await openWindow(t, browser, await app.address(), { colorScheme, viewport: { width, height: 800 } });
      const look = async (what) => {
        await shoot(page, `${what}-${colorScheme}-${width}`);
        await assertFits(page, what);
        await assertAccessible(page, what);
      };
      await listed(page, "Reading list").click();
      await page.waitForFunction(() => document.activeElement?.id === "text");
      await page.keyboard.press("Alt+P");
      await page.locator("#list li.pinned").waitFor({ state: "attached" });
      await page.keyboard.press("Escape");
      await look("list");
      await listed(page, "Sourdough, third try").click();
      await until("it is open", async () => (await page.getByLabel("Text of the note").inputValue()).startsWith("# Sourdough"));
      await page.getByText("Saved", { exact: true }).waitFor();
      await look("note");
      await page.keyboard.press("Escape");
      await page.getByRole("button", { name: "Index texts" }).click();
      await page.getByText(/^7 notes, \d+ words$/u).waitFor();
      await page.keyboard.press("Control+K");
      await page.getByRole("searchbox").fill("water");
      await page.getByText("2 notes found").waitFor();
      await look("search");
      await page.getByRole("searchbox").press("Escape");
      await listed(page, "Plants").click();
      await page.waitForFunction(() => document.activeElement?.id === "text");
      await page.keyboard.press("Alt+Delete");
      await page.getByText("“Plants” is deleted.").waitFor();
      assertQuiet(page);
      await app.kill();
      await page.getByText("Notes doesn't answer.").waitFor();
      await look("banner");
    });
  }
}

test("a refused address is explained", async (t) => {
  const app = start(t);
  for (const colorScheme of ["light", "dark"]) {
    const context = await browser.newContext({ colorScheme, viewport: { width: 420, height: 800 } });
    t.after(() => context.close());
    const page = await context.newPage();
    await page.goto(new URL("/open?code=none", await app.address()).href);
    await shoot(page, `refused-${colorScheme}-420`);
    await assertFits(page, "refused");
    await assertAccessible(page, "refused");
  }
});

test("everything is reached by the keyboard, and the focus is seen", async (t) => {
  const app = start(t);
  const page = await openWindow(t, browser, await app.address());
  const focused = () =>
    page.evaluate(() => {
      const element = document.activeElement;
      const { outlineStyle, outlineWidth } = getComputedStyle(element);
      return { name: element.id || element.dataset.name || element.tagName, isSeen: outlineStyle !== "none" && parseFloat(outlineWidth) >= 2 };
    });
  await listed(page, "Plants").waitFor();
  await page.keyboard.press("Control+K");
  assert.equal((await focused()).name, "query");
  await page.keyboard.press("ArrowDown");
  assert.equal((await focused()).name, "Sourdough, third try");
  await page.keyboard.press("End");
  assert.equal((await focused()).name, "Address of the workshop");
  await page.keyboard.press("ArrowUp");
  assert.equal((await focused()).name, "Plants");
  await page.keyboard.press("Enter");
  await page.waitForFunction(() => document.activeElement?.id === "text");
  await page.keyboard.press("Escape");
  assert.equal((await focused()).name, "Plants");
  const reached = [];
  for (let step = 0; step < 30; step++) {
    const { name, isSeen } = await focused();
    assert(name === "BODY" || isSeen, `${name} shows that it has the focus`);
    reached.push(name);
    await page.keyboard.press("Tab");
  }
  for (const name of ["new", "query", "index", "import", "name", "pin", "delete", "window", "text"]) assert(reached.includes(name), `${name} is reached: ${reached}`);
  assertQuiet(page);
});
