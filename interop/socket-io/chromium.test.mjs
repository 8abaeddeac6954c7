// Stock clients in a page of Debian's Chromium, whose backend is at another port.

import assert from "node:assert/strict";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import http from "node:http";
import { after, before, describe, it } from "node:test";
import { fileURLToPath } from "node:url";

import { chromium } from "playwright-core";

import { inTime } from "../node/backend.mjs";
import { RefusingProxy } from "./refusing-proxy.mjs";
import { Server } from "./server.mjs";
import { ways } from "./site.mjs";

const CLIENT = fileURLToPath(new URL("dist/socket.io.min.js", import.meta.resolve("socket.io-client/package.json")));
const PAGE = `<!doctype html><title>arm</title><link rel="icon" href="data:,"><script src="/socket.io.min.js"></script>`;

let browser, pages, origin;

before(async () => {
  const script = await readFile(CLIENT);
  pages = http.createServer((request, response) => {
    const isScript = request.url === "/socket.io.min.js";
    response.writeHead(200, { "content-type": isScript ? "text/javascript" : "text/html" }).end(isScript ? script : PAGE);
  });
  pages.listen(0, "127.0.0.1");
  await once(pages, "listening");
  origin = `http://127.0.0.1:${pages.address().port}`;
  browser = await chromium.launch({ executablePath: process.env.IPC_CHROMIUM ?? "/usr/bin/chromium", args: ["--no-sandbox", "--disable-gpu"] });
});

after(async () => {
  await browser?.close();
  pages?.closeAllConnections();
  pages?.close();
});

/** A page with a client, which may not be connected yet: `socket`, and what it has heard. */
async function opened(url, options) {
  const page = await browser.newPage();
  page.setDefaultTimeout(30_000);
  await page.goto(origin);
  await page.evaluate(
    ([url, options]) => {
      globalThis.heard = [];
      globalThis.socket = globalThis.io(url, { reconnectionDelay: 50, reconnectionDelayMax: 200, ...options });
      socket.on("connect_error", (error) => heard.push(["connect_error", error.message]));
      socket.on("disconnect", (why) => heard.push(["disconnect", why]));
      socket.onAny((...event) => heard.push(event.filter((part) => typeof part !== "function")));
    },
    [url, options],
  );
  return page;
}

for (const way of ways) {
  describe(`in Chromium, ${way.name}`, () => {
    let server, proxy, page;
    before(async () => {
      server = await Server.start("ours", { allow: origin, recovery: "on" });
      if (way.proxied) proxy = await RefusingProxy.start(server);
      page = await opened((proxy ?? server).url, way.options);
    });
    after(async () => {
      await page?.close();
      proxy?.stop();
      await server?.kill();
    });

    it("connects by the transport that is meant", async () => {
      await page.waitForFunction((name) => socket.connected && socket.io.engine.transport.name === name, way.transport);
    });

    it("calls, sends bytes, hears events, and answers the backend", async () => {
      const seen = await page.evaluate(async () => {
        const bytes = new Uint8Array([0, 1, 254, 255]);
        const [text, back] = [await socket.emitWithAck("echo", "Grüße 😀"), await socket.emitWithAck("echo", { bytes })];
        const told = new Promise((resolve) => socket.once("demo.arm.told", resolve));
        await socket.emitWithAck("demo.arm.tell", "hello");
        return { text, bytes: [...new Uint8Array(back.bytes)], told: await told };
      });
      assert.deepEqual(seen, { text: "Grüße 😀", bytes: [0, 1, 254, 255], told: "hello" });
    });

    it("sends without an acknowledgement, answers a call, and gets errors", async () => {
      const seen = await page.evaluate(async () => {
        socket.emit("demo.arm.log", "chromium: a line");
        const lines = await socket.emitWithAck("demo.arm.logged", "chromium");
        socket.on("demo.arm.confirm", (question, ack) => ack(`${question} yes`));
        const answer = await socket.emitWithAck("demo.arm.ask", "sure?");
        const { error } = await socket.emitWithAck("demo.arm.move", 1000, 0);
        return { lines, answer, code: error.code, message: error.message };
      });
      assert.deepEqual(seen, { lines: ["chromium: a line"], answer: "sure? yes", code: 1, message: "1000 m are out of reach" });
    });

    it("has its peer back, and what it missed", async () => {
      const seen = await page.evaluate(async () => {
        const next = (socket, event) => new Promise((resolve) => socket.once(event, resolve));
        const other = io(socket.io.uri, { ...socket.io.opts, forceNew: true });
        await next(other, "connect");
        const shout = (text) => other.emitWithAck("demo.arm.shout", "chromium", text);
        const texts = [];
        socket.on("demo.arm.heard", (text) => texts.push(text));
        await socket.emitWithAck("demo.arm.join", "chromium");
        const first = next(socket, "demo.arm.heard");
        await shout("first");
        await first;
        const { id } = socket;
        socket.io.reconnection(false);
        const gone = next(socket, "disconnect");
        socket.io.engine.close();
        await gone;
        await shout("second");
        const [back, missed] = [next(socket, "connect"), next(socket, "demo.arm.heard")];
        socket.connect();
        await back;
        await missed;
        await shout("third");
        while (texts.length < 3) await next(socket, "demo.arm.heard");
        socket.io.reconnection(true);
        other.disconnect();
        return { recovered: socket.recovered, isSame: socket.id === id, texts };
      });
      assert.deepEqual(seen, { recovered: true, isSame: true, texts: ["first", "second", "third"] });
      await page.waitForFunction((name) => socket.io.engine.transport.name === name, way.transport);
    });

    it("comes back to a backend that is started anew", async () => {
      await server.kill();
      await page.waitForFunction(() => !socket.connected);
      await server.restart();
      await page.waitForFunction(() => socket.connected);
      assert.equal(await page.evaluate(() => socket.emitWithAck("echo", 1)), 1);
    });
  });
}

it("a page of another origin connects by no transport", async () => {
  const server = await Server.start("ours");
  try {
    for (const transports of [["websocket"], ["polling"]]) {
      const page = await opened(server.url, { transports });
      await inTime(page.waitForFunction(() => heard.length > 0), "the refusals");
      const heard = await page.evaluate(() => ({ heard, connected: socket.connected }));
      assert.equal(heard.connected, false);
      assert.ok(heard.heard.every(([name]) => name === "connect_error"), JSON.stringify(heard));
      await page.close();
    }
  } finally {
    await server.kill();
  }
});
