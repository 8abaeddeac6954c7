// Chromium, and what every window is asked: that it is connected, and that its console has no error.
import assert from "node:assert/strict";
import { chromium } from "playwright-core";

export const program = "/usr/bin/chromium";

/** For a machine without a screen and a network, as root. */
export const flags = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"];

/** One for the tests of a file. */
export function launch() {
  return chromium.launch({ executablePath: program, args: flags });
}

/** A page that remembers what it has complained of. */
export function watch(page) {
  page.complaints = [];
  page.on("console", (message) => message.type() === "error" && page.complaints.push(`${message.text()} ${message.location().url}`));
  page.on("pageerror", (error) => page.complaints.push(String(error)));
  return page;
}

/** Opens the app's page in a browser of its own, so to speak. After the test its console must be clean. */
export async function openWindow(t, browser, address, options = {}) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, ...options });
  t.after(() => context.close());
  const page = watch(await context.newPage());
  await page.goto(address);
  await connected(page);
  return page;
}

/** Another window of the same browser. */
export async function anotherWindow(page) {
  const opening = page.context().waitForEvent("page");
  await page.keyboard.press("Alt+W");
  const other = watch(await opening);
  await connected(other);
  return other;
}

export async function connected(page) {
  await page.getByText("Connected", { exact: true }).waitFor();
}

/** Nothing but what is expected was complained of. */
export function assertQuiet(page, expected = /^$/u) {
  assert.deepEqual(page.complaints.filter((complaint) => !expected.test(complaint)), []);
}

/** Waits until it holds, for so many milliseconds at most. */
export async function until(what, condition, patience = 30_000) {
  const end = Date.now() + patience;
  while (!(await condition())) {
    if (Date.now() > end) assert.fail(`it doesn't come true: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** The button of a note in the list. */
export function listed(page, name) {
  return page.locator(`#list button[data-name="${name}"]`);
}

/** Makes a note by the keyboard. */
export async function write(page, name, text) {
  await page.keyboard.press("Alt+N");
  const field = page.getByLabel("Name of the note");
  await page.waitForFunction(() => document.activeElement?.id === "name");
  await field.fill(name);
  await field.press("Enter");
  await listed(page, name).waitFor();
  await page.getByLabel("Text of the note").fill(text);
  await page.getByText("Saved", { exact: true }).waitFor();
}
