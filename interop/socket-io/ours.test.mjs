// Where our backend says more than socket.io's own server can: errors in acknowledgements, versions,
// subscriptions, and JSON-RPC on the same port.

import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";

import { WebSocket } from "ws";

import { eventually, inTime } from "../node/backend.mjs";
import { Polling, Socket, ask, serves } from "./raw.mjs";
import { Server, servers } from "./server.mjs";
import { Site, heard, ways } from "./site.mjs";

const alone = servers.includes("ours") ? describe : describe.skip;

for (const way of ways) {
  alone(`our own, ${way.name}`, () => {
    const site = new Site(way);
    before(() => site.open("ours"));
    after(() => site.end());

    it("tells errors in acknowledgements", async () => {
      const socket = await site.connect();
      const { error } = await socket.emitWithAck("demo.arm.move", 300, 400);
      assert.deepEqual(error, { code: 1, message: "500 m are out of reach", data: { OutOfReach: { distance: 500 } } });
      const failed = await socket.emitWithAck("fail", "no luck");
      assert.equal(failed.error.message, "no luck");
    });

    it("tells what doesn't exist, and which argument is wrong", async () => {
      const socket = await site.connect();
      const none = await socket.emitWithAck("demo.arm.nope");
      assert.equal(none.error.code, -32601);
      assert.match(none.error.message, /demo\.arm\.nope|`nope`/);
      assert.equal((await socket.emitWithAck("nothing at all", 1)).error.code, -32601);
      const wrong = await socket.emitWithAck("demo.arm.move", "three", 4);
      assert.equal(wrong.error.code, -32602);
      assert.match(wrong.error.message, /`x`/);
      assert.equal((await socket.emitWithAck("demo.arm.move", 3)).error.code, -32602);
    });

    it("has a panic as one call's error", async () => {
      const socket = await site.connect();
      const [{ error }, echoed] = await Promise.all([socket.emitWithAck("demo.arm.panic"), socket.emitWithAck("echo", 1)]);
      assert.equal(typeof error.code, "number");
      assert.equal(echoed, 1);
      assert.equal(await socket.emitWithAck("echo", 2), 2);
    });

    it("takes errors in a client's acknowledgement", async () => {
      const socket = await site.connect();
      socket.once("demo.arm.confirm", (_, ack) => ack({ error: { code: 7, message: "not now" } }));
      const asked = await socket.emitWithAck("demo.arm.ask", "?");
      assert.match(asked.error.message, /not now/);
      // A result that has an error beside something else is a result, of the wrong type here.
      socket.once("demo.arm.confirm", (_, ack) => ack({ error: "x", value: 1 }));
      assert.doesNotMatch((await socket.emitWithAck("demo.arm.ask", "?")).error.message, /not now/);
      socket.once("demo.arm.confirm", (_, ack) => ack());
      assert.ok((await socket.emitWithAck("demo.arm.ask", "?")).error);
      assert.equal(await socket.emitWithAck("echo", 1), 1);
    });

    it("streams the items of a subscription as events", async () => {
      const socket = await site.connect();
      const items = [];
      socket.on("demo.arm.countdown", (item) => items.push(item));
      const subscription = await socket.emitWithAck("demo.arm.countdown", 3);
      assert.equal(typeof subscription, "number");
      await eventually(() => items.length === 4, "all items");
      assert.deepEqual(items, [...[2, 1, 0].map((result) => ({ subscription, result })), { subscription, done: true }]);
    });

    it("ends a subscription", async () => {
      const socket = await site.connect();
      assert.equal(await socket.emitWithAck("rpc.unsubscribe", 12345), false);
      const subscription = await socket.emitWithAck("demo.arm.countdown", 4_000_000_000);
      assert.equal(await socket.emitWithAck("rpc.unsubscribe", subscription), true);
      assert.equal(await socket.emitWithAck("rpc.unsubscribe", subscription), false);
    });

    it("streams them by their short name in the channel's namespace", async () => {
      const arm = await site.connect("/demo.arm");
      const items = [];
      arm.on("countdown", (item) => items.push(item.result ?? "done"));
      await arm.emitWithAck("countdown", 2);
      await eventually(() => items.length === 3, "all items");
      assert.deepEqual(items, [1, 0, "done"]);
    });

    it("has in a channel's namespace what the channel has", async () => {
      const arm = await site.connect("/demo.arm");
      assert.equal((await arm.emitWithAck("echo", 1)).error.code, -32601);
      assert.equal((await arm.emitWithAck("nope")).error.code, -32601);
    });

    it("compares the versions that a client uses", async () => {
      for (const uses of [{ "demo.arm": "1.7.8" }, { "demo.arm": "1.2.0" }, { "demo.arm": { version: "1.7.8" } }, {}]) {
        const socket = await site.connect("/", { auth: { uses } });
        assert.equal(await socket.emitWithAck("echo", 1), 1);
        socket.disconnect();
      }
      for (const uses of [{ "demo.arm": "2.0.0" }, { "demo.arm": "1.8.0" }, { "demo.leg": "1.0.0" }, { "demo.arm": { version: "1.7.8", fingerprint: "2:0123456789abcdef" } }]) {
        const socket = site.client("/", { auth: { uses } });
        socket.on("connect", () => assert.fail(`connected with ${JSON.stringify(uses)}`));
        const [error] = await inTime(heard(socket, "connect_error"), "the refusal");
        assert.match(error.message, /demo\.(arm|leg)/);
        // There is no such channel, or not such a version of it.
        assert.equal(error.data.code, "demo.leg" in uses ? -32601 : -32003);
        assert.equal(socket.active, false);
        socket.disconnect();
      }
    });

    it("says what is wrong with what a client shows", async () => {
      for (const auth of [{ uses: "demo.arm" }, { uses: { "demo.arm": 1 } }, { uses: { "demo.arm": "one" } }]) {
        const socket = site.client("/", { auth });
        const [error] = await inTime(heard(socket, "connect_error"), "the refusal");
        assert.ok(error.message.length > 10, error.message);
        assert.equal(typeof error.data.code, "number");
        socket.disconnect();
      }
    });

    it("has events for a method that answers, and answers for one that doesn't", async () => {
      const socket = await site.connect();
      socket.emit("demo.arm.move", 1, 2);
      socket.emit("nothing at all");
      socket.emit("demo.arm.move", "wrong");
      assert.equal((await socket.emitWithAck("demo.arm.log", "acknowledged: yes"))?.error, undefined);
      assert.deepEqual(await socket.emitWithAck("demo.arm.logged", "acknowledged"), ["acknowledged: yes"]);
    });

    it("keeps the protocol's own names for itself", async () => {
      const socket = await site.connect();
      for (const name of ["rpc.handshake", "rpc.ping", "rpc.nope", "$/cancelRequest", "$/progress"]) {
        assert.ok((await socket.emitWithAck(name, 1)).error, name);
        socket.emit(name, { id: 1 });
      }
      assert.equal(await socket.emitWithAck("echo", 1), 1);
    });

    it("keeps numbers as they are", async () => {
      const socket = await site.connect();
      for (const n of [1e20, 12345678901234567890, -1e19, 5e-324, Number.MAX_VALUE, 2 ** 53, 2 ** 63, 2 ** 64, -(2 ** 63), 0.1]) {
        assert.equal(await socket.emitWithAck("echo", n), n);
      }
      assert.equal(await socket.emitWithAck("echo", NaN), null);
    });
  });
}

