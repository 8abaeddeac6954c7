// How stock clients come, go, and come back.

import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";

import { eventually, inTime } from "../node/backend.mjs";
import { servers } from "./server.mjs";
import { Site, everyWay, failure, heard, ways } from "./site.mjs";

const TOKEN = "only-for-tests-0123456789abcdef0123456789";

everyWay("sessions", (site) => {
  it("has several namespaces on one connection, each with an id of its own", async () => {
    const manager = site.manager();
    const [all, arm, tools] = ["/", "/demo.arm", "/tools"].map((name) => manager.socket(name));
    await Promise.all([all, arm, tools].map((socket) => inTime(heard(socket, "connect"), "the connection")));
    await site.settled(all);
    assert.equal(new Set([all.id, arm.id, tools.id, manager.engine.id]).size, 4);

    assert.equal((await all.emitWithAck("demo.arm.move", 3, 4)).distance, 5);
    assert.equal((await arm.emitWithAck("move", 6, 8)).distance, 10);
    assert.equal(await tools.emitWithAck("echo", "tool"), "tool");

    const told = heard(arm, "told");
    all.onAny((name) => assert.fail(`${name} is another namespace's`));
    await arm.emitWithAck("tell", "short");
    assert.deepEqual(await inTime(told, "the event"), ["short"]);
    arm.on("confirm", (question, ack) => ack(`arm: ${question}`));
    assert.equal(await arm.emitWithAck("ask", "?"), "arm: ?");
  });

  it("has binary in a namespace", async () => {
    const arm = await site.connect("/demo.arm");
    const developed = await arm.emitWithAck("develop", { name: "a", pixels: Buffer.from("xy"), thumbs: [Buffer.from("z")] });
    assert.deepEqual(developed, { name: "A", pixels: Buffer.from("yx"), thumbs: [Buffer.from("z")] });
    const photo = heard(arm, "photo");
    await arm.emitWithAck("show", { name: "b", pixels: Buffer.alloc(0), thumbs: [] });
    assert.deepEqual(await inTime(photo, "the event"), [{ name: "B", pixels: Buffer.alloc(0), thumbs: [] }]);
  });

  it("keeps the other namespaces when one is left, and lets it come again", async () => {
    const manager = site.manager();
    const [all, arm] = [manager.socket("/"), manager.socket("/demo.arm")];
    await Promise.all([all, arm].map((socket) => inTime(heard(socket, "connect"), "the connection")));
    const first = arm.id;
    const left = heard(arm, "disconnect");
    arm.disconnect();
    assert.equal((await left)[0], "io client disconnect");
    assert.equal(await all.emitWithAck("echo", 1), 1);
    arm.connect();
    await inTime(heard(arm, "connect"), "the next connection");
    assert.notEqual(arm.id, first);
    assert.equal((await arm.emitWithAck("move", 0, 1)).distance, 1);

    // The server may end one of them as well.
    const ended = heard(arm, "disconnect");
    arm.emit("leave");
    assert.equal((await inTime(ended, "the disconnection"))[0], "io server disconnect");
    assert.equal(await all.emitWithAck("echo", 2), 2);
  });

  it("refuses a namespace that isn't there, and no other", async () => {
    const manager = site.manager();
    const [all, none] = [manager.socket("/"), manager.socket("/nothing")];
    const refused = heard(none, "connect_error");
    await inTime(heard(all, "connect"), "the connection");
    const [error] = await inTime(refused, "the refusal");
    assert.equal(error.message, "Invalid namespace");
    assert.deepEqual([none.connected, none.active], [false, false]);
    assert.equal(await all.emitWithAck("echo", 1), 1);
  });

  it("sees that a client has left, and lets it come again", async () => {
    const [staying, leaving] = await Promise.all([site.connect(), site.connect()]);
    const room = `room ${Math.random()}`;
    await leaving.emitWithAck("demo.arm.join", room);
    assert.equal(await staying.emitWithAck("demo.arm.members", room), 1);
    const [first, left] = [leaving.id, heard(leaving, "disconnect")];
    leaving.disconnect();
    assert.equal((await left)[0], "io client disconnect");
    await eventually(async () => (await staying.emitWithAck("demo.arm.members", room)) === 0, "its end");
    leaving.connect();
    await site.settled(leaving);
    assert.notEqual(leaving.id, first);
    assert.equal(await leaving.emitWithAck("echo", 1), 1);
  });

  it("sees that a client's connection has broken", async () => {
    const [staying, leaving] = await Promise.all([site.connect(), site.connect("/", { reconnection: false })]);
    const waiting = () => staying.emitWithAck("demo.arm.waiting");
    const before = await waiting();
    leaving.emit("demo.arm.wait", () => {});
    await eventually(async () => (await waiting()) === before + 1, "its call");
    const left = heard(leaving, "disconnect");
    leaving.io.engine.close();
    await inTime(left, "the disconnection");
    await eventually(async () => (await waiting()) === before, "its call's end");
  });

  it("disconnects a client, which doesn't come back by itself, but may", async () => {
    const socket = await site.connect();
    const gone = heard(socket, "disconnect");
    socket.emit("demo.arm.leave");
    assert.equal((await inTime(gone, "the disconnection"))[0], "io server disconnect");
    assert.equal(socket.active, false);
    socket.connect();
    await site.settled(socket);
    assert.equal(await socket.emitWithAck("echo", 1), 1);
  });

  it("loses its clients when it is killed, and has them again when it is started anew", async () => {
    const manager = site.manager();
    const [all, arm] = [manager.socket("/"), manager.socket("/demo.arm")];
    await Promise.all([all, arm].map((socket) => inTime(heard(socket, "connect"), "the connection")));
    await site.settled(all);
    const first = all.id;
    const pending = failure(all.emitWithAck("demo.arm.wait"));
    const gone = [all, arm].map((socket) => heard(socket, "disconnect"));
    const again = new Promise((resolve) => manager.once("reconnect", resolve));
    await site.server.kill();
    for (const [reason] of await inTime(Promise.all(gone), "the disconnections")) assert.match(reason, /^transport (close|error)$/);
    assert.equal(all.active, true);
    assert.match((await pending).message, /disconnected/);
    // What is said meanwhile, arrives when there is a connection again.
    const later = all.emitWithAck("echo", "later");
    const back = [all, arm].map((socket) => heard(socket, "connect"));
    await site.server.restart();
    await inTime(Promise.all(back), "the connections");
    assert.ok((await inTime(again, "the event")) >= 1);
    assert.equal(await inTime(later, "the answer"), "later");
    assert.notEqual(all.id, first);
    assert.equal((await arm.emitWithAck("move", 3, 4)).distance, 5);
    await site.settled(all);
  });

  it("stops by itself so that its clients come back to the next one", async () => {
    const socket = await site.connect();
    const gone = heard(socket, "disconnect");
    await site.server.stop();
    const [reason] = await inTime(gone, "the disconnection");
    assert.match(reason, /^transport (close|error)$/);
    const back = heard(socket, "connect");
    await site.server.restart();
    await inTime(back, "the next connection");
    assert.equal(await socket.emitWithAck("echo", 1), 1);
  });
});

