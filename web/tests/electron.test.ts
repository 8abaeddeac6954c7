// Pages of an Electron app and the real backend, with the main process's half between them.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { after, before, describe, test } from "node:test";
import { connect, handler, reconnect, type ConnectOptions, type IpcError } from "ipc-runtime";
import { connect as connectInNode } from "ipc-runtime/node";
import { electron } from "ipc-runtime/electron/renderer";
import { serveRenderers, type Renderers, type RenderersOptions } from "ipc-runtime/electron/main";
import { msgpack } from "ipc-runtime/msgpack";
import { build } from "./support/backend.js";
import { AppWindow, IpcMain } from "./support/electron-window.js";
import { EverythingApi as Everything, Window } from "./support/everything.js";
import { Survivor } from "./support/survivor.js";
import { reached, soon, states, until, World } from "./support/world.js";

const token = "0123456789abcdef0123456789abcdef";
const ANY = { allow: () => true };

before(() => build());

/** An app: a backend, and a main process that serves its pages. */
async function app(more: Partial<RenderersOptions> = ANY, ...options: string[]) {
  const world = await World.of("a Unix socket", ...options);
  const ipcMain = new IpcMain();
  const bridge = serveRenderers(ipcMain, { endpoint: world.endpoint, ...more });
  const page = (window: AppWindow, options: ConnectOptions = {}) => connect(electron(window.ask), options);
  return { world, ipcMain, bridge, page, [Symbol.asyncDispose]: () => ended(bridge, world) };
}

async function ended(bridge: Renderers, world: World): Promise<void> {
  await bridge.close();
  await world[Symbol.asyncDispose]();
}

for (const encoding of [undefined, msgpack]) {
  describe(`through the main process${encoding ? ", in MessagePack" : ""}`, () => {
    test("a page calls and is called, subscribes, uploads, and hears how far it is", async () => {
      await using world = await app({ ...ANY, token }, "--token", token);
      const pane = {
        show: (text: string) => text.length,
        async *ticks(count: number) {
          for (let n = 0; n < count; n++) yield n;
        },
        async sum(numbers: AsyncIterable<number>) {
          let all = 0;
          for await (const one of numbers) all += one;
          return all;
        },
      };
      await using ipc = await world.page(new AppWindow(world.ipcMain), { encoding, serve: [handler(Window, pane)] });
      const all = await ipc.open(Everything);
      const bytes = new Uint8Array(300_000).map((_, at) => at);
      assert.deepEqual(await all.bytes(bytes), bytes);
      assert.deepEqual(await all.any({ ü: [1, "€", -0.5], __proto__: null }), { ü: [1, "€", -0.5] });
      const none = await all.find("none").result();
      assert.ok(!none.ok && none.error.kind === "method");
      const told: number[] = [];
      assert.equal(await all.index(["a", "b", "c"], { onProgress: ({ files }) => told.push(files) }), 3);
      assert.deepEqual(told, [1, 2, 3]);
      let sum = 0;
      for await (const n of all.countdown(3_000)) sum += n;
      assert.equal(sum, 4_498_500);
      for await (const n of all.endless()) if (n === 5_000) break;
      const chunks = Array.from({ length: 50 }, () => new Uint8Array(100_000));
      assert.deepEqual(await all.store(50, chunks), chunks.map(() => 100_000));
      assert.equal(await all.show("four"), 4);
      assert.equal(await all.sumTicks(100), 4_950);
      assert.equal(await all.upload(1_000), 499_500);
    });

    test("the token is put in, and that of the page left out", async () => {
      let asked = 0;
      await using guarded = await app({ ...ANY, token: async () => (asked++, token) }, "--token", token);
      for (const own of [undefined, "of the page, which is wrong and long"]) {
        await using ipc = await guarded.page(new AppWindow(guarded.ipcMain), { encoding, token: own });
        assert.equal(await ipc.client(Survivor).which(), 1);
      }
      assert.equal(asked, 2);
      await guarded.bridge.close();
      const bridge = serveRenderers(guarded.ipcMain, { endpoint: guarded.world.endpoint, ...ANY });
      await assert.rejects(guarded.page(new AppWindow(guarded.ipcMain), { encoding, token }), { kind: "unauthorized", message: /token/ });
      await bridge.close();
    });
  });
}

test("`electron()` asks the page's own window, whose preload script hands on nothing else", async () => {
  await using world = await app();
  const window = new AppWindow(world.ipcMain);
  Object.assign(globalThis, { window });
  after(() => Reflect.deleteProperty(globalThis, "window"));
  await using ipc = await connect(electron());
  assert.equal(await ipc.client(Survivor).which(), 1);
  const { port2 } = new MessageChannel();
  const ports = [port2 as never];
  window.heard({ source: {}, data: "ipc-runtime:connect", ports });
  window.heard({ source: window, data: "another", ports });
  window.heard({ source: window, data: "ipc-runtime:connect", ports: [] });
  assert.equal(window.ports.length, 1);
  port2.close();
});

