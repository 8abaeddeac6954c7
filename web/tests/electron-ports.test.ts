// What a page's port and its connection to the backend have to do with each other: when there is one, how
// much is under way, and what ends it. The backend keeps what it gets.
import assert from "node:assert/strict";
import { test } from "node:test";
import { format, pathToFileURL } from "node:url";
import { MessageChannel, type MessagePort } from "node:worker_threads";
import { connect, connectLazily, listener, reconnect, type IpcError } from "ipc-runtime";
import { appUrls, serveRenderers, type RenderersOptions } from "ipc-runtime/electron/main";
import { electron } from "ipc-runtime/electron/renderer";
import { msgpack } from "ipc-runtime/msgpack";
import { AppWindow, IpcMain, type PortMain } from "./support/electron-window.js";
import { RecordingBackend, type Recording } from "./support/recording-backend.js";
import { until } from "./support/world.js";

const MIB = 1024 * 1024;
/** What is read or written by the system at once comes on top. */
const SLACK = MIB / 4;

async function served(more: Partial<RenderersOptions> = {}) {
  const backend = await RecordingBackend.listen();
  const ipcMain = new IpcMain();
  const bridge = serveRenderers(ipcMain, { endpoint: backend.endpoint, token: "the token", allow: () => true, ...more });
  return {
    backend,
    ipcMain,
    bridge,
    async [Symbol.asyncDispose]() {
      await bridge.close();
      await backend[Symbol.asyncDispose]();
    },
  };
}

/** A connected page, and its connection as the backend sees it. */
async function pageOf({ ipcMain, backend }: Awaited<ReturnType<typeof served>>, window = new AppWindow(ipcMain)) {
  const before = backend.connections.length;
  const ipc = await connect(electron(window.ask), { heartbeat: null });
  const main = window.ports.at(-1) as PortMain;
  return { ipc, window, main, end: window.ends.at(-1) as MessagePort, recording: backend.connections[before] as Recording };
}

/** A page's own end of a port, and what the main process says on it. */
function bare({ ipcMain }: Awaited<ReturnType<typeof served>>) {
  const window = new AppWindow(ipcMain);
  const { port1: port, port2 } = new MessageChannel();
  const said: any[] = [];
  port.on("message", (data) => said.push(data));
  window.postMessage("ipc-runtime:connect", "*", [port2]);
  const ended = (): any => said.find((data) => data?.ended);
  return { port, main: window.ports[0] as PortMain, said, ended };
}

const HANDSHAKE = `{"id":1,"method":"rpc.handshake","params":{"uses":[]}}`;

/** Something went all the way and back meanwhile. */
async function aRoundTrip(world: Awaited<ReturnType<typeof served>>): Promise<void> {
  await (await pageOf(world)).ipc.close();
}

const so = (it: () => boolean): Promise<boolean> => until(it, Boolean);

test("the backend is connected to with a port's first message, and not before", async () => {
  await using world = await served();
  const window = new AppWindow(world.ipcMain);
  const { port1, port2 } = new MessageChannel();
  window.postMessage("ipc-runtime:connect", "*", [port2]);
  await aRoundTrip(world);
  assert.equal(world.backend.connections.length, 1);
  await so(() => world.bridge.connections === 1);
  const text = `{"id":1,"method":"rpc.handshake","params":{"uses":[],"token":"its own","__proto__":9007199254740993}}`;
  port1.postMessage(text);
  await so(() => world.backend.connections[1]?.messages.length === 1);
  const [{ params, ...rest }] = world.backend.connections[1]?.messages as [Recording["messages"][0]];
  assert.deepEqual(rest, { id: 1, method: "rpc.handshake" });
  assert.equal(JSON.stringify(params), `{"uses":[],"token":"the token","__proto__":9007199254740992}`);
  port1.close();
});

for (const encoding of [undefined, msgpack]) {
  test(`only the first handshake is changed${encoding ? ", in MessagePack" : ""}`, async () => {
    await using world = await served();
    const window = new AppWindow(world.ipcMain);
    await using ipc = await connect(electron(window.ask), { encoding, token: "its own" });
    ipc.notify("rpc.handshake", { token: "another", uses: [] });
    const { messages, isPacked } = world.backend.connections[0] as Recording;
    await so(() => messages.length === 2);
    assert.equal(isPacked, encoding !== undefined);
    assert.deepEqual(messages.map(({ params }) => params.token), ["the token", "another"]);
  });
}

