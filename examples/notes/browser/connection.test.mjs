// The backend goes, comes back, or is another one.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { App, directory, shoot } from "./support/app.mjs";
import { assertQuiet, connected, launch, openWindow, until, write } from "./support/chromium.mjs";

/** What Chromium itself says of a connection that is refused. */
const REFUSED = /WebSocket connection to .* failed|ERR_CONNECTION_REFUSED|status of 403/u;

/** A supervisor's: it starts the app anew with the token of before. */
const token = "0123456789abcdefghijklmnopqrstuvwxyz-_ABCDE";

let browser;
before(async () => (browser = await launch()));
after(() => browser.close());

async function start(t) {
  const data = directory(t);
  const app = new App(t, { data, variables: { NOTES_TOKEN: token } });
  const page = await openWindow(t, browser, await app.address());
  const { port } = new URL(page.url());
  const again = (variables) => new App(t, { data, arguments: ["--no-window", "--port", port], variables });
  return { app, page, again, file: (name) => readFileSync(join(app.folder, `${name}.md`), "utf8") };
}

test("when the backend dies a banner says so, and what is typed meanwhile is saved when it is back", async (t) => {
  const { app, page, again, file } = await start(t);
  await write(page, "Tea", "Green");
  await page.keyboard.press("Alt+P");
  await page.locator("#list li.pinned").waitFor();
  await app.kill();
  await page.getByText("Notes doesn't answer.").waitFor();
  await page.getByText("Reconnecting", { exact: true }).waitFor();
  const text = page.getByLabel("Text of the note");
  await text.press("End");
  await text.pressSequentially(" tea");
  await page.getByText("Not saved. There is no connection.").waitFor();
  assert.equal(file("Tea"), "Green");

  again({ NOTES_TOKEN: token });
  const retry = page.getByRole("button", { name: "Retry now" });
  await Promise.race([connected(page), until("it is asked to retry", async () => (await retry.click({ timeout: 500 }).catch(() => {})) ?? (await page.getByText("Connected", { exact: true }).isVisible()))]);
  await connected(page);
  await until("it is saved", () => file("Tea") === "Green tea");
  await page.locator(".banner").waitFor({ state: "detached" });
  await page.locator("#list li.pinned").waitFor(); // a restart doesn't unpin it
  assertQuiet(page, REFUSED);
});

test("a window of the launch before is told that it is", async (t) => {
  const { app, page, again } = await start(t);
  await app.kill();
  const other = again({});
  await other.address();
  await page.getByText("Notes was started anew.").waitFor();
  assertQuiet(page, REFUSED);
});

/** The page's script, as an older build of it had it. */
async function makeStale(page) {
  await page.route("**/page.js", async (route) => {
    const script = readFileSync(new URL("../page/dist/page.js", import.meta.url), "utf8");
    const stale = script.replace(/(channel: "demo\.notes",\s+version: )"1\.0\.0"(,\s+fingerprint: )"[^"]*"/u, '$1"0.9.0"$2"2:0123456789abcdef"');
    assert.notEqual(stale, script, "the build has these in another form");
    await route.fulfill({ contentType: "text/javascript; charset=utf-8", body: stale });
  });
}

test("an older page is told that there is a new version, and is new after it was loaded anew", async (t) => {
  const { page } = await start(t);
  await makeStale(page);
  await page.reload();
  await page.getByText("There is a new version of Notes.").waitFor();
  await page.getByText("This window has 0.9.0, and Notes has 1.0.0.").waitFor();
  await shoot(page, "new-version");
  await page.unroute("**/page.js");
  await page.getByRole("button", { name: "Reload" }).click();
  await connected(page);
  assert.equal(await page.locator(".banner").count(), 0);
  assertQuiet(page);
});

test("a page that is as old after it was loaded anew doesn't ask for it again", async (t) => {
  const { page } = await start(t);
  await makeStale(page);
  await page.reload();
  await page.getByRole("button", { name: "Reload" }).click();
  await page.getByText("Loading it anew doesn't help").waitFor();
  await shoot(page, "no-version-fits");
  assert.equal(await page.getByRole("button", { name: "Reload" }).count(), 0);
  assertQuiet(page);
});