everyWay(
  "tokens",
  (site) => {
    it("takes a client whose token is right", async () => {
      const socket = await site.connect("/", { auth: { token: TOKEN } });
      assert.equal(await socket.emitWithAck("echo", 1), 1);
    });

    it("asks a function for it", async () => {
      const socket = await site.connect("/", { auth: (give) => give({ token: TOKEN }) });
      assert.equal(await socket.emitWithAck("echo", 1), 1);
    });

    it("refuses a client with the wrong one or with none, says why, and takes it when it has the right one", async () => {
      for (const auth of [{ token: "wrong" }, {}, undefined, { token: 7 }, { token: null }]) {
        const socket = site.client("/", { auth });
        socket.on("connect", () => assert.equal(socket.auth?.token, TOKEN));
        const [error] = await inTime(heard(socket, "connect_error"), "the refusal");
        assert.ok(error.message.length > 0);
        assert.equal(typeof error.data.code, "number");
        // A refusal is no lost connection: the client waits for the app.
        assert.deepEqual([socket.connected, socket.active], [false, false]);
        socket.auth = { token: TOKEN };
        socket.connect();
        await site.settled(socket);
        assert.equal(await socket.emitWithAck("echo", 1), 1);
        socket.disconnect();
      }
    });

    it("asks for it in each namespace", async () => {
      const manager = site.manager();
      const right = manager.socket("/", { auth: { token: TOKEN } });
      const wrong = manager.socket("/demo.arm", { auth: { token: "wrong" } });
      const refused = heard(wrong, "connect_error");
      await inTime(heard(right, "connect"), "the connection");
      await inTime(refused, "the refusal");
      assert.equal(await right.emitWithAck("echo", 1), 1);
    });
  },
  { token: TOKEN },
);

for (const kind of servers) {
  describe(`a server that was told more, ${kind}`, () => {
    const site = new Site(ways[1]);
    before(() => site.open(kind, { "path": "/live/here", "ping-interval": 100, "ping-timeout": 400 }));
    after(() => site.end());

    it("is at its path, and keeps a connection by pings", async () => {
      const socket = await site.connect("/", { path: "/live/here" });
      const gone = heard(socket, "disconnect").then(([reason]) => assert.fail(reason));
      let pings = 0;
      socket.io.on("ping", () => (pings += 1));
      await inTime(Promise.race([gone, eventually(() => pings >= 8, "pings")]), "pings");
      assert.equal(await socket.emitWithAck("echo", 1), 1);
      socket.disconnect();
      gone.catch(() => {});
    });

    it("is nowhere else", async () => {
      const socket = site.client("/", { reconnection: false, transports: ["polling"] });
      await inTime(heard(socket, "connect_error"), "the refusal");
      socket.disconnect();
    });
  });

  describe(`a client whose server says nothing any more, ${kind}`, () => {
    it("gives the connection up and comes again", async () => {
      const site = new Site(ways[0]);
      await site.open(kind, { "ping-interval": 100, "ping-timeout": 300 });
      try {
        const socket = await site.connect();
        const gone = heard(socket, "disconnect");
        site.server.process.kill("SIGSTOP");
        assert.equal((await inTime(gone, "the disconnection"))[0], "ping timeout");
        const back = heard(socket, "connect");
        site.server.process.kill("SIGCONT");
        await inTime(back, "the next connection");
        assert.equal(await socket.emitWithAck("echo", 1), 1);
      } finally {
        await site.end();
      }
    });
  });
}
