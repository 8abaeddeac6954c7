// What a user sees of a connection that is lost, that comes back, or that isn't let in.
import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type AddressInfo } from "node:net";
import { after, before, test } from "node:test";
import type { Browser, BrowserContext } from "playwright-core";
import { build, start } from "../../tests/support/backend.js";
import { Cable } from "../../tests/support/cable.js";
import { AppPage } from "../support/app.js";
import { appBundle, appPage } from "../support/bundling.js";
import { launch } from "../support/chromium.js";
import { eventually } from "../support/eventually.js";
import { Site } from "../support/site.js";

const token = "0123456789abcdef0123456789abcdef";
let chromium: Browser;
let context: BrowserContext;
let site: Site;
let url: string;
before(async () => {
  build();
  chromium = await launch();
  context = await chromium.newContext();
  site = (await Site.open()).serve("/app", "text/html", appPage("/app.js")).serve("/app.js", "text/javascript", await appBundle());
  url = `${site.origin}/app`;
});
after(async () => {
  await chromium.close();
  await site[Symbol.asyncDispose]();
});

/** A backend that lets the page in. */
const started = (...args: string[]) => start("--allow", site.origin, ...args, "ws://127.0.0.1:0");

test("a backend that is started anew shows `reconnecting`, then `connected`", async (t) => {
  const first = await started("--which", "1");
  const to = first.endpoints[0] as string;
  const app = await AppPage.open(context, url, { to });
  await app.shows("which", "1");
  await app.shows("state", "connected");
  first.kill();
  await first[Symbol.asyncDispose]();
  await app.shows("state", "reconnecting");
  await app.screenshot("reconnecting");
  t.diagnostic("screenshot: reconnecting.png");
  await using _second = await start("--allow", site.origin, "--which", "2", to);
  await app.shows("state", "connected");
  await app.shows("which", "2");
  assert.deepEqual(await app.states(), ["connecting", "connected anew", "reconnecting", "connected anew"]);
  // The page tells of attempts that found nobody by itself; nothing else was said.
  assert.deepEqual(app.console.filter((line) => !/ERR_CONNECTION_REFUSED|ERR_CONNECTION_RESET|WebSocket connection to/.test(line)), []);
});

test("a rebuilt backend of another version shows the banner, and the page doesn't reload by itself", async (t) => {
  const first = await started();
  const to = first.endpoints[0] as string;
  const app = await AppPage.open(context, url, { to });
  await app.shows("which", "1");
  await app.page.evaluate(() => Object.assign(globalThis, { isTheSame: true }));
  first.kill();
  await first[Symbol.asyncDispose]();
  await using _second = await start("--allow", site.origin, "--version", "2", to);
  assert.equal(await app.shows("banner", /./), "A new version is there. Reload the page.");
  assert.ok(await app.page.locator("#banner").isVisible());
  await app.shows("state", "closed");
  await app.screenshot("banner");
  t.diagnostic("screenshot: banner.png");
  assert.equal(await app.page.evaluate(() => Reflect.get(globalThis, "isTheSame")), true);
});

test("two pages show the same store, and both write to it", async (t) => {
  await using backend = await started();
  const to = backend.endpoints[0] as string;
  const [one, other] = [await AppPage.open(context, url, { to }), await AppPage.open(context, url, { to })];
  for (const app of [one, other]) await app.shows("theme", "none");
  await one.page.click("#dark");
  for (const app of [one, other]) await app.shows("theme", "dark");
  await other.page.click("#light");
  for (const app of [one, other]) await app.shows("theme", "light");
  // None of what both count at once is lost.
  await Promise.all([one, other].map((app) => app.page.evaluate(() => globalThis.app.countUp(50))));
  for (const app of [one, other]) await app.shows("count", "100");
  await one.screenshot("store");
  t.diagnostic("screenshot: store.png");
  await one.page.reload();
  await one.shows("count", "100");
  await one.shows("theme", "light");
});