for (const first of ["", "[]", "nothing", `[{"id":1,"method":"rpc.handshake","params":{}}]`, `{"id":1,"method":"add","params":[1,2]}`, `{"method":"rpc.handshake"}`, new Uint8Array([0xc1]), new Uint8Array()]) {
  test(`a first message that is no handshake ends the port: ${typeof first === "string" ? first : `bytes ${first}`}`, async () => {
    await using world = await served();
    const { port, ended } = bare(world);
    port.postMessage(first);
    await so(() => world.bridge.connections === 0);
    await so(ended);
    assert.equal(ended().ended, "protocol");
    assert.match(ended().why, /the page's first message/);
    assert.equal(world.backend.connections.length, 0);
  });
}

for (const [what, junk] of [["nothing", undefined], ["an object", {}], ["a truth", true], ["memory", new ArrayBuffer(8)]] as const) {
  test(`what is neither text nor bytes ends the port: ${what}`, async () => {
    await using world = await served();
    for (const before of [[], [HANDSHAKE]]) {
      const { port, ended } = bare(world);
      for (const message of [...before, junk]) port.postMessage(message);
      await so(ended);
      assert.equal(ended().ended, "protocol");
      assert.match(ended().why, /neither text nor bytes/);
      assert.equal(world.bridge.connections, 0);
    }
  });
}

test("a first message that can't be written again ends the port", async () => {
  await using world = await served();
  const { port, ended } = bare(world);
  // It can be read.
  const deep = 100_000;
  port.postMessage(`{"id":1,"method":"rpc.handshake","params":{"uses":[],"x":${"[".repeat(deep)}${"]".repeat(deep)}}}`);
  await so(ended);
  assert.equal(ended().ended, "protocol");
  assert.equal(world.backend.connections.length, 0);
});

for (const first of [`{"id":1,"method":"rpc.handshake","params":{"client":"${"x".repeat(MIB / 4)}"}}`, new Uint8Array(MIB / 4 + 1)]) {
  test(`a first message of more than 256 KiB is refused unread: ${typeof first === "string" ? "text" : "bytes"}`, async () => {
    let asked = 0;
    await using world = await served({ token: () => String((asked += 1)) });
    const { port, ended } = bare(world);
    port.postMessage(first);
    await so(ended);
    assert.equal(ended().ended, "tooLarge");
    assert.match(ended().why, /the page's first message has \d+ bytes, and a handshake may have 262144/);
    assert.equal(asked, 0);
    assert.equal(world.backend.connections.length, 0);
  });
}

test("a page that doesn't wait while its connection is made is ended at 1 MiB", async () => {
  await using world = await served({ token: () => new Promise(() => {}) });
  const { port, ended, main } = bare(world);
  for (const message of [HANDSHAKE, ...Array.from({ length: 15 }, () => new Uint8Array(MIB / 16)), new Uint8Array(MIB / 16 - HANDSHAKE.length)]) port.postMessage(message);
  await so(() => main.cameSize === MIB);
  assert.equal(world.bridge.connections, 1);
  port.postMessage("x");
  await so(ended);
  assert.equal(ended().ended, "limit");
  assert.match(ended().why, /1048577 bytes that the backend hasn't taken, and 1048576 are the most/);
  assert.equal(world.bridge.connections, 0);
});

for (const maxMessageBytes of [undefined, 4 * MIB]) {
  test(`a page that doesn't wait for the backend is ended one largest message above 1 MiB: ${maxMessageBytes ?? "what is usual"}`, async () => {
    await using world = await served();
    world.backend.limits = maxMessageBytes === undefined ? undefined : { maxMessageBytes };
    const { port, said, ended, main } = bare(world);
    port.postMessage(HANDSHAKE);
    await so(() => said.length === 1);
    const recording = world.backend.connections[0] as Recording;
    recording.socket.pause();
    // A page may have posted almost 1 MiB when it posts the largest message.
    const largest = maxMessageBytes ?? 16 * MIB;
    port.postMessage(new Uint8Array(MIB - HANDSHAKE.length));
    port.postMessage(new Uint8Array(largest));
    await so(() => main.cameSize === MIB + largest);
    assert.equal(world.bridge.connections, 1);
    for (let n = 0; n < 4; n++) port.postMessage(new Uint8Array(MIB));
    await so(ended);
    assert.equal(ended().ended, "limit");
    assert.equal(world.bridge.connections, 0);
    assert.ok(!recording.messages.some(({ method }) => method === "rpc.closing"));
  });
}

test("the main process reads from the backend only while less than 1 MiB is under way to the page", async () => {
  await using world = await served();
  const window = new AppWindow(world.ipcMain);
  const { port1, port2 } = new MessageChannel();
  window.postMessage("ipc-runtime:connect", "*", [port2]);
  const main = window.ports[0] as PortMain;
  const got: unknown[] = [];
  port1.on("message", (data) => got.push(data));
  port1.postMessage(`{"id":1,"method":"rpc.handshake","params":{"uses":[]}}`);
  await so(() => got.length === 1);
  const recording = world.backend.connections[0] as Recording;
  const text = "x".repeat(MIB / 16);
  for (let n = 0; n < 160; n++) recording.say({ method: "filled", params: [n, text] });
  await so(() => main.wentSize >= MIB);
  for (let n = 0; n < 3; n++) await aRoundTrip(world);
  assert.ok(main.wentSize < MIB + SLACK, `${main.wentSize}`);
  assert.ok(recording.socket.writableLength > 4 * MIB, "the rest is with the backend");
  const { wentSize } = main;
  port1.postMessage(wentSize - MIB + 1);
  await so(() => main.wentSize > wentSize);
  port1.postMessage(NaN);
  port1.postMessage(-10 * MIB);
  for (let n = 0; n < 3; n++) await aRoundTrip(world);
  assert.ok(main.wentSize < wentSize + SLACK, `${main.wentSize} of ${wentSize}`);
  // A page that reads has all of it.
  let told = 0;
  while (got.length < 161) {
    port1.postMessage(main.wentSize - told);
    told = main.wentSize;
    await new Promise((resolve) => setImmediate(resolve));
  }
  assert.deepEqual(got.slice(1).map((bytes) => JSON.parse(Buffer.from(bytes as Uint8Array).toString()).params[0]), Array.from({ length: 160 }, (_, n) => n));
  // Each is a copy of its own, not a piece of what was read at once.
  for (const bytes of got as Uint8Array[]) assert.equal(bytes.buffer.byteLength, bytes.length);
  port1.close();
});

test("each side says what it has taken, each 256 KiB", async () => {
  await using world = await served();
  const { ipc, recording, main } = await pageOf(world);
  const sizes: number[] = [];
  ipc.serve(listener("filled", (text: string) => void sizes.push(text.length)));
  for (let n = 0; n < 40; n++) recording.say({ method: "filled", params: ["ü".repeat(MIB / 16)] });
  await so(() => sizes.length === 40);
  // In UTF-8 it is twice as much. The handshake is before it.
  const size = MIB / 8;
  await so(() => main.taken.length === 20);
  for (const taken of main.taken) assert.ok(taken >= 2 * size && taken < 2 * size + 1_024, `${taken}`);
  for (let n = 0; n < 8; n++) ipc.notify("filled", ["x".repeat(MIB / 8)]);
  // What the system took at once is told at once: how often depends on that.
  const told = (): number[] => main.taken.slice(20);
  await so(() => told().reduce((all, taken) => all + taken, 0) > (3 * MIB) / 4);
  for (const taken of told()) assert.ok(taken >= MIB / 4, `${taken}`);
  await ipc.close();
});

test("a page posts only while less than 1 MiB isn't with the backend", async () => {
  await using world = await served();
  const { ipc, main, recording } = await pageOf(world);
  recording.socket.pause();
  const text = "x".repeat(MIB / 16);
  for (let n = 0; n < 320; n++) ipc.notify("filled", [n, text]);
  await so(() => main.cameSize >= MIB);
  for (let n = 0; n < 3; n++) await aRoundTrip(world);
  // The system holds some of it, and so does the main process.
  assert.ok(main.cameSize < 3 * MIB, `${main.cameSize}`);
  recording.socket.resume();
  await so(() => recording.messages.length === 321);
  assert.deepEqual(recording.messages.slice(1).map(({ params }) => params[0]), Array.from({ length: 320 }, (_, n) => n));
  await ipc.close();
});

test("what waits in the page is sent before it closes, no faster than else", async () => {
  await using world = await served();
  const { ipc, recording, main } = await pageOf(world);
  recording.socket.pause();
  const text = "x".repeat(MIB / 4);
  for (let n = 0; n < 80; n++) ipc.notify("filled", [text]);
  const closed = ipc.close();
  await so(() => main.cameSize >= MIB);
  for (let n = 0; n < 3; n++) await aRoundTrip(world);
  assert.ok(main.cameSize < 3 * MIB, `${main.cameSize}`);
  recording.socket.resume();
  await closed;
  await so(() => recording.isEnded);
  assert.equal(recording.messages.filter(({ method }) => method === "filled").length, 80);
  assert.deepEqual(recording.messages.at(-1)?.params.final, true);
});

for (const [what, happen] of [
  ["its port closes", ({ end }: { end: MessagePort }) => end.close()],
  ["its window is destroyed", ({ window }: { window: AppWindow }) => void window.contents.emit("destroyed")],
  ["its process is gone", ({ window }: { window: AppWindow }) => void window.contents.emit("render-process-gone", {}, { reason: "crashed" })],
  ["another page follows it", ({ window }: { window: AppWindow }) => (window.navigate(), window.arrived())],
  ["one follows that tells of an error", ({ window }: { window: AppWindow }) => (window.navigate(), window.failed(-105))],
] as const) {
  test(`a page's connection ends when ${what}, and the backend isn't told that it was for good`, async () => {
    await using world = await served();
    const page = await pageOf(world);
    const other = await pageOf(world);
    happen(page);
    await so(() => page.recording.isEnded);
    assert.deepEqual(page.recording.messages.map(({ method }) => method), ["rpc.handshake"]);
    assert.equal(world.bridge.connections, 1);
    assert.ok(!other.recording.isEnded);
    assert.deepEqual(page.window.contents.eventNames(), []);
    await other.ipc.close();
  });
}

test("a navigation that comes to nothing, or stays in the page, or is of a frame in it ends nothing", async () => {
  await using world = await served();
  const { window, recording, ipc } = await pageOf(world);
  window.navigate();
  window.failed(-105, false);
  window.failed(-3);
  window.navigate({ isSameDocument: true });
  window.navigate({ isMainFrame: false });
  await aRoundTrip(world);
  assert.ok(!recording.isEnded);
  assert.equal(ipc.state.get().status, "connected");
  await ipc.close();
});

test("the port of the next page stays, even if it comes before the window says that the page is there", async () => {
  await using world = await served();
  const window = new AppWindow(world.ipcMain);
  const left = await pageOf(world, window);
  window.navigate();
  const next = await pageOf(world, window);
  window.arrived();
  await so(() => left.recording.isEnded);
  window.navigate({ isMainFrame: false });
  window.arrived();
  await aRoundTrip(world);
  assert.ok(!next.recording.isEnded);
  await next.ipc.close();
});

test("a page that goes while its connection is made leaves none", async () => {
  await using world = await served();
  const window = new AppWindow(world.ipcMain);
  const page = connect(electron(window.ask), { reconnect: reconnect() });
  // Its first message has come, and no answer yet.
  await so(() => (window.ports[0]?.cameSize ?? 0) > 0);
  window.contents.emit("destroyed");
  await assert.rejects(page, { kind: "disconnected" });
  assert.equal(world.bridge.connections, 0);
  await aRoundTrip(world);
  await so(() => world.backend.connections.every(({ isEnded }) => isEnded));
});

test("a backend that closes the connection closes the port, which says why", async () => {
  await using world = await served();
  const { ipc, recording, main } = await pageOf(world);
  const isClosed = new Promise((resolve) => main.once("close", resolve));
  const call = ipc.call("wait");
  await so(() => recording.messages.length === 2);
  recording.say({ method: "rpc.closing", params: { reason: "the backend restarts", restart: true, final: false } });
  recording.socket.end();
  await assert.rejects(call, { kind: "disconnected", mayHaveRun: true, message: /the backend restarts/ });
  await isClosed;
  const { ipc: other, recording: second } = await pageOf(world);
  const waiting = other.call("wait");
  await so(() => second.messages.length === 2);
  second.socket.destroy();
  await assert.rejects(waiting, { kind: "disconnected", message: /the connection to unix:.* has ended/ });
});

test("a function for the token that fails is told to the app, and asked again", async () => {
  await using backend = await RecordingBackend.listen();
  const ipcMain = new IpcMain();
  let asked = 0;
  const token = (): string => {
    if (++asked < 3) throw new Error("the keyring doesn't take hunter2");
    return "the token";
  };
  const errors: IpcError[] = [];
  const bridge = serveRenderers(ipcMain, { endpoint: backend.endpoint, token, allow: () => true, onError: (error) => void errors.push(error) });
  await assert.rejects(connect(electron(new AppWindow(ipcMain).ask)), ({ kind, message }: IpcError) => kind === "notConnected" && /there is no token/.test(message) && !message.includes("hunter2"));
  assert.deepEqual(errors.map(({ message }) => message), ["`token` of `serveRenderers` failed: the keyring doesn't take hunter2"]);
  const ipc = connectLazily(electron(new AppWindow(ipcMain).ask), { reconnect: reconnect({ firstDelay: 1, whileAway: "wait" }) });
  ipc.call("anything").catch(() => {});
  await so(() => ipc.state.get().status === "connected");
  assert.equal(asked, 3);
  await ipc.close();
  await bridge.close();
});

test("a bridge is closed when the connections of pages are that have gone before", async () => {
  await using world = await served();
  const { recording, end } = await pageOf(world);
  recording.socket.pause();
  end.postMessage(JSON.stringify({ method: "filled", params: ["x".repeat(8 * MIB)] }));
  end.postMessage(null);
  await so(() => world.bridge.connections === 0);
  let closed = 0;
  const closing = [1, 2].map(() => world.bridge.close().then(() => (closed += 1)));
  for (let n = 0; n < 10; n++) await new Promise((resolve) => setImmediate(resolve));
  assert.equal(closed, 0, "the backend hasn't read it yet");
  recording.socket.resume();
  await Promise.all(closing);
  await so(() => recording.isEnded);
  assert.equal(recording.messages.length, 2);
});

test("a bridge is closed though the token isn't there yet", async () => {
  await using world = await served({ token: () => new Promise(() => {}) });
  const { port, ended, main } = bare(world);
  port.postMessage(HANDSHAKE);
  await so(() => main.cameSize > 0);
  await world.bridge.close();
  await so(ended);
  assert.equal(ended().ended, "disconnected");
});

test("a worker that reconnects by a port that was used is told so at once", async () => {
  await using world = await served();
  const window = new AppWindow(world.ipcMain);
  const port = Promise.resolve(window.ask());
  const ipc = await connect(electron(() => port), { reconnect: reconnect({ firstDelay: 1 }) });
  world.backend.connections[0]?.socket.destroy();
  await so(() => ipc.state.get().status === "closed");
  const { reason } = ipc.state.get() as { reason: IpcError };
  assert.equal(reason.kind, "invalidArguments");
  assert.match(reason.message, /this port had its connection/);
});

test("`appUrls` allows a file by whatever way its URL is written", () => {
  for (const path of ["/opt/my notes/index.html", "/opt/~x/index.html", "/opt/[a]/index.html", "/opt/a^b|c/index.html", "/opt/ü/index.html", "/opt/a'b(1)/index.html", "/opt/{a}`b/index.html"]) {
    const given = pathToFileURL(path).href;
    // As Electron's `loadFile` writes it, and as Chromium shows it.
    const shown = new URL(format({ protocol: "file", slashes: true, pathname: path })).href;
    for (const url of [given, shown, `file://${encodeURI(path)}?a#b`]) assert.ok(appUrls([given])({ url }) && appUrls([shown])({ url }), `${url} by ${given}`);
    for (const url of [given.replace("index", "%2e%2e%2findex"), given.replace("index", "other"), `${given}%`, `${given}%00`]) assert.ok(!appUrls([given])({ url }), url);
  }
  // Where a percent is part of the name, `pathToFileURL` writes it.
  const percent = pathToFileURL("/opt/a%b/index.html").href;
  assert.ok(appUrls([percent])({ url: percent }));
  assert.ok(!appUrls([percent])({ url: "file:///opt/a%b/index.html" }));
  assert.throws(() => appUrls(["file:///opt/a%b/index.html"]), { kind: "invalidArguments", message: /is no file of this machine/ });
});

test("`appUrls` allows origins with all their pages, and single pages", () => {
  const allow = appUrls(["app://notes", undefined, "http://localhost:5173/", "file:///opt/notes/index.html", "https://notes.example"]);
  const said = (url: string): boolean => allow({ url });
  for (const url of ["app://notes", "app://notes/", "app://notes/a/b.html?x#y", "app://NOTES/", "http://localhost:5173/x", "file:///opt/notes/index.html?a#b", "https://notes.example/panel#x", "https://notes.example/"]) assert.ok(said(url), url);
  for (const url of [
    "", "app:", "app://", "app:notes", "app://notes.evil/", "app://notes:1/", "app://notes@evil/", "apps://notes/", "http://localhost:51730/", "http://localhost/", "https://localhost:5173/",
    "file:///opt/notes/other.html", "file:///opt/notes/", "file://host/opt/notes/index.html", "https://other.example/", "about:blank", "blob:app://notes/1", "data:text/html,app://notes",
  ]) assert.ok(!said(url), url);
  assert.throws(() => appUrls(["notes"]), { kind: "invalidArguments", message: /`notes` is no URL/ });
  assert.throws(() => appUrls(["file://"]), { kind: "invalidArguments", message: /all files/ });
  for (const url of ["https://notes.example/panel", "app://notes/index.html?x"]) assert.throws(() => appUrls([url]), { kind: "invalidArguments", message: /has a path, .*: write (https:\/\/notes\.example|app:\/\/notes), which/ });
  assert.throws(() => appUrls(["app:"]), { kind: "invalidArguments", message: /has no host/ });
});