test("each window is a peer of its own, and so is the main process", async () => {
  await using world = await app();
  const windows = [new AppWindow(world.ipcMain), new AppWindow(world.ipcMain)];
  const clients = [...(await Promise.all(windows.map((window) => world.page(window)))), await connectInNode(world.world.endpoint)];
  const names = await Promise.all(clients.map((ipc) => ipc.client(Survivor).name()));
  assert.equal(new Set(names).size, 3);
  assert.deepEqual(await clients[0]?.client(Survivor).peers(), [3, 3, 0]);
  assert.equal(world.bridge.connections, 2);
  for (const ipc of clients) await ipc.close();
  await until(() => world.bridge.connections, (count) => count === 0);
});

for (const [what, frame, allow, message] of [
  ["without `allow`", { url: "app://notes/index.html", parent: null }, undefined, /^app:\/\/notes\/index\.html: .* has no `allow`/],
  ["that `allow` refuses", { url: "https://evil.example/x", parent: null }, () => false, /^https:\/\/evil\.example\/x: `allow` .* doesn't allow/],
  ["whose `allow` is later than it was thought", { url: "app://notes/", parent: null }, async () => undefined as never, /^app:\/\/notes\/: `allow`/],
  ["that is a frame in another one", { url: "app://notes/frame", parent: {} }, undefined, /^app:\/\/notes\/frame: only the main frame/],
  ["that is gone", null, undefined, /is gone/],
] as const) {
  test(`a page ${what} is refused once and for all, and the backend hears nothing of it`, async () => {
    let asked = 0;
    const frames: unknown[] = [];
    const refusing = allow && ((frame: unknown) => (frames.push(frame), (allow as () => boolean)()));
    // What isn't a main frame isn't asked for.
    await using world = await app({ allow: refusing ?? (what === "without `allow`" ? undefined : () => ((asked += 1), true)) });
    const window = new AppWindow(world.ipcMain, frame);
    await assert.rejects(world.page(window, { reconnect: reconnect(soon()) }), { kind: "unauthorized", message });
    assert.equal(window.ports.length, 1);
    assert.deepEqual(frames, refusing ? [frame] : []);
    assert.equal(asked, 0);
    assert.equal(world.bridge.connections, 0);
    await using witness = await connectInNode(world.world.endpoint);
    assert.deepEqual(await witness.client(Survivor).peers(), [1, 1, 0]);
  });
}

test("a client that comes back isn't retried when its page isn't allowed any more", async () => {
  let isAllowed = true;
  await using world = await app({ allow: () => isAllowed });
  const window = new AppWindow(world.ipcMain);
  const ipc = await world.page(window, { reconnect: reconnect(soon()) });
  isAllowed = false;
  await world.world.goes();
  const { reason } = await reached(ipc, "closed");
  assert.equal(reason.kind, "unauthorized");
  assert.equal(window.ports.length, 2);
});

test("an `allow` that fails refuses, and is reported", async () => {
  const errors: IpcError[] = [];
  const failing = {
    allow: () => {
      throw new TypeError("no such thing");
    },
    onError: (error: IpcError) => void errors.push(error),
  };
  await using world = await app(failing);
  await assert.rejects(world.page(new AppWindow(world.ipcMain)), ({ kind, message }: IpcError) => kind === "unauthorized" && !message.includes("no such thing"));
  assert.match(String(errors[0]?.message), /`allow` of `serveRenderers` failed: no such thing/);
  // Electron throws where a frame has just gone.
  const gone = Object.defineProperty({ parent: null } as { url: string; parent: null }, "url", {
    get: () => {
      throw new Error("Render frame was disposed");
    },
  });
  await assert.rejects(world.page(new AppWindow(world.ipcMain, gone)), { kind: "unauthorized", message: /is gone/ });
  assert.equal(errors.length, 1);
});

test("an `onError` that throws changes nothing for the page, and ends nothing", async (t) => {
  const shown = t.mock.method(console, "error", () => {});
  const failing = {
    allow: () => {
      throw new TypeError("no such thing");
    },
    onError: () => {
      throw new Error("the log is full");
    },
  };
  await using world = await app(failing);
  await assert.rejects(world.page(new AppWindow(world.ipcMain)), { kind: "unauthorized", message: /doesn't allow this page/ });
  assert.equal(world.bridge.connections, 0);
  assert.match(String(shown.mock.calls[0]?.arguments[0]), /`onError` of `serveRenderers` failed: the log is full/);
});

test("a page that is gone while `allow` thinks has no connection", async () => {
  let decide = (_isAllowed: boolean): void => {};
  await using world = await app({ allow: () => new Promise<boolean>((resolve) => (decide = resolve)) });
  const window = new AppWindow(world.ipcMain);
  const page = world.page(window);
  window.contents.emit("destroyed");
  decide(true);
  await assert.rejects(page, { kind: "disconnected" });
  assert.equal(world.bridge.connections, 0);
});

test("a backend that is killed ends the page's connection, and one that comes back has it again by another port", async () => {
  await using world = await app();
  const window = new AppWindow(world.ipcMain);
  const once = await world.page(window);
  const ipc = await world.page(window, { reconnect: reconnect(soon()) });
  const seen = states(ipc);
  const waiting = once.client(Survivor).wait();
  const other = ipc.client(Survivor).wait();
  await until(() => ipc.client(Survivor).begun(), (begun) => begun === 2);
  const lost = Promise.all([waiting, other].map((call) => assert.rejects(call, { kind: "disconnected", mayHaveRun: true, message: /unix:.* has ended/ })));
  await world.world.goes();
  await lost;
  await reached(once, "closed");
  const { cause } = await reached(ipc, "reconnecting", ({ attempt }) => attempt > 2);
  assert.equal(cause.kind, "notConnected");
  assert.match(cause.message, /no backend listens|the backend that listened is gone/);
  await world.world.comes();
  await reached(ipc, "connected");
  assert.equal(await ipc.client(Survivor).which(), 2);
  assert.equal(seen.at(-1), "connected anew");
  await assert.rejects(connect(electron(new AppWindow(new IpcMain()).ask), { handshakeTimeout: 20 }), { kind: "notConnected", message: /electron: no answer within 20 ms/ });
  await ipc.close();
});

test("a connection that breaks has its session back, by another port", async () => {
  const world = await World.of("a Unix socket");
  const cable = await world.cable();
  const ipcMain = new IpcMain();
  const bridge = serveRenderers(ipcMain, { endpoint: cable.endpoint, ...ANY });
  const ipc = await connect(electron(new AppWindow(ipcMain).ask), { reconnect: reconnect(soon({ whileAway: "wait" })) });
  const survivor = ipc.client(Survivor);
  const name = await survivor.name();
  const news = await survivor.news();
  await survivor.fire(1);
  assert.equal((await news.next()).value, 1);
  cable.cut();
  await reached(ipc, "reconnecting");
  assert.equal(await survivor.name(), name);
  await survivor.fire(2);
  assert.equal((await news.next()).value, 2);
  const state = ipc.state.get();
  assert.ok(state.status === "connected" && state.resumed);
  await ipc.close();
  await ended(bridge, world);
});

test("an app that ends, however it does, leaves no connection behind", async () => {
  await using world = await app();
  const child = spawn(process.execPath, [new URL("./support/electron-app.js", import.meta.url).pathname, world.world.endpoint], { stdio: ["ignore", "pipe", "inherit"] });
  await once(child.stdout, "data");
  await using witness = await connectInNode(world.world.endpoint);
  const survivor = witness.client(Survivor);
  assert.deepEqual(await survivor.peers(), [2, 2, 0]);
  child.kill("SIGKILL");
  await until(() => survivor.peers(), ([there, , went]) => there === 1 && went === 1);
});

test("a bridge that is closed ends all connections and serves no page any more", async () => {
  const world = await app();
  const before = active();
  const windows = [new AppWindow(world.ipcMain), new AppWindow(world.ipcMain)];
  const pages = await Promise.all(windows.map((window) => world.page(window)));
  const calls = pages.map((ipc) => ipc.client(Survivor).wait());
  await until(() => pages[0]?.client(Survivor).begun(), (begun) => begun === 2);
  const lost = Promise.all(calls.map((call) => assert.rejects(call, { kind: "disconnected", message: /serves no pages any more/ })));
  await world.bridge.close();
  await lost;
  assert.equal(world.bridge.connections, 0);
  assert.equal(world.ipcMain.listenerCount("ipc-runtime:connect"), 0);
  for (const { contents } of windows) assert.deepEqual(contents.eventNames(), []);
  await until(active, (count) => count === before);
  await world.world[Symbol.asyncDispose]();
});

/** How many sockets and ports keep the process alive. */
function active(): number {
  return process.getActiveResourcesInfo().filter((one) => /Pipe|MessagePort/.test(one)).length;
}

test("one `ipcMain` is served once, until that is closed", async () => {
  const endpoint = "local:anything";
  const ipcMain = new IpcMain();
  const bridge = serveRenderers(ipcMain, { endpoint });
  assert.throws(() => serveRenderers(ipcMain, { endpoint }), { kind: "invalidArguments", message: /serves the pages of this `ipcMain` already/ });
  assert.equal(ipcMain.listenerCount("ipc-runtime:connect"), 1);
  // What was refused leaves it as it was.
  const other = new IpcMain();
  assert.throws(() => serveRenderers(other, { endpoint: "ws://127.0.0.1:1" }), { kind: "notConnected" });
  await serveRenderers(other, { endpoint }).close();
  await bridge.close();
  const next = serveRenderers(ipcMain, { endpoint });
  await bridge.close();
  assert.throws(() => serveRenderers(ipcMain, { endpoint }), { kind: "invalidArguments" });
  await next.close();
});

test("an endpoint that isn't of this machine is refused when pages are to be served", () => {
  for (const endpoint of ["ws://127.0.0.1:1", "stdio:", "notes"]) assert.throws(() => serveRenderers(new IpcMain(), { endpoint }), { kind: "notConnected", message: /write local:NAME, unix:\/PATH or pipe:NAME/ });
  assert.throws(() => serveRenderers(new IpcMain(), { endpoint: "local:.x" }), { kind: "notConnected", message: /no dot in front/ });
});
