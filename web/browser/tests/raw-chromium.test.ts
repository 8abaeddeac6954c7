// What the other tests need of a Chromium that is spoken to plainly: that its end ends them, too.
import assert from "node:assert/strict";
import { once } from "node:events";
import { test } from "node:test";
import { eventually } from "../support/eventually.js";
import { RawChromium } from "../support/raw-chromium.js";

test("what waits for a Chromium fails when it ends, and so does what is asked later", { timeout: 60_000 }, async () => {
  await using chromium = await RawChromium.launch();
  const tab = await chromium.tab("about:blank");
  assert.equal(await tab.evaluate("1 + 1"), 2);
  const waiting = assert.rejects(tab.evaluate("new Promise(() => {})"), /Runtime.evaluate: Chromium has ended/);
  const until = assert.rejects(tab.until("false"), /Runtime.evaluate: /);
  const exited = once(chromium.child, "exit");
  chromium.child.kill("SIGKILL");
  await Promise.all([waiting, until, exited]);
  await assert.rejects(tab.evaluate("1 + 1"), /Runtime.evaluate: Chromium has ended/);
});

test("waiting for what is never so fails, and says what there was", async () => {
  await assert.rejects(eventually(() => 7, (answer) => answer === 8, "it is eight", 150), /after 150 ms it isn't so: it is eight: it is 7/);
});
