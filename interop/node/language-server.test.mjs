// A frontend of ipc-runtime speaks to servers made with vscode-jsonrpc: `ipc-test-language-client`
// says what it wants of them, and checks what it gets.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { text } from "node:stream/consumers";
import { mkdtemp, rm } from "node:fs/promises";
import net from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import rpc from "vscode-jsonrpc/node";
import { WebSocketServer } from "ws";

import { inTime, program } from "./backend.mjs";
import { exact, serve } from "./language-server.mjs";
import { record } from "./record.mjs";
import { WebSocketReader, WebSocketWriter } from "./web-socket.mjs";

/** Why a client doesn't do what the frontend says that it doesn't. */
const WHY = { reconnect: "a child process isn't started anew: spawn it again" };

/** Runs the frontend, waits until it is content, and records what it has seen. */
async function frontend(client, ...args) {
  const child = spawn(program("ipc-test-language-client"), args, {
    stdio: ["ignore", "pipe", "inherit"],
  });
  try {
    const output = text(child.stdout);
    const [code] = await inTime(once(child, "exit"), "the frontend's end");
    assert.equal(code, 0);
    const lines = (await output).trimEnd().split("\n");
    for (const line of lines) {
      const cannot = /^not (.+)$/.exec(line)?.[1];
      if (cannot) record(client, cannot, "–", WHY[cannot]);
      else record(client, line, "yes");
    }
  } finally {
    child.kill("SIGKILL");
  }
}

test("over a Unix socket", async () => {
  const directory = await mkdtemp(path.join(tmpdir(), "ipc-js-"));
  const served = [];
  const server = net.createServer((socket) => {
    const [reader, writer] = [rpc.SocketMessageReader, rpc.SocketMessageWriter];
    const cut = () => socket.destroy();
    served.push(serve(new reader(socket, exact), new writer(socket, exact), { cut }).finally(cut));
  });
  try {
    const socket = path.join(directory, "s");
    server.listen(socket);
    await once(server, "listening");
    await frontend("Frontend, unix", `unix:${socket}`);
    assert.equal(served.length, 2);
    await inTime(Promise.all(served), "the connections' end");
  } finally {
    server.close();
    await rm(directory, { recursive: true, force: true });
  }
});

for (const isBinary of [false, true]) {
  test(`over a WebSocket, in ${isBinary ? "binary" : "text"} messages`, async () => {
    const server = new WebSocketServer({ host: "127.0.0.1", port: 0 });
    const served = [];
    server.on("connection", (socket, request) => {
      assert.equal(request.headers["sec-websocket-protocol"], undefined);
      const cut = () => socket.terminate();
      served.push(serve(new WebSocketReader(socket), new WebSocketWriter(socket, isBinary), { cut }));
    });
    try {
      await once(server, "listening");
      await frontend("Frontend, ws", `ws://127.0.0.1:${server.address().port}/`);
      assert.equal(served.length, 2);
      await inTime(Promise.all(served), "the connections' end");
    } finally {
      server.close();
    }
  });
}

test("over standard input and output", async () => {
  const script = fileURLToPath(new URL("language-server.mjs", import.meta.url));
  await frontend("Frontend, stdio", "spawn", process.execPath, script);
});
