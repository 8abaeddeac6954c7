// How a window gets in: by a code in its address, which is taken once and soon.
import assert from "node:assert/strict";
import { once } from "node:events";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { chromium } from "playwright-core";
import { App, directory } from "./support/app.mjs";
import { assertQuiet, connected, flags, launch, openWindow, program, until, watch, write } from "./support/chromium.mjs";

let browser;
before(async () => (browser = await launch()));
after(() => browser.close());

test("the code is exchanged for a cookie that no script reads, and the address is clean", async (t) => {
  const app = new App(t, { data: directory(t) });
  const address = await app.address();
  const page = await openWindow(t, browser, address);
  const { origin } = new URL(address);
  assert.equal(page.url(), `${origin}/`);
  const [cookie, ...others] = await page.context().cookies();
  assert.deepEqual(others, []);
  assert.deepEqual([cookie.httpOnly, cookie.sameSite, cookie.expires], [true, "Strict", -1]);
  assert.equal(await page.evaluate(() => document.cookie), "");
  assert(!app.output.includes(cookie.value), "the token isn't printed");
  assert(!address.includes(cookie.value), "nor is it in the address");
  assert(!page.url().includes("code"));
  assertQuiet(page);
});

test("a code that was used is refused, also to who had it first", async (t) => {
  const app = new App(t, { data: directory(t) });
  const address = await app.address();
  await openWindow(t, browser, address);
  const context = await browser.newContext();
  t.after(() => context.close());
  const stranger = await context.newPage();
  assert.equal((await stranger.goto(address)).status(), 403);
  await stranger.getByRole("heading", { name: "This address doesn't open Notes." }).waitFor();
  assert.deepEqual(await context.cookies(), []);
  const { origin } = new URL(address);
  assert.equal((await stranger.goto(origin)).status(), 401);
});

test("a page at another port of this machine gets neither the cookie, the page nor the socket", async (t) => {
  const app = new App(t, { data: directory(t) });
  const page = await openWindow(t, browser, await app.address());
  const { host } = new URL(page.url());
  const cookies = [];
  const server = createServer((request, response) => cookies.push(request.headers.cookie) && response.setHeader("Content-Type", "text/html").end("<!doctype html><title>Other</title>"));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(() => server.close() && server.closeAllConnections());
  const other = await page.context().newPage();
  await other.goto(`http://127.0.0.1:${server.address().port}/`);
  const socket = await other.evaluate(
    (host) =>
      new Promise((resolve) => {
        const socket = new WebSocket(`ws://${host}/ipc`, "ipc.v1.json");
        socket.onopen = () => socket.send('{"jsonrpc":"2.0","id":1,"method":"demo.notes.list"}');
        socket.onmessage = ({ data }) => resolve(data);
        socket.onclose = ({ code }) => resolve(code);
      }),
    host,
  );
  assert.equal(typeof socket, "number", "it is closed unheard");
  assert(cookies.length > 0 && cookies.every((cookie) => cookie === undefined), String(cookies));
  const read = await other.evaluate((host) => fetch(`http://${host}/`, { credentials: "include" }).then((answer) => answer.text(), (error) => error.name), host);
  assert.equal(read, "TypeError");
  assertQuiet(page);
});

test("an address that is clicked on another site's page opens the app", async (t) => {
  const app = new App(t, { data: directory(t) });
  const address = await app.address();
  const server = createServer((_, response) => response.setHeader("Content-Type", "text/html").end(`<!doctype html><title>Other</title><a href="${address}">Notes</a>`));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(() => server.close() && server.closeAllConnections());
  const page = await browser.newPage();
  t.after(() => page.close());
  await page.goto(`http://localhost:${server.address().port}/`);
  await page.getByRole("link").click();
  await connected(page);
  assert.equal(page.url(), `${new URL(address).origin}/`);
  await page.goBack();
  assert.equal(await page.title(), "Other", "going back doesn't lead to the code");
});

test("the app opens a window by itself, no process shows the token, and it ends with the window", async (t) => {
  const data = directory(t);
  const own = join(data, "browser");
  // As a user's own one. Without a screen the window is only thought of, and all else is the same.
  const screen = process.env.DISPLAY;
  const more = [...flags, ...(screen ? [] : ["--headless"]), "--remote-debugging-port=0"];
  writeFileSync(own, `#!/bin/sh\nexec ${program} ${more.join(" ")} "$@"\n`, { mode: 0o755 });
  const app = new App(t, { data, arguments: [], variables: { NOTES_BROWSER: own, DISPLAY: screen ?? ":99" } });
  await app.line("a window is being opened");
  const ready = join(data, "ipc-notes/window/DevToolsActivePort");
  const port = () => {
    try {
      return readFileSync(ready, "utf8").split("\n")[0];
    } catch {
      return "";
    }
  };
  await until("the browser is there", port);
  const shown = await chromium.connectOverCDP(`http://127.0.0.1:${port()}`);
  const devtools = await shown.newBrowserCDPSession();
  t.after(() => devtools.send("Browser.close").catch(() => {}));
  const [context] = shown.contexts();
  await until("the page is there", () => context.pages().some((page) => page.url().startsWith("http:")));
  const page = watch(context.pages().find((page) => page.url().startsWith("http:")));
  await connected(page);
  assert(await page.evaluate(() => matchMedia("(display-mode: standalone)").matches), "it has neither tabs nor an address bar");
  const [{ value: token }] = await context.cookies();
  assert.equal(token.length, 43);
  const lines = readdirSync("/proc").flatMap((process) => {
    try {
      return [readFileSync(`/proc/${process}/cmdline`, "utf8").replaceAll("\0", " ")];
    } catch {
      return []; // it is no process, or has ended
    }
  });
  const browsers = lines.filter((line) => line.includes(data));
  assert(browsers.some((line) => /--app=http:\/\/notes-[0-9a-f]{20}\.localhost:/u.test(line)), browsers.join("\n"));
  assert.deepEqual(lines.filter((line) => line.includes(token)), []);
  await write(page, "From the window", "text");
  assertQuiet(page);
  await page.close();
  assert.equal(await app.ended, 0);
  assert.match(app.output, /the last window is closed/u);
});

test("a code that is older than thirty seconds is refused", async (t) => {
  const app = new App(t, { data: directory(t) });
  const address = await app.address();
  const printed = performance.now();
  const page = await browser.newPage();
  await until("thirty seconds are over", () => performance.now() - printed > 30_000, 60_000);
  assert.equal((await page.goto(address)).status(), 403);
  assert.deepEqual(await page.context().cookies(), []);
  await page.close();
});