alone("our own server", () => {
  let server;
  before(async () => (server = await Server.start("ours")));
  after(() => server?.kill());

  it("serves JSON-RPC on the same port", async () => {
    const ws = new WebSocket(server.url.replace("http", "ws"));
    const answer = new Promise((resolve, reject) => {
      ws.on("error", reject);
      ws.on("message", (data) => resolve(JSON.parse(data)));
    });
    ws.on("open", () => ws.send('{"jsonrpc":"2.0","id":1,"method":"echo","params":["both"]}'));
    assert.deepEqual(await inTime(answer, "the answer"), { jsonrpc: "2.0", id: 1, result: "both" });
    ws.close();
    await serves(server);
  });

  it("has its path with and without a slash at the end, and nothing below it", async () => {
    for (const path of ["/socket.io", "/socket.io/"]) {
      const { status, text } = await ask(server, {}, { path });
      assert.deepEqual([status, text[0]], [200, "0"]);
      (await Socket.open(server, {}, { path })).terminate();
    }
    for (const path of ["/socket.io/socket.io.js", "/socket.iox/", "/", "/other/socket.io/"]) {
      const answer = await ask(server, {}, { path }).catch(() => ({ status: 400 }));
      assert.ok(answer.status >= 400, `${answer.status} for ${path}`);
    }
  });

  it("refuses JSONP, which revision 3 had", async () => assert.equal((await ask(server, { j: "0" })).status, 400));

  it("ends the session over a POST beyond the limit, and over what is no packet, with an answer", async () => {
    for (const [body, status] of [[`4${"x".repeat(20_000_000)}`, 413], ["abc", 400]]) {
      const session = await Polling.connect(server);
      // What is still being sent may be cut.
      const answer = await session.post(body).catch(() => ({ status }));
      assert.equal(answer.status, status);
      await eventually(() => session.isOver(), "the session's end");
    }
  });

  it("refuses a call whose number is in use", async () => {
    const socket = await Socket.connect(server);
    socket.send('421["demo.arm.wait"]', '421["demo.arm.wait"]');
    const [{ error }] = JSON.parse((await socket.next()).slice(3));
    assert.equal(error.code, -32600);
    await socket.taken();
    socket.send('422["echo",1]');
    assert.equal(await socket.next(), "432[1]");
    socket.terminate();
  });

  it("ends the connection over a number that JavaScript doesn't have", async () => {
    for (const id of ["9007199254740993", "123456789012345678901234567890"]) {
      const socket = await Socket.connect(server);
      socket.send(`42${id}["echo",1]`);
      assert.deepEqual(await socket.rest(), []);
    }
  });

  it("takes a thousand attachments, and not more", async () => {
    const packet = (count) => [`45${count}-5["length",[${Array.from({ length: count }, (_, num) => `{"_placeholder":true,"num":${num}}`)}]]`, ...Array.from({ length: count }, (_, n) => Buffer.from([n % 256]))];
    const socket = await Socket.connect(server);
    socket.send(...packet(1000));
    assert.equal(await socket.next(), "435[1000]");
    socket.send(...packet(1001));
    assert.deepEqual(await socket.rest(), []);
    await serves(server);
  });

  it("gives no more attachments than a stock client takes, which would go over more", async () => {
    const site = new Site(ways[0]);
    [site.server, site.url] = [server, server.url];
    const socket = await site.connect();
    const { error } = await socket.emitWithAck("bits", 11);
    assert.match(error.message, /\b11\b.*\b10\b/);
    assert.equal((await socket.emitWithAck("bits", 10)).length, 10);
    site.leave();
  });

  it("goes on with others when somebody nests too deep, or sends half a character", async () => {
    for (const value of ["[".repeat(500_000) + "]".repeat(500_000), '{"a":'.repeat(100_000) + "1" + "}".repeat(100_000), '"\\ud800"']) {
      const socket = await Socket.connect(server);
      socket.send(`421["echo",${value}]`);
      const frame = await socket.next();
      // An error of that call, or the end of the connection.
      if (frame !== undefined && frame !== "1") assert.match(frame, /^431\[(\{"error":|"\uFFFD")/);
      socket.terminate();
      await serves(server);
    }
  });

  it("has no answer for a sid that it made for another's WebSocket", async () => {
    const socket = await Socket.connect(server);
    for (const method of ["GET", "POST"]) assert.equal((await ask(server, { sid: socket.sid }, { method })).status, 400);
    socket.send('421["echo",1]');
    assert.equal(await socket.next(), "431[1]");
    socket.terminate();
  });
});

alone("our own acknowledgements, as Node's callbacks have them", () => {
  const site = new Site(ways[0]);
  before(() => site.open("ours", { acknowledge: "node" }));
  after(() => site.end());

  it("has an error first", async () => {
    const socket = await site.connect();
    const answer = (...args) => new Promise((resolve) => socket.emit(...args, (...all) => resolve(all)));
    assert.deepEqual(await answer("echo", { a: 1 }), [null, { a: 1 }]);
    assert.deepEqual(await answer("echo", Buffer.from("x")), [null, Buffer.from("x")]);
    const [error, ...rest] = await answer("demo.arm.move", 300, 400);
    assert.equal(rest.length, 0);
    assert.deepEqual([error.code, error.message], [1, "500 m are out of reach"]);
  });
});
