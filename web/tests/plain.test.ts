// Servers that know nothing of the runtime's own protocol. interop/ has some that others wrote.
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { connect, plainJsonRpc, stdio, type PlainFraming } from "ipc-runtime/node";
import { plainJsonRpc as overMessages } from "ipc-runtime/plain";
import { msgpack } from "ipc-runtime/msgpack";
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

  test(`${framing}: a message that is too large ends the connection`, async () => {
    const { endpoint } = await listen(framing, (_, say) => say(JSON.stringify("x".repeat(3_000))));
    await using ipc = await connect(plainJsonRpc(endpoint, { framing }), { maxMessageBytes: 2_000 });
    await assert.rejects(ipc.call("large"), { kind: "disconnected", message: /a message of \d+ bytes is larger than the 2000 taken here/ });
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

test("what came and is no message isn't answered", async () => {
  const { endpoint, heard } = await listen("newline", (text, say) => {
    say("{ no JSON");
    say("7");
    echo(text, say);
  });
  await using ipc = await connect(plainJsonRpc(endpoint, { framing: "newline" }), { onError() {} });
  await assert.rejects(ipc.call("a", [1]), { kind: "disconnected" });
  assert.equal(heard.length, 1);
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

test("`$/progress` comes to `onProgress`, whatever the token is", async () => {
  const reports: unknown[] = [];
  const { endpoint } = await listen("newline", (text, say) => {
    say('{"jsonrpc":"2.0","method":"$/progress","params":{"token":"t","value":{"percent":50}}}');
    echo(text, say);
  });
  const onProgress = (...report: unknown[]): void => void reports.push(report);
  await using ipc = await connect(plainJsonRpc(endpoint, { framing: "newline", onProgress }));
  await ipc.call("a", { workDoneToken: "t" });
  assert.deepEqual(reports, [["t", { percent: 50 }]]);
});
