// Pages of an Electron app and the real backend: in Debian's Chromium, and in a real Electron where there
// is one.
import assert from "node:assert/strict";
import { after, afterEach, before, describe, test } from "node:test";
import type { Page } from "playwright-core";
import { connect } from "ipc-runtime/node";
import { build } from "../tests/support/backend.js";
import { Survivor } from "../tests/support/survivor.js";
import { until, World } from "../tests/support/world.js";
import type { Trial } from "./app/page.js";
import { dist, inElectron } from "./real.js";
import { inChromium } from "./stand-in.js";

/** An app whose pages are driven. */
export interface App extends AsyncDisposable {
  /** Where the app's pages are, and the same ones where they aren't the app's. */
  readonly origin: string;
  readonly other: string;
  /** Opens a window with this page. */
  open(url: string): Promise<Page>;
}

declare const trial: Trial;

const token = "0123456789abcdef0123456789abcdef";
const ways: [what: string, start: typeof inChromium][] = [["Chromium", inChromium]];
if (dist === undefined) console.log("Electron: not run, none here");
else ways.push(["Electron", inElectron]);

before(() => build());

for (const [what, start] of ways) {
  describe(`in ${what}`, () => {
    let world: World;
    let app: App;
    let pages: Page[] = [];
    const problems: string[] = [];
    before(async () => {
      // Who is away is soon forgotten.
      world = await World.of("a Unix socket", "--token", token, "--grace", "50");
      app = await start(world.endpoint, token);
    });
    afterEach(async () => {
      for (const page of pages) await page.close();
      pages = [];
      assert.deepEqual(problems.splice(0), []);
    });
    after(async () => {
      await app?.[Symbol.asyncDispose]();
      await world?.[Symbol.asyncDispose]();
    });

    async function open(path = "/index.html", origin = app.origin): Promise<Page> {
      const page = await app.open(origin + path);
      pages.push(page);
      page.on("pageerror", (error) => void problems.push(String(error)));
      page.on("console", (message) => void (message.type() === "error" && problems.push(message.text())));
      await page.waitForFunction(() => "trial" in globalThis);
      return page;
    }

    /** A client without a page, which sees who is there. */
    async function witness() {
      const ipc = await connect(world.endpoint, { token });
      return { survivor: await ipc.open(Survivor), [Symbol.asyncDispose]: () => ipc.close() };
    }

    for (const question of ["", "?msgpack"]) {
      test(`a page calls and is called, subscribes, uploads, and hears how far it is${question}`, async () => {
        const page = await open(`/index.html${question}`);
        assert.deepEqual(await page.evaluate(() => trial.call("four")), ["four", 4, 45, 4_950]);
        assert.deepEqual(await page.evaluate(() => trial.subscribe(500)), Array.from({ length: 500 }, (_, n) => 499 - n));
        assert.deepEqual(await page.evaluate(() => trial.progress(["a", "b", "c"])), [3, [1, 2, 3]]);
        assert.ok(await page.evaluate(() => trial.bytes(3_000_000)), "more than is under way at once");
        assert.deepEqual(await page.evaluate(() => trial.store(30, 100_000)), Array.from({ length: 30 }, () => 100_000));
        assert.deepEqual(await page.evaluate(() => trial.statuses), ["connected"]);
      });
    }

    test("the page's world sees nothing of the preload script's, and nothing of the token", async () => {
      const page = await open();
      assert.deepEqual(await page.evaluate(() => ["require", "process", "module", "ipcRenderer", "electron", "toMain", "fromMain"].filter((name) => name in globalThis)), []);
      const inAll = await page.evaluate((token) => JSON.stringify([Object.entries(globalThis).map(String), document.documentElement.outerHTML, { ...sessionStorage, ...localStorage }, document.cookie]).includes(token), token);
      assert.ok(!inAll);
    });

    test("each window is a peer of its own, and so is a worker", async () => {
      const [one, two] = [await open(), await open()];
      const names = [await one.evaluate(() => trial.survivor.name()), await two.evaluate(() => trial.survivor.name()), await two.evaluate(() => trial.worker())];
      assert.equal(new Set(names).size, 3, String(names));
      await one.close();
      await using seen = await witness();
      await until(() => seen.survivor.peers(), ([there]) => there === 3);
      assert.equal(await two.evaluate(() => trial.survivor.name()), names[1]);
    });

    test("a page that isn't the app's is refused, with its URL", async () => {
      const page = await open("/index.html", app.other);
      const { kind, message } = await page.evaluate(() => ({ kind: trial.kind, message: trial.message }));
      assert.equal(kind, "unauthorized");
      assert.match(String(message), new RegExp(`^${app.other}/index.html: .* doesn't allow this page`));
    });

    test("a frame in a page is refused", async () => {
      const page = await open();
      await page.evaluate(() => {
        document.body.append(Object.assign(document.createElement("iframe"), { src: "index.html?frame" }));
      });
      const frame = await until(() => page.frames()[1], (frame) => frame !== undefined);
      await frame?.waitForFunction(() => "trial" in globalThis);
      assert.match(String(await frame?.evaluate(() => trial.message)), /index\.html\?frame: only the main frame/);
      assert.ok(await page.evaluate(() => trial.survivor.which()), "the page's own stays");
    });

    test("a page that is loaded anew is another peer, and the one before is gone", async () => {
      const page = await open();
      const name = await page.evaluate(() => trial.survivor.name());
      await page.reload();
      await page.waitForFunction(() => "trial" in globalThis);
      assert.notEqual(await page.evaluate(() => trial.survivor.name()), name);
      await using seen = await witness();
      await until(() => seen.survivor.peers(), ([there]) => there === 2);
    });

    test("a page keeps its connection when it is left for nothing", async () => {
      const page = await open();
      const name = await page.evaluate(() => trial.survivor.name());
      const answered = page.waitForResponse(/nothing$/u);
      await page.evaluate(() => {
        location.href = "/nothing";
      });
      await answered;
      await page.evaluate(() => void history.pushState(null, "", "#here"));
      assert.equal(await page.evaluate(() => trial.survivor.name()), name);
      assert.deepEqual(await page.evaluate(() => trial.statuses), ["connected"]);
    });

    test("a page comes back when the backend does", async () => {
      const page = await open();
      const call = page.evaluate(() => trial.survivor.wait().result().then((outcome) => outcome.ok || outcome.error.kind));
      await using seen = await witness();
      await until(() => seen.survivor.begun(), (begun) => begun === 1);
      await world.goes();
      assert.equal(await call, "disconnected");
      await page.waitForFunction(() => trial.statuses.includes("reconnecting"));
      await world.comes();
      await page.waitForFunction(() => trial.statuses.at(-1) === "connected");
      assert.equal(await page.evaluate(() => trial.survivor.which()), 2);
      assert.deepEqual(await page.evaluate(() => [...new Set(trial.statuses)]), ["connected", "reconnecting"]);
    });
  });
}
