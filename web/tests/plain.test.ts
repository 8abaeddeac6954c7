// Servers that know nothing of the runtime's own protocol. interop/ has some that others wrote.
import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type AddressInfo, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { connect, listener, messagePort, plainJsonRpc, reconnect, stdio, type IpcError, type PlainFraming } from "ipc-runtime/node";
import { plainJsonRpc as overMessages } from "ipc-runtime/plain";
import { msgpack } from "ipc-runtime/msgpack";
import { WebSocketServer } from "ws";
import { EverythingApi } from "./support/everything.js";

const root = mkdtempSync(join(tmpdir(), "ipc-"));
const servers: Server[] = [];
after(() => {
  for (const server of servers) server.close();
  rmSync(root, { recursive: true });
});

const framed = {
  newline: (text: string): string => `${text}\n`,
  "content-length": (text: string): string => `Content-Length: ${Buffer.byteLength(text)}\r\n\r\n${text}`,
};

/** A server that keeps what it is sent, and sends what it is told to, in pieces of so many bytes. */
async function listen(framing: PlainFraming, answer: (text: string, say: (text: string) => void) => void, chop = Infinity): Promise<{ endpoint: string; heard: string[]; sockets: Socket[] }> {
  const path = join(root, `${servers.length}.sock`);
  const heard: string[] = [];
  const sockets: Socket[] = [];
  const server = createServer((socket) => {
    sockets.push(socket);
    socket.on("error", () => {});
    socket.setNoDelay(true);
    let came = "";
    const say = (text: string): void => {
      const bytes = Buffer.from(framed[framing](text));
      for (let at = 0; at < bytes.length; at += chop) socket.write(bytes.subarray(at, at + chop));
    };
    socket.on("data", (chunk) => {
      came += chunk.toString("latin1");
      const texts = framing === "newline" ? came.split("\n").slice(0, -1) : came.split(/Content-Length: \d+\r\n\r\n/u).slice(1);
      for (const text of texts.slice(heard.length)) {
        const whole = Buffer.from(text, "latin1").toString();
        heard.push(whole);
        answer(whole, say);
      }
    });
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(path, resolve));
  return { endpoint: `unix:${path}`, heard, sockets };
}

const echo = (text: string, say: (text: string) => void): void => {
  const { id, params } = JSON.parse(text) as { id?: number; params?: unknown };
  if (id !== undefined) say(JSON.stringify({ jsonrpc: "2.0", id, result: params ?? null }));
};

for (const framing of ["newline", "content-length"] as const) {
  test(`${framing}: nothing but what the app says is sent, whatever pieces the answers come in`, async () => {
    for (const chop of [1, 7, Infinity]) {
      const { endpoint, heard } = await listen(framing, echo, chop);
      await using ipc = await connect(plainJsonRpc(endpoint, { framing }), { name: "editor" });
      assert.deepEqual(await ipc.call("a/b", { c: "Grüße" }, { timeout: 9_000 }), { c: "Grüße" });
      assert.equal(await ipc.call("nothing"), null);
      ipc.notify("told", [1]);
      assert.deepEqual(await ipc.call("same", [2]), [2]);
      assert.deepEqual(heard, [
        '{"jsonrpc":"2.0","id":2,"method":"a/b","params":{"c":"Grüße"}}',
        '{"jsonrpc":"2.0","id":3,"method":"nothing"}',
        '{"jsonrpc":"2.0","method":"told","params":[1]}',
        '{"jsonrpc":"2.0","id":4,"method":"same","params":[2]}',
      ]);
    }
  });

  test(`${framing}: the end of the server's output ends the connection`, async () => {
    const { endpoint, sockets } = await listen(framing, () => sockets[0]?.end());
    await using ipc = await connect(plainJsonRpc(endpoint, { framing }));
    await assert.rejects(ipc.call("end"), { kind: "disconnected" });
  });
}

test("what has no Content-Length ends the connection, and the error says so", async () => {
  const { endpoint, sockets } = await listen("content-length", () => sockets[0]?.write("Content-Type: text\r\n\r\n{}"));
  await using ipc = await connect(plainJsonRpc(endpoint));
  await assert.rejects(ipc.call("any"), { kind: "disconnected", message: /has no Content-Length/ });
});

test("newline: a line that is too large ends the connection", async () => {
  const { endpoint } = await listen("newline", (_, say) => say(JSON.stringify("x".repeat(3_000))));
  await using ipc = await connect(plainJsonRpc(endpoint, { framing: "newline" }), { maxMessageBytes: 2_000 });
  await assert.rejects(ipc.call("large"), { kind: "disconnected", message: /a message of \d+ bytes is larger than the 2000 taken here/ });
});

test("content-length: a reply that is too large fails its call, and the others go on", async () => {
  for (const chop of [1, 977, Infinity]) {
    const large = "x".repeat(9_000);
    const { endpoint } = await listen("content-length", (text, say) => {
      const { id, method } = JSON.parse(text) as { id: number; method: string };
      if (method === "large") say(JSON.stringify({ jsonrpc: "2.0", id, result: large }));
      if (method === "after") for (const answered of [id - 2, id]) say(JSON.stringify({ jsonrpc: "2.0", id: answered, result: method }));
    }, chop);
    await using ipc = await connect(plainJsonRpc(endpoint), { maxMessageBytes: 2_000 });
    const before = ipc.call("before");
    await assert.rejects(ipc.call("large"), { kind: "tooLarge", message: /a message of \d+ bytes is larger than the 2000 taken here/ });
    assert.equal(await ipc.call("after"), "after");
    assert.equal(await before, "after");
  }
});

test("content-length: of what is too large, a request is refused, and a notification is told to the app", async () => {
  const errors: string[] = [];
  const large = "x".repeat(9_000);
  const { endpoint, heard } = await listen("content-length", (text, say) => {
    const { method } = JSON.parse(text) as { method?: string };
    if (method === undefined) return;
    if (method === "b") return echo(text, say);
    say(JSON.stringify({ jsonrpc: "2.0", id: "asked", method: "ask", params: [large] }));
    say(JSON.stringify({ jsonrpc: "2.0", method: "note", params: { subscription: 1, large } }));
    echo(text, say);
  });
  const notes: unknown[] = [];
  await using ipc = await connect(plainJsonRpc(endpoint), { maxMessageBytes: 2_000, serve: [listener("note", (note) => void notes.push(note))], onError: ({ kind }) => errors.push(kind) });
  assert.deepEqual(await ipc.call("a", [1]), [1]);
  // By this answer the refusal has come.
  assert.deepEqual(await ipc.call("b", [2]), [2]);
  assert.deepEqual(heard.map((text) => JSON.parse(text)).filter(({ id }) => id === "asked").map(({ error }) => error.code), [-32007]);
  assert.deepEqual(errors, ["tooLarge"]);
  assert.deepEqual(notes, []);
});

test("content-length: a length far beyond the limit ends the connection, before anything of it has come", async () => {
  const { endpoint, sockets } = await listen("content-length", () => sockets[0]?.write("Content-Length: 32001\r\n\r\n"));
  await using ipc = await connect(plainJsonRpc(endpoint), { maxMessageBytes: 2_000 });
  await assert.rejects(ipc.call("large"), { kind: "disconnected", message: /a message of 32001 bytes is larger than the 2000 taken here/ });
});

for (const framing of ["newline", "content-length"] as const) {
  test(`${framing}: what can't be read is passed over: a reply fails its call, and of anything else the app is told`, async () => {
    const errors: IpcError[] = [];
    const { endpoint, heard } = await listen(framing, (text, say) => {
      say("{ no JSON");
      say('{"method":"note","params":{"subscription":1,"a":}}');
      say("7");
      const { id, method } = JSON.parse(text) as { id: number; method: string };
      if (method === "torn") say(`{"jsonrpc":"2.0","id":${id},"result":[1,}`);
      else echo(text, say);
    });
    await using ipc = await connect(plainJsonRpc(endpoint, { framing }), { onError: (error) => errors.push(error) });
    await assert.rejects(ipc.call("torn"), { kind: "protocol", code: -32700, message: /a message of the server can't be read/ });
    assert.deepEqual(await ipc.call("a", [1]), [1]);
    assert.deepEqual(errors.map(({ kind }) => kind), ["protocol", "protocol", "protocol", "protocol"]);
    assert.match(errors[0]?.message as string, /a message of the server can't be read/);
    // Nothing is answered that can't be read.
    assert.equal(heard.length, 2);
  });
}

test("methods that begin with `rpc.` are the server's, but for those that the client says of its own", async () => {
  const { endpoint, heard } = await listen("newline", (text, say) => {
    const { id, method } = JSON.parse(text) as { id?: number; method: string };
    if (id !== undefined) say(JSON.stringify({ jsonrpc: "2.0", id, result: { called: method } }));
  });
  await using ipc = await connect(plainJsonRpc(endpoint, { framing: "newline" }));
  ipc.notify("rpc.hello", [1]);
  assert.deepEqual(await ipc.call("rpc.discover"), { called: "rpc.discover" });
  assert.deepEqual(await ipc.call("rpc.closing"), { called: "rpc.closing" });
  await ipc.close();
  assert.deepEqual(heard.map((text) => (JSON.parse(text) as { method: string }).method), ["rpc.hello", "rpc.discover", "rpc.closing"]);
});

test("an argument with a member `$stream` is sent, if that isn't all of it", async () => {
  const { endpoint } = await listen("newline", echo);
  await using ipc = await connect(plainJsonRpc(endpoint, { framing: "newline" }));
  for (const argument of [{ $stream: "a" }, { $stream: 1, b: 2 }]) assert.deepEqual(await ipc.call("a", [argument]), [argument]);
});

test("a silent server is asked nothing", async () => {
  const { endpoint, heard } = await listen("newline", (text, say) => setTimeout(() => echo(text, say), 200));
  await using ipc = await connect(plainJsonRpc(endpoint, { framing: "newline" }), { heartbeat: 10 });
  assert.deepEqual(await ipc.call("slow", [1]), [1]);
  assert.equal(heard.length, 1);
});

test("subscriptions, uploads, a token and MessagePack are refused, and the errors say why", async () => {
  const { endpoint, heard } = await listen("newline", echo);
  const dial = plainJsonRpc(endpoint, { framing: "newline" });
  await using ipc = await connect(dial);
  const everything = ipc.client(EverythingApi);
  const own = /of ipc-runtime's own protocol/;
  await assert.rejects(async () => {
    for await (const number of everything.countdown(3)) assert.fail(String(number));
  }, own);
  await assert.rejects(everything.store(1, [new Uint8Array(1)]), own);
  assert.deepEqual(heard, []);
  await assert.rejects(connect(dial, { token: "secret" }), { kind: "unauthorized", message: /takes no token: leave `token` out/ });
  await assert.rejects(connect(dial, { encoding: msgpack }), { kind: "notConnected", message: /speaks JSON: leave `encoding` out/ });
  assert.deepEqual(heard, []);
});

test("another carrier of messages is taken as it is", async () => {
  const { endpoint, heard } = await listen("newline", (_, say) => say(`{"jsonrpc":"2.0","id":2,"result":[${2n ** 60n}]}`));
  const inner = plainJsonRpc(endpoint, { framing: "newline" });
  await using ipc = await connect(overMessages(inner));
  assert.deepEqual(await ipc.call("a", [2n ** 60n]), [2n ** 60n]);
  assert.equal(heard[0], `{"jsonrpc":"2.0","id":2,"method":"a","params":[${2n ** 60n}]}`);
});

test("a program is started, and spoken to in plain JSON-RPC", async () => {
  const script = `process.stdin.on("data", (line) => { const { id, params } = JSON.parse(line); console.log(JSON.stringify({ jsonrpc: "2.0", id, result: params })); });`;
  await using ipc = await connect(plainJsonRpc(stdio(process.execPath, ["-e", script]), { framing: "newline" }));
  assert.deepEqual(await ipc.call("a", [1]), [1]);
});

test("a program that can't be started is told by `connect`", async () => {
  await assert.rejects(connect(plainJsonRpc(stdio("/no/such/program"))), { kind: "notConnected", message: /stdio:\/no\/such\/program can't be started: .*ENOENT/ });
});

test("a client can't come back over a port that is there once, in plain JSON-RPC neither", async () => {
  const { port1 } = new MessageChannel();
  await assert.rejects(connect(overMessages(messagePort(port1)), { reconnect: reconnect() }), { kind: "invalidArguments", message: /needs a port for each connection/ });
  port1.close();
});

test("`$/progress` comes to `onProgress`, whatever the token is, and however the server writes it", async () => {
  const reports: unknown[] = [];
  const { endpoint } = await listen("newline", (text, say) => {
    say('{"jsonrpc":"2.0","method":"$/progress","params":{"token":"t","value":{"percent":50}}}');
    say(`{"jsonrpc":"2.0","method":"$\\/progress","params":{"token":${2n ** 60n},"value":1}}`);
    echo(text, say);
  });
  const onProgress = (...report: unknown[]): void => void reports.push(report);
  await using ipc = await connect(plainJsonRpc(endpoint, { framing: "newline", onProgress }));
  await ipc.call("a", { workDoneToken: "t" });
  assert.deepEqual(reports, [["t", { percent: 50 }], [2n ** 60n, 1]]);
});

const progressing = (text: string, say: (text: string) => void): void => {
  say('{"jsonrpc":"2.0","method":"$/progress","params":{"token":1,"value":1}}');
  echo(text, say);
};

test("an `onProgress` that throws goes to `onError`, and the connection goes on", async () => {
  const webSockets = new WebSocketServer({ host: "127.0.0.1", port: 0 });
  await once(webSockets, "listening");
  webSockets.on("connection", (socket) => socket.on("message", (text) => progressing(String(text), (answer) => socket.send(answer))));
  after(() => webSockets.close());
  for (const isBytes of [true, false]) {
    for (const onProgress of [() => { throw new Error("mine"); }, () => Promise.reject(new Error("mine"))]) {
      const endpoint = isBytes ? (await listen("newline", progressing)).endpoint : `ws://127.0.0.1:${(webSockets.address() as AddressInfo).port}`;
      const errors: string[] = [];
      await using ipc = await connect(plainJsonRpc(endpoint, { framing: "newline", onProgress }), { onError: ({ kind, message }) => errors.push(`${kind}: ${message}`) });
      assert.deepEqual(await ipc.call("a", [1]), [1]);
      assert.deepEqual(await ipc.call("a", [2]), [2]);
      assert.deepEqual(errors, Array(2).fill("handlerFailed: `onProgress` of `plainJsonRpc` failed: mine"));
    }
  }
});
