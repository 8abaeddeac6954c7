// A frontend of ipc-runtime speaks to servers made with vscode-jsonrpc: `ipc-test-language-client`
// says what it wants of them, and checks what it gets.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import net from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import rpc from "vscode-jsonrpc/node";
import { WebSocketServer } from "ws";

import { inTime, program } from "./backend.mjs";
import { serve } from "./language-server.mjs";

/** Runs the frontend, and waits until it is content. */
async function frontend(...args) {
  const child = spawn(program("ipc-test-language-client"), args, {
    stdio: ["ignore", "inherit", "inherit"],
  });
  try {
    const [code] = await inTime(once(child, "exit"), "the frontend's end");
    assert.equal(code, 0);
  } finally {
    child.kill("SIGKILL");
  }
}

test("over a Unix socket", async () => {
  const directory = await mkdtemp(path.join(tmpdir(), "ipc-js-"));
  const served = [];
  const server = net.createServer((socket) => {
    const [reader, writer] = [rpc.SocketMessageReader, rpc.SocketMessageWriter];
    served.push(serve(new reader(socket), new writer(socket)).finally(() => socket.destroy()));
  });
  try {
    const socket = path.join(directory, "s");
    server.listen(socket);
    await once(server, "listening");
    await frontend(`unix:${socket}`);
    assert.equal(served.length, 1);
    await inTime(served[0], "the connection's end");
  } finally {
    server.close();
    await rm(directory, { recursive: true, force: true });
  }
});

class WebSocketReader extends rpc.AbstractMessageReader {
  constructor(socket) {
    super();
    this.socket = socket;
    socket.on("close", () => this.fireClose());
  }

  listen(callback) {
    this.socket.on("message", (data) => callback(JSON.parse(data.toString())));
    return rpc.Disposable.create(() => {});
  }
}

class WebSocketWriter extends rpc.AbstractMessageWriter {
  constructor(socket, isBinary) {
    super();
    Object.assign(this, { socket, isBinary });
  }

  async write(message) {
    const text = JSON.stringify(message);
    this.socket.send(this.isBinary ? Buffer.from(text) : text);
  }

  end() {
    this.socket.close();
  }
}

for (const isBinary of [false, true]) {
  test(`over a WebSocket, in ${isBinary ? "binary" : "text"} messages`, async () => {
    const server = new WebSocketServer({ host: "127.0.0.1", port: 0 });
    const served = [];
    server.on("connection", (socket, request) => {
      assert.equal(request.headers["sec-websocket-protocol"], undefined);
      served.push(serve(new WebSocketReader(socket), new WebSocketWriter(socket, isBinary)));
    });
    try {
      await once(server, "listening");
      await frontend(`ws://127.0.0.1:${server.address().port}/`);
      assert.equal(served.length, 1);
      await inTime(served[0], "the connection's end");
    } finally {
      server.close();
    }
  });
}

test("over standard input and output", async () => {
  const script = fileURLToPath(new URL("language-server.mjs", import.meta.url));
  await frontend("spawn", process.execPath, script);
});