test("a page that is offline finds out by the heartbeat, and tries at once when the network is back", async () => {
  await using backend = await started("--grace", "600000");
  await using cable = await Cable.to(backend.endpoints[0] as string);
  const own = await chromium.newContext();
  // A pause whose end nobody lives to see: only the network's return ends it.
  const app = await AppPage.open(own, url, { to: cable.endpoint, firstDelay: 2 ** 40, heartbeat: 2_000 });
  await app.shows("state", "connected");
  const name = await app.page.evaluate(() => globalThis.app.name());
  // Chromium ends nothing that is open: nothing comes through any more, and nobody is told.
  await own.setOffline(true);
  assert.equal(await app.page.evaluate(() => navigator.onLine), false);
  await app.shows("state", "reconnecting");
  assert.match(await app.page.evaluate(() => {
    const state = globalThis.app.ipc.state.get();
    return state.status === "reconnecting" ? state.cause.message : state.status;
  }), /has been silent for 4000 ms/);
  assert.equal(cable.connections, 1);
  await own.setOffline(false);
  await app.shows("state", "connected");
  assert.deepEqual(await app.states(), ["connecting", "connected anew", "reconnecting", "connected again"]);
  assert.equal(await app.page.evaluate(() => globalThis.app.name()), name);
  await own.close();
});

test("a refused origin, a wrong token and an absent backend are told apart, and only the last is tried again", async () => {
  await using guarded = await start("--token", token, "ws://127.0.0.1:0");
  await using open = await started("--token", token);
  const [refused, wrong] = [await Cable.to(guarded.endpoints[0] as string), await Cable.to(open.endpoints[0] as string)];
  const probe = createServer();
  await once(probe.listen(0, "127.0.0.1"), "listening");
  const { port } = probe.address() as AddressInfo;
  probe.close();
  const absent = `ws://127.0.0.1:${port}`;

  const right = await AppPage.open(context, url, { to: open.endpoints[0] as string, token });
  await right.shows("state", "connected");

  const foreign = await AppPage.open(context, url, { to: refused.endpoint, token });
  assert.equal(await foreign.shows("error", /./), `unauthorized 4403: ${refused.endpoint}/ doesn't let this side in: pages of ${site.origin} may not connect: allow it by OriginPolicy::allow`);
  const without = await AppPage.open(context, url, { to: wrong.endpoint, token: "wrong-wrong-wrong-wrong" });
  assert.match(await without.shows("error", /./), /^unauthorized -32001: .*token/);
  for (const app of [foreign, without]) {
    await app.shows("state", "closed");
    assert.deepEqual(await app.states(), ["connecting", "closed"]);
  }
  for (const cable of [refused, wrong]) assert.equal(cable.connections, 1);

  const alone = await AppPage.open(context, url, { to: absent });
  assert.match(await alone.shows("error", /./), /^notConnected (1006)?: .*a WebSocket isn't told which/);
  await alone.shows("state", "reconnecting");
  await using _late = await start("--allow", site.origin, absent);
  await alone.shows("state", "connected");
  for (const cable of [refused, wrong]) await cable[Symbol.asyncDispose]();
});

test("a page from elsewhere learns nothing of a backend that doesn't list it", async () => {
  await using backend = await start("ws://127.0.0.1:0");
  await using far = (await Site.open("panel.example")).serve("/app", "text/html", appPage("/app.js")).serve("/app.js", "text/javascript", await appBundle());
  const own = await launch("--host-resolver-rules=MAP panel.example 127.0.0.1");
  const app = await AppPage.open(await own.newContext(), `${far.origin}/app`, { to: backend.endpoints[0] as string });
  assert.match(await app.shows("error", /./), /^notConnected (1006)?: .*a WebSocket isn't told which/);
  await app.shows("state", "reconnecting");
  await own.close();
});

test("a page that is closed, or left for another one, has gone at once", async () => {
  await using backend = await started("--grace", "3600000");
  const to = backend.endpoints[0] as string;
  const [witness, app] = [await AppPage.open(context, url, { to }), await AppPage.open(context, url, { to })];
  for (const one of [witness, app]) await one.shows("state", "connected");
  const peers = (): Promise<number> => witness.page.evaluate(async () => ((await globalThis.app.ipc.call("test.survivor.peers", [])) as number[])[0] as number);
  assert.equal(await peers(), 2);
  await app.page.goto("about:blank");
  await eventually(peers, (count) => count === 1, "one peer is left");
  await app.page.goto(url);
  await app.shows("state", "connected");
  assert.equal(await peers(), 2);
  await app.page.close({ runBeforeUnload: true });
  await eventually(peers, (count) => count === 1, "one peer is left");
});
