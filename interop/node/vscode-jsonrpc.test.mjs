// vscode-jsonrpc, the JSON-RPC library of VS Code and of language clients, speaks to a backend as
// it speaks to a language server: Content-Length frames over a socket.

import assert from "node:assert/strict";
import { test } from "node:test";
import rpc from "vscode-jsonrpc/node";

import { Backend, inTime } from "./backend.mjs";

/** Runs `body` with a backend and a connection to it. */
async function connected(body) {
  const backend = await Backend.start();
  const socket = await backend.connect();
  const connection = rpc.createMessageConnection(
    new rpc.SocketMessageReader(socket),
    new rpc.SocketMessageWriter(socket),
  );
  connection.onError(([error]) => assert.fail(error));
  try {
    await body({
      backend,
      socket,
      connection,
      prepared: () => connection.listen(),
      call: (method, ...params) => inTime(connection.sendRequest(method, ...params), method),
    });
  } finally {
    connection.dispose();
    socket.destroy();
    await backend.kill();
  }
}

/** What a call fails with. */
async function failure(promise) {
  try {
    await promise;
  } catch (error) {
    assert.ok(error instanceof rpc.ResponseError, String(error));
    return error;
  }
  assert.fail("the call succeeded");
}

const { byName, byPosition } = rpc.ParameterStructures;

test("calls by position and by name", () =>
  connected(async ({ prepared, call }) => {
    prepared();
    assert.equal(await call("test.everything.add", 2, 3), 5);
    const add = new rpc.RequestType2("test.everything.add");
    assert.equal(await call(add, 2, 3), 5);
    assert.equal(await call("test.everything.add", byName, { b: 1, a: 2 }), 3);
    assert.equal(await call("test.everything.echo", "Grüße, 世界 😀"), "Grüße, 世界 😀");
    assert.equal(await call("test.everything.echo", byName, { text: "by name" }), "by name");
    assert.equal(await call("test.slow.ping"), 7);
    assert.equal(await call("test.everything.nothing"), null);
    // One argument that is an object: by itself, by position, by name.
    const info = { name: "n", size: 1 };
    assert.equal(await call("test.everything.describe", info), "n 1");
    assert.equal(await call("test.everything.describe", byPosition, info), "n 1");
    assert.equal(await call("test.everything.describe", byName, { info }), "n 1");
  }));

test("a thousand calls at once are answered each", () =>
  connected(async ({ prepared, call }) => {
    prepared();
    const numbers = Array.from({ length: 1000 }, (_, number) => number);
    const sums = await Promise.all(numbers.map((n) => call("test.everything.add", n, 1)));
    assert.deepEqual(sums, numbers.map((n) => n + 1));
  }));

test("a method's own error comes with its data", () =>
  connected(async ({ prepared, call }) => {
    prepared();
    const error = await failure(call("test.everything.list", "/none"));
    assert.equal(error.code, 1);
    assert.equal(error.message, "no such directory: /none");
    assert.deepEqual(error.data, { NotFound: "/none" });
  }));

test("unknown methods and wrong params are told", () =>
  connected(async ({ prepared, call }) => {
    prepared();
    const unknown = await failure(call("test.slow.none"));
    assert.equal(unknown.code, rpc.ErrorCodes.MethodNotFound);
    assert.match(unknown.message, /no method `none`/);
    const channel = await failure(call("test.none.ping"));
    assert.equal(channel.code, rpc.ErrorCodes.MethodNotFound);
    assert.match(channel.message, /no channel `test.none`/);
    const params = await failure(call("test.everything.add", 1, "two"));
    assert.equal(params.code, rpc.ErrorCodes.InvalidParams);
    assert.match(params.message, /argument `b`/);
  }));

test("a request is cancelled, and its handler stops", () =>
  connected(async ({ prepared, connection, call }) => {
    prepared();
    const source = new rpc.CancellationTokenSource();
    const waiting = failure(connection.sendRequest("test.slow.wait", 1, source.token));
    await call("test.endings.began", 1);
    source.cancel();
    const error = await inTime(waiting, "the answer");
    assert.equal(error.code, -32800);
    assert.match(error.message, /cancelled/);
    assert.equal(await call("test.endings.ended", 1), "dropped");
    // Others go on.
    const other = connection.sendRequest("test.slow.wait", 2);
    await call("test.endings.began", 2);
    await call("test.endings.release", 2);
    assert.equal(await inTime(other, "the answer"), 2);
    assert.equal(await call("test.endings.ended", 2), "finished");
  }));

test("a request that can't be cancelled is answered truly", () =>
  connected(async ({ prepared, connection, call }) => {
    prepared();
    const source = new rpc.CancellationTokenSource();
    const insisting = connection.sendRequest("test.slow.insist", 1, source.token);
    await call("test.endings.began", 1);
    source.cancel();
    await call("test.endings.release", 1);
    assert.equal(await inTime(insisting, "the answer"), 1);
  }));

test("notifications are handled in their order", () =>
  connected(async ({ prepared, connection, call }) => {
    prepared();
    await connection.sendNotification("test.everything.mark", 1);
    await connection.sendNotification("test.everything.mark", byName, { number: 2 });
    await connection.sendNotification("test.everything.mark", 3);
    assert.deepEqual(await call("test.everything.noted"), ["1", "2", "3"]);
  }));

test("it is notified when the backend stops, and its calls are answered first", () =>
  connected(async ({ backend, prepared, connection, call }) => {
    const closing = new Promise((resolve) => {
      connection.onNotification("rpc.closing", resolve);
    });
    const closed = new Promise((resolve) => connection.onClose(resolve));
    prepared();
    const source = new rpc.CancellationTokenSource();
    const waiting = failure(connection.sendRequest("test.slow.wait", 1, source.token));
    await call("test.endings.began", 1);
    backend.stop();
    const told = await inTime(closing, "rpc.closing");
    assert.equal(told.restart, false);
    assert.match(told.reason, /stopping/);
    // New requests don't run any more. What runs may finish, or be cancelled still.
    const refused = await failure(call("test.slow.ping"));
    assert.equal(refused.code, -32005);
    source.cancel();
    assert.equal((await inTime(waiting, "the answer")).code, -32800);
    await inTime(closed, "the connection's end");
    const [code] = await inTime(backend.exited, "the backend's end");
    assert.equal(code, 0);
  }));

test("the end of the connection stops its handlers", () =>
  connected(async ({ backend, socket, prepared, connection, call }) => {
    prepared();
    connection.sendRequest("test.slow.wait", 1).catch(() => {});
    await call("test.endings.began", 1);
    const second = await backend.connect();
    const other = rpc.createMessageConnection(
      new rpc.SocketMessageReader(second),
      new rpc.SocketMessageWriter(second),
    );
    other.listen();
    socket.destroy();
    const ended = await inTime(other.sendRequest("test.endings.ended", 1), "the handler's end");
    assert.equal(ended, "dropped");
    other.dispose();
    second.destroy();
  }));
