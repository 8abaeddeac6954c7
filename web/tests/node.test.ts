import assert from "node:assert/strict";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { createServer, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { fileURLToPath } from "node:url";
import { connect, stdio, webSocket, type IpcError } from "ipc-runtime/node";
import { ByteQueue, FrameReader, frame } from "#dist/node/framing.js";
import { oversized } from "#dist/node/oversized.js";
import { localPath, pipePath } from "#dist/node/local-socket.js";
import { WebSocketServer } from "ws";
import { Random, seed } from "./support/random.js";
import { serveBytes } from "./support/native-peer.js";

const root = mkdtempSync(join(tmpdir(), "ipc-"));
const servers: Server[] = [];
after(() => {
  for (const server of servers) server.close();
  rmSync(root, { recursive: true });
});

let count = 0;

/** Listens on a socket of its own. */
async function listen(serve: (socket: Socket) => void): Promise<string> {
  const path = join(root, `${++count}.sock`);
  const server = createServer((socket) => {
    socket.on("error", () => {});
    serve(socket);
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(path, resolve));
  return path;
}

test("frames are read however their bytes are cut", () => {
  const random = new Random(seed);
  const messages = Array.from({ length: 200 }, (_, n) => Buffer.alloc(random.below(300), n));
  const bytes = Buffer.concat(messages.map(frame));
  for (const most of [1, 2, 3, 7, 100, 5_000]) {
    const reader = new FrameReader(1_000);
    const read: Buffer[] = [];
    for (let at = 0; at < bytes.length; ) {
      const step = 1 + random.below(most);
      reader.push(bytes.subarray(at, at + step));
      at += step;
      for (let message = reader.next(); message; message = reader.next()) read.push(message as Buffer);
    }
    assert.deepEqual(read, messages);
  }
});

test("a length far beyond the limit is refused before its bytes are there", () => {
  const reader = new FrameReader(10);
  reader.push(frame(Buffer.alloc(161)).subarray(0, 4));
  assert.throws(() => reader.next(), /161 bytes is larger than the 10/);
});

test("a message that is too large is skipped, and only its beginning kept", () => {
  const sizes = [11, 4_096, 4_097, 9_000, 16_000];
  const bytes = Buffer.concat(sizes.flatMap((size) => [frame(Buffer.alloc(size, "x")), frame("next")]));
  for (const step of [1, 3, 1_000, bytes.length]) {
    const reader = new FrameReader(1_000);
    const read: unknown[] = [];
    for (let at = 0; at < bytes.length; at += step) {
      reader.push(bytes.subarray(at, at + step));
      for (let message = reader.next(); message; message = reader.next()) read.push(message instanceof Uint8Array ? message.length : [message.size, message.head.length]);
    }
    assert.deepEqual(read, [11, 4, [4_096, 4_096], 4, [4_097, 4_096], 4, [9_000, 4_096], 4, [16_000, 4_096], 4]);
  }
});

for (const [what, head, told] of [
  ["a reply", '{"jsonrpc":"2.0","id":7,"result":"', { heard: { id: 7, error: true } }],
  ["a reply with a text as id", '{"id":"\\"a","jsonrpc":"2.0","error":{', { heard: { id: '"a', error: true } }],
  ["a request", '{"jsonrpc":"2.0","id":"x","method":"demo.window.show","params":["', { answer: { id: "x" } }],
  ["a request in another order", '{"method":"show","id":null,"params":["', { answer: { id: null } }],
  ["a notification", '{"jsonrpc":"2.0","method":"show","params":["', { answer: { id: null } }],
  ["an item", '{"jsonrpc":"2.0","method":"demo.docs.changed","params":{"subscription":3,"result":"', { heard: { method: "demo.docs.changed", params: { subscription: 3, gap: true } } }],
  ["an item of a stream argument", '{"jsonrpc":"2.0","method":"$/stream","params":{"stream":4,"item":"', { heard: { method: "$/stream", params: { stream: 4, error: true, lost: true } } }],
  ["something else", '["', { answer: { id: null } }],
] as const) {
  test(`${what} that is too large is told to whom it concerns`, () => {
    const all = oversized({ size: 5_000, head: Buffer.from(`${head}${"x".repeat(300)}`) }, 1_000, "json");
    assert.deepEqual(
      JSON.parse(JSON.stringify(all), (key, value) => {
        if (key === "error") {
          assert.deepEqual(value.data, { limit: 1_000, size: 5_000 });
          assert.equal(value.code, -32007);
          return "answer" in all ? undefined : true;
        }
        return key === "jsonrpc" ? undefined : value;
      }),
      told,
    );
  });
}

test("a queue of bytes gives what was put in", () => {
  const queue = new ByteQueue();
  for (const part of ["ab", "c", "", "defg"]) queue.push(Buffer.from(part));
  assert.deepEqual([queue.take(1), queue.take(3), queue.take(0), queue.take(3)].map(String), ["a", "bcd", "", "efg"]);
  assert.equal(queue.length, 0);
});

for (const chop of [Infinity, 1]) {
  test(`a Unix socket carries calls, ${chop === 1 ? "byte by byte" : "as it likes"}`, async () => {
    const path = await listen((socket) => serveBytes(socket, socket, chop));
    await using ipc = await connect(`unix:${path}`);
    const text = "ü".repeat(chop === 1 ? 100 : 100_000);
    assert.deepEqual(await Promise.all([ipc.call("echo", [text]), ipc.call("echo", [2n ** 53n])]), [text, 2n ** 53n]);
  });
}

test("a connection that breaks at any byte leaves no promise, no timer and no socket", async () => {
  const conversation = async (most: number): Promise<string> => {
    const path = await listen((socket) => serveBytes(socket, socket, Infinity, most));
    try {
      const ipc = await connect(`unix:${path}`);
      const calls = await Promise.allSettled([ipc.call("echo", ["x"]), ipc.call("silence"), ipc.call("echo", ["y"])]);
      return calls.map((call) => (call.status === "fulfilled" ? "ok" : `${call.reason.kind}`)).join();
    } catch (error) {
      return `${(error as IpcError).kind}`;
    }
  };
  const before = active();
  const ends = new Set<string>();
  for (let most = 1; !ends.has("ok,disconnected,ok"); most++) ends.add(await conversation(most));
  assert.deepEqual([...ends], ["notConnected", "disconnected", "disconnected,disconnected,disconnected", "ok,disconnected,disconnected", "ok,disconnected,ok"]);
  for (const server of servers.splice(0)) server.close();
  while (active() > before) await new Promise((resolve) => setImmediate(resolve));
});

/** How many timers and sockets keep the process alive. */
function active(): number {
  return process.getActiveResourcesInfo().filter((one) => /Timeout|Pipe/.test(one)).length;
}

test("what listens and is no backend is told by its first line", async () => {
  const path = await listen((socket) => socket.write("220 mail.example ready\r\n"));
  await assert.rejects(connect(`unix:${path}`), { kind: "notConnected", message: /said "220 mail\.example ready"/ });
});

test("what listens and says nothing is given up, and no socket is left", async () => {
  let gone = (): void => {};
  const ended = new Promise<void>((resolve) => (gone = resolve));
  const path = await listen((socket) => socket.on("close", gone).resume());
  await assert.rejects(connect(`unix:${path}`, { handshakeTimeout: 20 }), { kind: "notConnected", message: /within 20 ms/ });
  await ended;
});

test("a backend that goes away during the greeting is `notConnected`, later `disconnected`", async () => {
  const path = await listen((socket) => socket.end("IPC"));
  await assert.rejects(connect(`unix:${path}`), { kind: "notConnected" });
  let cut = (): void => {};
  const later = await listen((socket) => {
    serveBytes(socket, socket);
    cut = () => socket.destroy();
  });
  const ipc = await connect(`unix:${later}`);
  const call = ipc.call("silence");
  cut();
  await assert.rejects(call, { kind: "disconnected", mayHaveRun: true });
});

test("a reply that is too large fails its call, and the connection goes on; one beyond all limits ends it", async () => {
  const path = await listen((socket) => serveBytes(socket, socket));
  await using ipc = await connect(`unix:${path}`, { maxMessageBytes: 1_024 });
  await assert.rejects(ipc.call("echo", ["x".repeat(2_000)]), { kind: "tooLarge", data: { limit: 1_024, size: 2_036 } });
  assert.equal(await ipc.call("echo", ["x"]), "x");
  await assert.rejects(ipc.call("echo", ["x".repeat(20_000)]), { kind: "disconnected", message: /larger than the 1024 taken here/ });
});

test("a backend that is started may send as much as it is told, and no more", async () => {
  await using small = await connect(stdio(process.execPath, [backend]), { maxMessageBytes: 1_024 });
  await assert.rejects(small.call("fill", [2_000]), { kind: "tooLarge" });
  await using large = await connect(stdio(process.execPath, [backend]), { maxMessageBytes: 64 * 1024 * 1024 });
  assert.equal((await large.call<string>("fill", [17 * 1024 * 1024])).length, 17 * 1024 * 1024);
});

test("a started backend that doesn't end is ended", { skip: process.platform === "win32" }, async () => {
  const ipc = await connect(stdio(process.execPath, [backend]));
  const pid = await ipc.call<number>("stay");
  await ipc.close();
  const isThere = (): boolean => {
    try {
      return process.kill(pid, 0);
    } catch {
      return false;
    }
  };
  while (isThere()) await new Promise((resolve) => setTimeout(resolve, 20));
});

test("closing settles when all that was sent has arrived and the socket is closed", async () => {
  let got = 0;
  let ended = (): void => {};
  const whole = new Promise<void>((resolve) => (ended = resolve));
  const path = await listen((socket) => {
    serveBytes(socket, socket);
    socket.on("data", (chunk) => (got += chunk.length)).on("end", ended);
  });
  const ipc = await connect(`unix:${path}`);
  const text = "x".repeat(3_000_000);
  ipc.notify("log", [text]);
  const closing = ipc.close();
  assert.equal(ipc.close() instanceof Promise, true);
  await closing;
  await whole;
  assert.ok(got > text.length, `${got}`);
});

test("closing doesn't wait for a peer that no longer reads", async () => {
  const path = await listen((socket) => {
    serveBytes(socket, socket);
    socket.on("data", (chunk) => chunk.length > 1_000 && socket.pause());
  });
  const ipc = await connect(`unix:${path}`);
  ipc.notify("log", ["x".repeat(10_000_000)]);
  await ipc.close();
});

test("paths where nothing listens are told", async () => {
  await assert.rejects(connect(`unix:${root}/none.sock`), { kind: "notConnected", message: /no backend listens/ });
  const file = join(root, "file");
  writeFileSync(file, "");
  await assert.rejects(connect(`unix:${file}`), { message: /is no socket/ });
  await assert.rejects(connect(`unix:/${"x".repeat(200)}`), { message: /longer than/ });
});

for (const [to, why] of [["local:", /a name has/], ["local:../x", /a name has/], ["local:.x", /no dot/], ["unix:x", /absolute/], ["stdio:", /connect\(stdio/], ["http://x", /write local/], ["nonsense", /write local/], ["localx", /write local/]] as const) {
  test(`\`${to}\` is no endpoint`, async () => {
    await assert.rejects(connect(to), { kind: "notConnected", message: why });
  });
}

test("`local:NAME` lies where the Rust side puts it", () => {
  const uid = process.getuid?.() as number;
  const base = mkdtempSync(join(root, "run-"));
  const own = { platform: "linux", env: { XDG_RUNTIME_DIR: base } as Record<string, string>, uid };
  assert.throws(() => localPath("app", own), /no backend has listened/);
  mkdirSync(join(base, "ipc-runtime"), { mode: 0o700 });
  assert.equal(localPath("app", own), join(base, "ipc-runtime", "app.sock"));
  mkdirSync(join(base, `ipc-runtime-${uid}`), { mode: 0o700 });
  for (const env of [{ TMPDIR: base }, { XDG_RUNTIME_DIR: join(base, "none"), TMPDIR: base }]) {
    assert.equal(localPath("app", { platform: "linux", env, uid }), join(base, `ipc-runtime-${uid}`, "app.sock"));
  }
});

test("a directory of others, open to others, or a link to one is refused", () => {
  const uid = process.getuid?.() as number;
  const base = mkdtempSync(join(root, "run-"));
  const directory = join(base, "ipc-runtime");
  const env = { XDG_RUNTIME_DIR: base };
  mkdirSync(directory);
  chmodSync(directory, 0o750);
  assert.throws(() => localPath("app", { platform: "linux", env, uid }), /open to others/);
  chmodSync(directory, 0o700);
  assert.throws(() => localPath("app", { platform: "linux", env: { TMPDIR: base }, uid: uid + 1 }), /no directory/);
  rmSync(directory, { recursive: true });
  symlinkSync(root, directory);
  assert.throws(() => localPath("app", { platform: "linux", env, uid }), /no directory of its own/);
});

test("named pipes are named as on the Rust side", () => {
  const on = (env: Record<string, string>): string => localPath("app", { platform: "win32", env, uid: undefined });
  assert.equal(on({ USERNAME: "HOST\\ada" }), "\\\\.\\pipe\\ipc-runtime.HOST.ada.app");
  assert.equal(on({}), "\\\\.\\pipe\\ipc-runtime.app");
  assert.equal(pipePath("app"), "\\\\.\\pipe\\app");
});

const backend = fileURLToPath(new URL("./support/stdio-backend.js", import.meta.url));

test("a started backend is called over its pipes, and ends with the connection", async () => {
  const ipc = await connect(stdio(process.execPath, [backend]));
  assert.equal(await ipc.call("echo", ["x"]), "x");
  ipc.close();
});

test("a started backend that ends says how", async () => {
  const ipc = await connect(stdio(process.execPath, [backend]));
  await assert.rejects(ipc.call("exit"), { kind: "disconnected", message: /the backend has ended with 3/ });
  await assert.rejects(connect(stdio("/no/such/program")), { kind: "notConnected", message: /ENOENT/ });
  await assert.rejects(connect(stdio(process.execPath, ["-e", "console.log('a banner')"])), { kind: "notConnected", message: /a banner/ });
});

test("a WebSocket carries calls, and its close codes tell why it ended", async () => {
  const server = new WebSocketServer({ port: 0, host: "127.0.0.1" });
  after(() => server.close());
  await new Promise((resolve) => server.once("listening", resolve));
  const subprotocols: string[] = [];
  server.on("connection", (socket) => {
    subprotocols.push(socket.protocol);
    socket.on("message", (data) => {
      const { id, method, params } = JSON.parse(String(data));
      if (method === "rpc.handshake") socket.send(JSON.stringify({ jsonrpc: "2.0", id, result: { protocol: 1, uses: [], exposes: [] } }));
      if (method === "echo") socket.send(Buffer.from(JSON.stringify({ jsonrpc: "2.0", id, result: params[0] })));
      if (method === "refuse") socket.close(1008, "go away");
    });
  });
  const url = `ws://127.0.0.1:${(server.address() as { port: number }).port}`;
  const ipc = await connect(url);
  assert.deepEqual(subprotocols, ["ipc.v1.json"]);
  assert.equal(await ipc.call("echo", ["text or bytes"]), "text or bytes");
  await assert.rejects(ipc.call("refuse"), { kind: "disconnected", message: /go away/ });
  const state = ipc.state.get();
  assert.ok(state.status === "closed" && state.reason.kind === "unauthorized");
  server.close();
  for (const client of server.clients) client.terminate();
  await assert.rejects(connect(webSocket("/path")), { kind: "notConnected", message: /`\/path` is no URL.*in a page/ });
  await assert.rejects(connect("ws://127.0.0.1:1"), { kind: "notConnected", message: /ws:\/\/127\.0\.0\.1:1.*can't be reached/ });
});
