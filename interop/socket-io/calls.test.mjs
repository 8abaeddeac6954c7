// What a page and its server say to each other.

import assert from "node:assert/strict";
import { it } from "node:test";

import { eventually, inTime } from "../node/backend.mjs";
import { MAX_PAYLOAD } from "./server.mjs";
import { everyWay, failure, heard } from "./site.mjs";

/** Text in which something of every kind occurs, also what has a meaning in a payload or in JSON. */
const TEXTS = ["", "Grüße", "日本語", "👩‍👩‍👧‍👦 🏳️‍🌈", "עברית العربية", "\u2028\u2029\u0000\u001e\u007f\uFEFF", '42["x"]', "\\\"/\b\f\n\r\t", "b64="];

everyWay("calls", (site) => {
  it("connects, by the transport that is meant", async () => {
    const socket = await site.connect();
    assert.equal(typeof socket.id, "string");
    assert.notEqual(socket.id, socket.io.engine.id);
    if (site.proxy) assert.ok(site.proxy.refused > 0);
  });

  it("ignores what a client adds to the query", async () => {
    const socket = await site.connect("/", { query: { page: "a b&c=ü", b: ["1", "2"] } });
    assert.equal(await socket.emitWithAck("echo", 1), 1);
  });

  it("hears events without an acknowledgement, in order", async () => {
    const socket = await site.connect();
    socket.emit("demo.arm.log", "plain: one");
    socket.emit("demo.arm.log", "plain: two");
    const logged = () => socket.emitWithAck("demo.arm.logged", "plain");
    await eventually(async () => (await logged()).length === 2, "both lines");
    assert.deepEqual(await logged(), ["plain: one", "plain: two"]);
  });

  it("acknowledges by callback and by promise", async () => {
    const socket = await site.connect();
    const answer = await new Promise((resolve) => socket.emit("demo.arm.move", 3, 4, (...args) => resolve(args)));
    assert.deepEqual(answer, [{ x: 3, y: 4, distance: 5 }]);
    assert.deepEqual(await socket.emitWithAck("demo.arm.move", 0, -2.5), { x: 0, y: -2.5, distance: 2.5 });
  });

  it("acknowledges many that wait at once, each with its own answer", async () => {
    const socket = await site.connect();
    const numbers = Array.from({ length: 500 }, (_, n) => n);
    assert.deepEqual(await Promise.all(numbers.map((n) => socket.emitWithAck("echo", n))), numbers);
  });

  it("gives back every kind of JSON as it was", async () => {
    const socket = await site.connect();
    const values = [null, true, false, 0, -1, 1.5, -0.125, 1e300, 2 ** 53 - 1, -(2 ** 53) + 1, "", [], {}, [[], [{}]], { a: { b: [1, null, "c"] } }, { 1: "one", "": "none", __proto__x: 1 }];
    for (const value of values) assert.deepEqual(await socket.emitWithAck("echo", value), value);
  });

  it("sends events to the client", async () => {
    const socket = await site.connect();
    const told = heard(socket, "demo.arm.told");
    await socket.emitWithAck("demo.arm.tell", "hello");
    assert.deepEqual(await inTime(told, "the event"), ["hello"]);
  });

  it("sends events with several arguments, and with none", async () => {
    const socket = await site.connect();
    for (const args of [[1, "2", { 3: [true] }], []]) {
      const back = heard(socket, "message-back");
      socket.emit("message", ...args);
      assert.deepEqual(await inTime(back, "the event"), args);
    }
  });

  it("calls the client, and takes its acknowledgement", async () => {
    const socket = await site.connect();
    socket.on("demo.arm.confirm", (question, ack) => ack(`yes: ${question}`));
    assert.equal(await socket.emitWithAck("demo.arm.ask", "move it?"), "yes: move it?");
    const answers = await Promise.all(Array.from({ length: 50 }, (_, n) => socket.emitWithAck("demo.arm.ask", String(n))));
    assert.deepEqual(answers, Array.from({ length: 50 }, (_, n) => `yes: ${n}`));
  });

  it("calls the client while the client's own call waits for that", async () => {
    const socket = await site.connect();
    socket.on("demo.arm.confirm", async (question, ack) => {
      ack(question === "deep" ? await socket.emitWithAck("demo.arm.ask", "once more") : "yes");
    });
    assert.equal(await socket.emitWithAck("demo.arm.ask", "deep"), "yes");
  });

  it("takes 1,000 events in order, with acknowledged ones between them", async () => {
    const socket = await site.connect();
    const run = `up ${Math.random()}`;
    const between = [];
    for (let n = 0; n < 1000; n++) {
      socket.emit("demo.arm.count", run, n);
      if (n % 100 === 0) between.push(socket.emitWithAck("echo", n));
    }
    assert.equal((await Promise.all(between)).length, 10);
    const counted = () => socket.emitWithAck("demo.arm.counted", run);
    await eventually(async () => (await counted()).length === 1000, "all events");
    assert.deepEqual(await counted(), Array.from({ length: 1000 }, (_, n) => n));
  });

  it("sends 1,000 events in order", async () => {
    const socket = await site.connect();
    const numbers = [];
    socket.on("demo.arm.number", (n) => numbers.push(n));
    await socket.emitWithAck("demo.arm.flood", 1000);
    await eventually(() => numbers.length >= 1000, "all events");
    assert.deepEqual(numbers, Array.from({ length: 1000 }, (_, n) => n));
  });

  it("loses, doubles and swaps nothing of what is said while the transport is upgraded", async () => {
    for (let round = 0; round < 5; round++) {
      const socket = site.client();
      const run = `upgrade ${Math.random()}`;
      const numbers = [];
      socket.on("demo.arm.number", (n) => numbers.push(n));
      await inTime(heard(socket, "connect"), "the connection");
      const flooded = socket.emitWithAck("demo.arm.flood", 300);
      for (let n = 0; n < 300; n++) {
        socket.emit("demo.arm.count", run, n);
        // The upgrade goes on in the meantime.
        if (n % 10 === 0) await new Promise((resolve) => setImmediate(resolve));
      }
      await flooded;
      await site.settled(socket);
      const counted = () => socket.emitWithAck("demo.arm.counted", run);
      await eventually(async () => (await counted()).length >= 300 && numbers.length >= 300, "all events");
      const all = Array.from({ length: 300 }, (_, n) => n);
      assert.deepEqual([await counted(), numbers], [all, all]);
      socket.disconnect();
    }
  });

  it("takes and gives text of every script, as values, keys and names of events", async () => {
    const socket = await site.connect();
    for (const text of TEXTS) assert.equal(await socket.emitWithAck("echo", text), text);
    const all = Object.fromEntries(TEXTS.map((text) => [text, text]));
    assert.deepEqual(await socket.emitWithAck("echo", all), all);
    const back = heard(socket, "message-back");
    socket.emit("message", ...TEXTS);
    assert.deepEqual(await inTime(back, "the event"), TEXTS);
  });

  it("takes and gives messages near the limit", async () => {
    const socket = await site.connect();
    const room = MAX_PAYLOAD - 100;
    const long = "x".repeat(room);
    assert.equal(await socket.emitWithAck("echo", long), long);
    // Three bytes each.
    const wide = "語".repeat(Math.floor(room / 3));
    assert.equal(await socket.emitWithAck("echo", wide), wide);
  });

  it("ends the connection over a message beyond the limit, and goes on with the next one", async () => {
    const socket = await site.connect();
    const gone = heard(socket, "disconnect");
    const again = gone.then(() => heard(socket, "connect"));
    // Before the connection's end, the client doesn't know.
    const failed = failure(socket.emitWithAck("echo", "x".repeat(MAX_PAYLOAD + 1)));
    const [reason] = await inTime(gone, "the disconnection");
    assert.match(reason, /^transport (close|error)$/);
    assert.match((await failed).message, /disconnected/);
    await inTime(again, "the next connection");
    assert.equal(await socket.emitWithAck("echo", 1), 1);
  });

  it("fails by the client's own timeout where nobody answers, and goes on", async () => {
    const socket = await site.connect();
    assert.match((await failure(socket.timeout(50).emitWithAck("demo.arm.wait"))).message, /timed out/);
    const error = await new Promise((resolve) => socket.timeout(50).emit("demo.arm.wait", resolve));
    assert.match(error.message, /timed out/);
    assert.equal(await socket.timeout(20_000).emitWithAck("echo", 1), 1);
  });

  it("takes what a client repeats until it is acknowledged", async () => {
    const socket = await site.connect("/", { retries: 3, ackTimeout: 20_000 });
    const answers = await Promise.all([1, 2, 3].map((n) => new Promise((resolve) => socket.emit("echo", n, (...args) => resolve(args)))));
    assert.deepEqual(answers, [[null, 1], [null, 2], [null, 3]]);
  });

  it("takes volatile events while there is a connection, and none of those from before", async () => {
    const socket = site.client();
    socket.volatile.emit("demo.arm.log", "volatile: lost");
    socket.emit("demo.arm.log", "volatile: kept");
    await site.settled(socket);
    await eventually(() => socket.io.engine.writeBuffer.length === 0 && socket.io.engine.transport.writable, "quiet");
    socket.volatile.emit("demo.arm.log", "volatile: sent");
    const logged = () => socket.emitWithAck("demo.arm.logged", "volatile");
    await eventually(async () => (await logged()).length === 2, "both lines");
    assert.deepEqual(await logged(), ["volatile: kept", "volatile: sent"]);
  });

  it("tells the members of a group, and nobody else", async () => {
    const [a, b, c] = await Promise.all([site.connect(), site.connect(), site.connect()]);
    const room = `room ${Math.random()}`;
    const told = [];
    for (const [name, socket] of Object.entries({ a, b, c })) socket.on("demo.arm.heard", (text) => told.push([name, text]));
    await a.emitWithAck("demo.arm.join", room);
    await b.emitWithAck("demo.arm.join", room);
    await c.emitWithAck("demo.arm.shout", room, "lunch");
    await eventually(() => told.length >= 2, "both members");
    // What would have been told to the third came before this.
    await c.emitWithAck("echo", 1);
    assert.deepEqual(told.sort(), [["a", "lunch"], ["b", "lunch"]]);
  });
});
