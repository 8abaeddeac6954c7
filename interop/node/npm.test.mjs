// The npm client speaks to a server made with vscode-jsonrpc, which knows nothing of it.

import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import net from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { test } from "node:test";
import rpc from "vscode-jsonrpc/node";
import { WebSocketServer } from "ws";

import { connect, exposed, listener, plainJsonRpc, reconnect } from "../../web/dist/node/index.js";
import { eventually, inTime } from "./backend.mjs";
import { exact, serve } from "./language-server.mjs";
import { record } from "./record.mjs";
import { WebSocketReader, WebSocketWriter } from "./web-socket.mjs";

/** The carriers: each gives an endpoint, and what stops it. */
const carriers = {
  "npm, unix": async () => {
    const directory = await mkdtemp(path.join(tmpdir(), "ipc-js-"));
    const server = net.createServer((socket) => {
      const [reader, writer] = [rpc.SocketMessageReader, rpc.SocketMessageWriter];
      const cut = () => socket.destroy();
      void serve(new reader(socket, exact), new writer(socket, exact), { cut }).finally(cut);
    });
    server.listen(path.join(directory, "s"));
    await once(server, "listening");
    const stop = async () => {
      server.close();
      await rm(directory, { recursive: true, force: true });
    };
    return { endpoint: `unix:${path.join(directory, "s")}`, stop };
  },
  "npm, ws": async () => {
    const server = new WebSocketServer({ host: "127.0.0.1", port: 0 });
    server.on("connection", (socket, request) => {
      assert.equal(request.headers["sec-websocket-protocol"], undefined);
      void serve(new WebSocketReader(socket), new WebSocketWriter(socket, false), { cut: () => socket.terminate() });
    });
    await once(server, "listening");
    return { endpoint: `ws://127.0.0.1:${server.address().port}/`, stop: () => server.close() };
  },
};

/** What bindings have of an interface that describes the server. */
const Calc = { channel: "calc", version: "1.0.0", fingerprint: "1:0000000000000000", format: 1, methods: { add: { n: 2 } } };

const client = { processId: 7, rootUri: null, capabilities: {} };
const configuration = exposed("workspace/configuration", ({ items }) => items.map(({ section }) => ({ of: section })));

const features = {
  async calls({ ipc }) {
    assert.equal(await ipc.call("calc.add", [2, 3]), 5);
    const at = { textDocument: { uri: "file:///a.rs" }, position: { line: 3 } };
    assert.deepEqual(await ipc.call("textDocument/hover", at), { contents: "file:///a.rs:3" });
    assert.equal(await ipc.call("shutdown"), null);
  },

  async errors({ ipc }) {
    await assert.rejects(ipc.call("fail"), { kind: "remote", code: -32803, message: /it failed/, data: { at: 7 } });
    await assert.rejects(ipc.call("no/such"), { kind: "notFound" });
  },

  async notify({ ipc }) {
    ipc.notify("initialized", {});
    await eventually(async () => (await ipc.call("counts")).initialized === 1, "the notification");
  },

  async notified({ ipc }) {
    const told = new Promise((resolve) => ipc.serve(listener("window/logMessage", resolve)));
    await ipc.call("initialize", client);
    assert.deepEqual(await told, { type: 3, message: "Grüße, 世界 😀" });
  },

  async called({ ipc }) {
    const answer = await ipc.call("initialize", client);
    assert.deepEqual(answer.configuration, { of: "rust" });
  },

  async cancel({ ipc }) {
    const giveUp = new AbortController();
    const waiting = ipc.call("wait", [], { signal: giveUp.signal });
    await eventually(async () => (await ipc.call("counts")).waited === 1, "the handler");
    giveUp.abort();
    await assert.rejects(waiting, { kind: "cancelled" });
    await eventually(async () => (await ipc.call("counts")).cancelled === 1, "the handler's end");
    // So long that the server has begun: it doesn't begin what is cancelled before.
    await assert.rejects(ipc.call("wait", [], { timeout: 1_000 }), { kind: "deadline" });
    await eventually(async () => (await ipc.call("counts")).cancelled === 2, "the handler's end");
  },

  async progress({ ipc, reports }) {
    await ipc.call("initialize", client);
    assert.deepEqual(reports, [["loading", 50]]);
  },

  async interface({ ipc }) {
    const calc = await ipc.open(Calc);
    const sums = await Promise.all(Array.from({ length: 500 }, (_, number) => calc.add(number, 1)));
    assert.deepEqual(sums, Array.from(sums, (_, number) => number + 1));
  },

  async integers({ ipc }) {
    assert.equal(await ipc.call("same", [2n ** 64n - 1n]), 2n ** 64n - 1n);
  },

  async silence({ ipc }) {
    await ipc.open(Calc);
    await ipc.call("initialize", client);
    await ipc.call("calc.add", [1, 2], { timeout: 5_000, onProgress() {} });
    // Several times its heartbeat.
    await new Promise((resolve) => setTimeout(resolve, 200));
    assert.deepEqual(await ipc.call("strange"), []);
  },

  async reconnect({ ipc }) {
    assert.equal(await ipc.call("calc.add", [1, 2]), 3);
    const states = [];
    ipc.state.subscribe(() => states.push(ipc.state.get().status));
    ipc.notify("cut");
    await eventually(() => states.at(-1) === "connected", "the next connection");
    assert.ok(states.includes("reconnecting"));
    assert.equal(ipc.state.get().resumed, false);
    assert.equal(await ipc.call("calc.add", [1, 2]), 3);
  },
};

for (const [name, begin] of Object.entries(carriers)) {
  for (const [feature, body] of Object.entries(features)) {
    test(`${name}, ${feature}`, async () => {
      const server = await begin();
      const reports = [];
      const dial = plainJsonRpc(server.endpoint, { onProgress: (...report) => reports.push(report) });
      const ipc = await inTime(connect(dial, { serve: [configuration], heartbeat: 50, reconnect: reconnect({ firstDelay: 1 }) }), "the connection");
      try {
        await inTime(body({ ipc, reports }), feature);
      } finally {
        await ipc.close();
        await server.stop();
      }
      record(name, feature, "yes");
    });
  }
}
