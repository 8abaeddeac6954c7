// The second page of `examples/machine-panel` in Debian's Chromium: it has a stock client, and its
// machine is at another port. Leaves pictures in target/socket-io-page.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir } from "node:fs/promises";
import path from "node:path";
import readline from "node:readline";
import { after, afterEach, before, beforeEach, describe, it } from "node:test";
import { fileURLToPath } from "node:url";

import { chromium } from "playwright-core";

import { eventually, inTime, program } from "../node/backend.mjs";

const PICTURES = fileURLToPath(new URL("../../target/socket-io-page/", import.meta.url));

/** What the browser itself says of a machine that isn't there. */
const UNREACHABLE = /^WebSocket connection to '[^']+' failed:/;

let browser, machine;

before(async () => {
  await mkdir(PICTURES, { recursive: true });
  browser = await chromium.launch({ executablePath: process.env.IPC_CHROMIUM ?? "/usr/bin/chromium", args: ["--no-sandbox", "--disable-gpu"] });
});

after(() => browser?.close());

/** The machine with its pages. */
class Machine {
  said = [];

  static async start(...addresses) {
    const machine = new Machine();
    machine.process = spawn(program("machine-panel"), ["page", ...addresses], { stdio: ["ignore", "pipe", "inherit"] });
    machine.exited = once(machine.process, "exit");
    machine.exited.catch(() => {});
    readline.createInterface({ input: machine.process.stdout }).on("line", (line) => machine.said.push(line));
    const said = (pattern) => machine.said.map((line) => pattern.exec(line)?.[1]).find((found) => found);
    const gone = machine.exited.then(([code]) => Promise.reject(new Error(`the machine has ended with ${code}`)));
    gone.catch(() => {});
    await Promise.race([eventually(() => said(/^it connects to port (\d+)/), "the machine listens"), gone]);
    machine.first = said(/^the page is at http:\/\/([^/]+)\//);
    machine.page = said(/client is at http:\/\/([^/]+)\//);
    machine.port = said(/^it connects to port (\d+)/);
    return machine;
  }

  /** Ends it, by Ctrl-C or at once. */
  async end(signal) {
    this.process.kill(signal);
    await inTime(this.exited, "the machine's end");
  }

  /** Another one where it was. */
  restart() {
    return Machine.start(this.first, this.page, `127.0.0.1:${this.port}`);
  }
}

/** The page, and what went wrong in it. */
async function opened({ script, ...options } = {}) {
  const page = await browser.newPage({ viewport: { width: 1280, height: 800 }, ...options });
  page.setDefaultTimeout(30_000);
  page.wrong = [];
  page.sockets = [];
  page.on("pageerror", (error) => page.wrong.push(String(error)));
  page.on("console", (message) => {
    if (["error", "warning"].includes(message.type()) && !UNREACHABLE.test(message.text())) page.wrong.push(message.text());
  });
  page.on("websocket", (socket) => page.sockets.push(socket));
  if (script) {
    await page.route("**/page.js", async (route) => {
      const response = await route.fetch();
      await route.fulfill({ response, body: script(await response.text()) });
    });
  }
  await page.goto(`http://${machine.page}/`);
  return page;
}

const lineIs = (page, text) => page.waitForFunction((text) => document.querySelector("#line").textContent === text, text);
const textIs = (page, id, text) => page.waitForFunction(([id, text]) => document.querySelector(id).textContent === text, [id, text]);
const bannerHas = (page, text) => page.waitForFunction((text) => document.querySelector("#banners").textContent.includes(text), text);
const readings = (page) => page.locator("#readings dd").allTextContents();

/** Waits until as many samples came to the page's browser. */
function samples(page, count) {
  return inTime(
    new Promise((resolve) => {
      page.sockets.at(-1).on("framereceived", ({ payload }) => {
        if (String(payload).startsWith('42["arm.telemetry"') && --count === 0) resolve();
      });
    }),
    "samples",
  );
}

describe("the machine's page with a stock client", () => {
  let page;

  beforeEach(async () => {
    machine = await Machine.start("127.0.0.1:0");
  });

  afterEach(async () => {
    const wrong = page?.wrong ?? [];
    await page?.close();
    page = undefined;
    await machine?.end("SIGKILL");
    assert.deepEqual(wrong, []);
  });

  it("connects to another port by a WebSocket, and says its version first", async () => {
    page = await opened();
    await lineIs(page, "Connected");
    assert.notEqual(machine.port, new URL(page.url()).port);
    assert.deepEqual(
      page.sockets.map((socket) => new URL(socket.url()).host),
      [`127.0.0.1:${machine.port}`],
    );
    await eventually(() => machine.said.includes("socket.io is a page for version 3.0.0"), "the version is heard");
    assert.equal(await page.locator("#banners").textContent(), "");
  });

  it("shows what is measured until it unsubscribes, and again when it subscribes", async () => {
    page = await opened();
    await lineIs(page, "Connected");
    const first = await readings(page);
    await eventually(async () => (await readings(page)).every((text, at) => text !== first[at]), "all numbers change");
    await page.click("#pause");
    await lineIs(page, "Connected, telemetry paused");
    const paused = await readings(page);
    await samples(page, 10);
    assert.deepEqual(await readings(page), paused);
    await page.click("#pause");
    await eventually(async () => (await readings(page)).some((text, at) => text !== paused[at]), "the numbers change again");
  });

  it("drives home, and hears when it is there", async () => {
    page = await opened();
    await lineIs(page, "Connected");
    await page.fill("#speed", "100");
    await page.click("#go");
    await textIs(page, "#home-text", "On its way.");
    await textIs(page, "#home-text", "It is home.");
    assert.ok(await page.isEnabled("#go"));
  });

  it("stops the machine, which its other pages see, and releases it", async () => {
    page = await opened();
    const other = await opened();
    const first = await browser.newPage();
    await first.goto(`http://${machine.first}/`);
    for (const each of [page, other, first]) await lineIs(each, "Connected");
    await page.fill("#speed", "1");
    await page.click("#go");
    await textIs(page, "#home-text", "On its way.");
    await page.keyboard.press("Escape");
    for (const each of [page, other, first]) await textIs(each, "#stop-text", "Stopped: the button on the socket.io page");
    await textIs(page, "#home-text", "It isn't home: stopped: the button on the socket.io page");
    assert.ok(await page.isDisabled("#go"));
    await other.click("#release");
    for (const each of [page, other, first]) await textIs(each, "#stop-text", "");
    assert.ok(await page.isEnabled("#go"));
    await other.close();
    await first.close();
  });

  for (const signal of ["SIGINT", "SIGKILL"]) {
    it(`says that the machine is gone by ${signal}, sends nothing meanwhile, and comes back`, async () => {
      page = await opened();
      await lineIs(page, "Connected");
      // Told to end, the machine would first wait for it.
      const isOnItsWay = signal === "SIGKILL";
      if (isOnItsWay) {
        await page.fill("#speed", "1");
        await page.click("#go");
        await textIs(page, "#home-text", "On its way.");
      }
      await machine.end(signal);
      await lineIs(page, "Reconnecting");
      await bannerHas(page, "There is no connection to the machine.");
      if (isOnItsWay) await textIs(page, "#home-text", "The connection was lost on the way.");
      await page.click("#stop-button");
      await textIs(page, "#stop-text", "It was not sent. Use the button at the machine.");
      assert.ok(await page.isDisabled("#go"));
      machine = await machine.restart();
      await lineIs(page, "Connected");
      await textIs(page, "#banners", "");
      await samples(page, 3);
      assert.equal(await page.locator("#stop-text").textContent(), "");
      assert.ok(!machine.said.some((line) => line.includes("presses the button")), machine.said.join("\n"));
    });
  }

  const older = (script) => {
    const changed = script.replace('VERSION = "3.0.0"', 'VERSION = "2.4.0"');
    assert.notEqual(changed, script);
    return changed;
  };

  it("is refused where its version doesn't fit, and says the machine's sentence", async () => {
    page = await opened({ script: older });
    await lineIs(page, "Wrong version");
    const text = await page.locator("#banners p").textContent();
    assert.match(text, /^Wrong version\. The machine says: demo\.machine 3\.0\.0 is served here, which doesn't fit 2\.4\.0\./);
    assert.ok(await page.isDisabled("#go"));
  });

  it("without `auth`, its first message is its version, and the answer says that it doesn't fit", async () => {
    const withoutAuth = (script) => {
      const changed = older(script).replace('auth: { uses: { "demo.machine": VERSION } }', "");
      assert.notEqual(changed, older(script));
      return changed;
    };
    page = await opened({ script: withoutAuth });
    await lineIs(page, "Wrong version");
    await bannerHas(page, "The machine has version 3.0.0, and this page was written for another one.");
    assert.deepEqual(new Set(await readings(page)), new Set(["–"]));
    assert.ok(machine.said.includes("socket.io is a page for version 2.4.0"), machine.said.join("\n"));
  });

  it("fits wide and narrow windows, light and dark", async () => {
    const fits = async (name) => {
      for (const width of [1280, 420]) {
        await page.setViewportSize({ width, height: 800 });
        for (const colorScheme of ["light", "dark"]) {
          await page.emulateMedia({ colorScheme });
          await page.screenshot({ path: path.join(PICTURES, `${name}-${width}-${colorScheme}.png`), fullPage: true });
        }
        assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), `${name}, ${width} wide`);
      }
    };
    page = await opened();
    await lineIs(page, "Connected");
    await samples(page, 20);
    await fits("connected");
    await page.click("#stop-button");
    await textIs(page, "#stop-text", "Stopped: the button on the socket.io page");
    await fits("stopped");
    await machine.end("SIGKILL");
    await bannerHas(page, "There is no connection to the machine.");
    await fits("lost");
    assert.deepEqual(page.wrong, []);
    await page.close();
    machine = await machine.restart();
    page = await opened({ script: older });
    await bannerHas(page, "2.4.0");
    await fits("refused");
  });
});
