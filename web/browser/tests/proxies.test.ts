// The app behind development servers, which pass its WebSocket on.
import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdirSync, writeFileSync } from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import type { Browser } from "playwright-core";
import { createServer as createVite, type ProxyOptions } from "vite";
import webpack from "webpack";
import WebpackDevServer from "webpack-dev-server";
import { build, start, type Backend } from "../../tests/support/backend.js";
import { AppPage } from "../support/app.js";
import { appBundle, appPage } from "../support/bundling.js";
import { launch } from "../support/chromium.js";
import { browser, web } from "../support/paths.js";
import { Site } from "../support/site.js";

/** A development server before it runs: one that is closed again has given back all that it took. */
interface Server extends AsyncDisposable {
  port: number;
}

const root = join(browser, "build", "app");
let chromium: Browser;
before(async () => {
  build();
  mkdirSync(root, { recursive: true });
  // The servers bundle the package, as they do with any app's.
  writeFileSync(join(root, "app.js"), await appBundle(false));
  writeFileSync(join(root, "index.html"), appPage("/app.js"));
  chromium = await launch();
});
after(() => chromium.close());

/** A port that is free: the backend has to know the page's origin before there is a page. */
async function freePort(): Promise<number> {
  const probe = createServer();
  await once(probe.listen(0, "127.0.0.1"), "listening");
  const { port } = probe.address() as AddressInfo;
  await new Promise((resolve) => probe.close(resolve));
  return port;
}

async function vite(port: number, proxy: string | ProxyOptions): Promise<Server> {
  const server = await createVite({
    configFile: false,
    root,
    cacheDir: join(browser, "build", "vite"),
    logLevel: "silent",
    server: { host: "localhost", port, strictPort: true, proxy: { "/ipc": proxy }, fs: { allow: [web] } },
  });
  await server.listen();
  return { port, [Symbol.asyncDispose]: () => server.close() };
}

async function webpackServer(port: number, target: string, changeOrigin: boolean): Promise<Server> {
  const compiler = webpack({
    mode: "development",
    context: root,
    entry: "./app.js",
    output: { filename: "app.js", publicPath: "/" },
    infrastructureLogging: { level: "none" },
    stats: "none",
  });
  const server = new WebpackDevServer({ host: "localhost", port, static: root, client: { logging: "none" }, proxy: [{ context: ["/ipc"], target, ws: true, changeOrigin }] }, compiler as never);
  await server.start();
  return { port, [Symbol.asyncDispose]: () => server.stop() };
}

/** The app works, by calls, the store and a backend that comes back. */
async function works(port: number, backend: Backend, again: () => Promise<Backend>): Promise<void> {
  const context = await chromium.newContext();
  const app = await AppPage.open(context, `http://localhost:${port}/`);
  await app.shows("which", "1");
  await app.page.click("#dark");
  await app.shows("theme", "dark");
  backend.kill();
  await backend[Symbol.asyncDispose]();
  await app.shows("state", "reconnecting");
  await using _second = await again();
  await app.shows("which", "2");
  await app.shows("state", "connected");
  await context.close();
}

/** The page is told which origin to allow. */
async function isTold(port: number): Promise<void> {
  const context = await chromium.newContext();
  const app = await AppPage.open(context, `http://localhost:${port}/`);
  assert.match(await app.shows("error", /./), new RegExp(`^unauthorized 4403: .*pages of http://localhost:${port} may not connect: allow it by OriginPolicy::allow$`));
  await context.close();
}

/** A page of another site, which names the server's WebSocket. */
async function stranger(port: number): Promise<string> {
  await using site = await Site.open("localhost");
  site.serve("/app", "text/html", appPage("/app.js")).serve("/app.js", "text/javascript", await appBundle());
  const context = await chromium.newContext();
  const app = await AppPage.open(context, `${site.origin}/app`, { to: `ws://localhost:${port}/ipc` });
  const shown = await app.page.waitForFunction(() => document.documentElement.dataset["error"] ?? document.querySelector("#which")?.textContent);
  const text = String(await shown.jsonValue());
  await context.close();
  return text;
}

const servers: { [name: string]: (port: number, target: string, changeOrigin: boolean) => Promise<Server> } = {
  "Vite's": (port, target, changeOrigin) => vite(port, changeOrigin ? target : { target, ws: true }),
  "webpack's": webpackServer,
};

for (const [name, serve] of Object.entries(servers)) {
  describe(`behind ${name} development server`, () => {
    test("with `ws: true` the app works, and nothing needs to be allowed", async () => {
      const port = await freePort();
      const first = await start("ws://127.0.0.1:0");
      const target = first.endpoints[0] as string;
      await using _server = await serve(port, target, false);
      assert.equal(await stranger(port), "unauthorized", "a page of another origin isn't let in");
      await works(port, first, () => start("--which", "2", target));
    });

    test("with a changed `Host` the page is told what to allow, and works when it is", async () => {
      const port = await freePort();
      const refusing = await start("ws://127.0.0.1:0");
      const target = refusing.endpoints[0] as string;
      await using _server = await serve(port, target, true);
      await isTold(port);
      await refusing[Symbol.asyncDispose]();
      const allow = ["--allow", `http://localhost:${port}`];
      await works(port, await start(...allow, target), () => start(...allow, "--which", "2", target));
    });
  });
}

test("with `rewriteWsOrigin` Vite lets every page in, as the guide warns", async () => {
  const port = await freePort();
  await using backend = await start("ws://127.0.0.1:0");
  const target = (backend.endpoints[0] as string).replace("ws:", "http:");
  await using _server = await vite(port, { target, ws: true, changeOrigin: true, rewriteWsOrigin: true });
  assert.equal(await stranger(port), "1");
});
