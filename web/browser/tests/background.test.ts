// Tabs that nobody sees: one that is hidden, and one that is frozen. Each takes a minute or more, side
// by side.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { build, start } from "../../tests/support/backend.js";
import { Cable } from "../../tests/support/cable.js";
import { appBundle, appPage } from "../support/bundling.js";
import { RawChromium } from "../support/raw-chromium.js";
import { Site } from "../support/site.js";

/** Chromium slows timers of hidden pages down to one a minute after 5 minutes: here, after 10 s. */
const SOON_THROTTLED = "--enable-features=IntensiveWakeUpThrottling:grace_period_seconds/10";
/** What tells that it was so, in milliseconds: a busy machine alone makes no such gap. */
const LONG = 30_000;

let site: Site;
before(async () => {
  build();
  site = (await Site.open()).serve("/app", "text/html", appPage("/app.js")).serve("/app.js", "text/javascript", await appBundle());
});
after(() => site[Symbol.asyncDispose]());

/** The app in a tab that is connected through a cable. */
async function opened(chromium: RawChromium, cable: Cable) {
  const tab = await chromium.tab(`${site.origin}/app`, `globalThis.appOptions = { to: ${JSON.stringify(cable.endpoint)} };`);
  await tab.until("globalThis.app?.states.at(-1)", (state) => state === "connected anew");
  assert.equal(await tab.evaluate("document.visibilityState"), "visible");
  assert.equal(await tab.evaluate("document.hasFocus()"), true);
  return tab;
}

describe("in the background", { concurrency: true }, () => {
  test("a hidden tab, whose timers come once a minute, stays connected", { timeout: 200_000 }, async () => {
    await using backend = await start("--allow", site.origin, "ws://127.0.0.1:0");
    await using cable = await Cable.to(backend.endpoints[0] as string);
    await using chromium = await RawChromium.launch(SOON_THROTTLED);
    const tab = await opened(chromium, cable);
    const name = await tab.evaluate("app.name()");
    const front = await chromium.tab("about:blank");
    await tab.until("document.visibilityState === 'hidden'");
    await tab.evaluate("app.forgetGap()");

    // So long that the backend gives up a page that looks for messages by a chain of timers.
    await tab.until<number>("app.longestGap()", (gap) => gap >= LONG + 20_000, 150_000);
    // Now the timers run that are late by then, the heartbeat's among them.
    await tab.until<number>("app.sinceTick()", (since) => since < 1_000, 150_000);
    assert.ok((await tab.evaluate<number>("app.longestGap()")) >= LONG);
    assert.equal(await tab.evaluate("document.visibilityState"), "hidden");
    assert.deepEqual(await tab.evaluate("app.states"), ["connecting", "connected anew"]);
    assert.equal(await tab.evaluate("app.name()"), name);
    assert.equal(cable.connections, 1);

    await tab.show();
    await tab.until("document.visibilityState === 'visible'");
    assert.equal(await tab.evaluate("app.name()"), name);
    assert.equal(await front.evaluate("document.visibilityState"), "hidden");
    assert.deepEqual(await tab.evaluate("app.states"), ["connecting", "connected anew"]);
  });

  test("a frozen tab whose connection is lost meanwhile comes back with its session", { timeout: 200_000 }, async () => {
    await using backend = await start("--allow", site.origin, "--grace", "600000", "ws://127.0.0.1:0");
    await using cable = await Cable.to(backend.endpoints[0] as string);
    await using chromium = await RawChromium.launch();
    const tab = await opened(chromium, cable);
    const name = await tab.evaluate("app.name()");
    await chromium.tab("about:blank");
    await tab.until("document.visibilityState === 'hidden'");
    await tab.evaluate("app.forgetGap()");
    await tab.send("Page.setWebLifecycleState", { state: "frozen" });
    const frozenAt = performance.now();
    cable.cut();
    while (performance.now() - frozenAt < LONG + 2_000) await new Promise((resolve) => setTimeout(resolve, 1_000));
    assert.equal(cable.connections, 1, "a frozen page doesn't connect");

    await tab.send("Page.setWebLifecycleState", { state: "active" });
    await tab.show();
    await tab.until("app.states.at(-1)", (state) => state === "connected again");
    assert.ok((await tab.evaluate<number>("app.longestGap()")) >= LONG, "its timers stood still");
    assert.deepEqual(await tab.evaluate("app.states.filter((state) => state !== 'reconnecting')"), ["connecting", "connected anew", "connected again"]);
    assert.equal(await tab.evaluate("app.name()"), name);
    assert.equal(cable.connections, 2);
  });
});
