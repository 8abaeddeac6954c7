// Bytes in what is said.

import assert from "node:assert/strict";
import { it } from "node:test";

import { inTime } from "../node/backend.mjs";
import { MAX_PAYLOAD } from "./server.mjs";
import { everyWay, heard } from "./site.mjs";

/** The same on the server. */
const pattern = (bytes) => Buffer.from(Array.from({ length: bytes }, (_, at) => at % 251));

/** As many attachments as socket.io's parser takes. */
const MOST = 10;

everyWay("binary", (site) => {
  it("takes bytes and gives bytes", async () => {
    const socket = await site.connect();
    assert.equal(await socket.emitWithAck("demo.arm.sum", Buffer.from([1, 2, 250])), 253);
    assert.deepEqual(await socket.emitWithAck("demo.arm.picture", 300), pattern(300));
  });

  it("takes Buffer, Uint8Array, views of a part, ArrayBuffer and Blob-like typed arrays", async () => {
    const socket = await site.connect();
    const whole = Uint8Array.from([9, 1, 2, 3, 9]);
    const part = whole.subarray(1, 4);
    const values = [Buffer.from([1, 2, 3]), Uint8Array.from([1, 2, 3]), part, Uint8Array.from([1, 2, 3]).buffer, Int8Array.from([1, 2, 3])];
    for (const value of values) assert.deepEqual(await socket.emitWithAck("echo", value), Buffer.from([1, 2, 3]));
  });

  it("takes and gives no bytes at all", async () => {
    const socket = await site.connect();
    assert.equal(await socket.emitWithAck("demo.arm.sum", new Uint8Array()), 0);
    assert.deepEqual(await socket.emitWithAck("demo.arm.picture", 0), Buffer.alloc(0));
  });

  it("has several attachments within objects, in calls and in their answers", async () => {
    const socket = await site.connect();
    const thumbs = [Buffer.from([1]), Uint8Array.from([2, 3]), Buffer.alloc(0)];
    const developed = await socket.emitWithAck("demo.arm.develop", { name: "sea", pixels: Uint8Array.from([4, 5, 6]), thumbs });
    assert.deepEqual(developed, { name: "SEA", pixels: Buffer.from([6, 5, 4]), thumbs: [Buffer.alloc(0), Buffer.from([2, 3]), Buffer.from([1])] });
  });

  it("has them in events to the client", async () => {
    const socket = await site.connect();
    const photo = heard(socket, "demo.arm.photo");
    await socket.emitWithAck("demo.arm.show", { name: "sky", pixels: Buffer.from("ab"), thumbs: [Buffer.from("c")] });
    assert.deepEqual(await inTime(photo, "the event"), [{ name: "SKY", pixels: Buffer.from("ba"), thumbs: [Buffer.from("c")] }]);
  });

  it("has them in a client's acknowledgements", async () => {
    const socket = await site.connect();
    socket.on("demo.arm.take", (name, ack) => ack({ name, pixels: Buffer.alloc(5), thumbs: [new Uint8Array(7), Buffer.alloc(0)] }));
    assert.deepEqual(await socket.emitWithAck("demo.arm.photograph", "moon"), ["moon", 5, [7, 0]]);
  });

  it("keeps them at their places among other arguments", async () => {
    const socket = await site.connect();
    const args = [Buffer.from("a"), 1, { in: [Buffer.from("b"), "text", { deep: Buffer.from("c") }] }, Buffer.from("d")];
    const back = heard(socket, "message-back");
    socket.emit("message", ...args);
    assert.deepEqual(await inTime(back, "the event"), args);
  });

  it(`takes and gives ${MOST} attachments, which is the most that a stock client takes`, async () => {
    const socket = await site.connect();
    const all = Array.from({ length: MOST }, (_, n) => Buffer.from([n]));
    assert.deepEqual(await socket.emitWithAck("echo", all), all);
  });

  it("takes and gives large attachments", async () => {
    const socket = await site.connect();
    // Polling has four characters for three bytes, and the packet beside it.
    const room = site.way.transport === "polling" ? Math.floor(((MAX_PAYLOAD - 200) * 3) / 4) : MAX_PAYLOAD;
    const bytes = pattern(room);
    const echoed = await socket.emitWithAck("echo", bytes);
    assert.ok(bytes.equals(echoed));
  });

  it("gives more than a client may send", async () => {
    const socket = await site.connect();
    const bytes = 3 * MAX_PAYLOAD;
    const given = await socket.emitWithAck("demo.arm.picture", bytes);
    assert.ok(given.equals(pattern(bytes)));
  });

  it("takes and gives them from a client that has only text", async () => {
    const socket = await site.connect("/", { forceBase64: true });
    assert.deepEqual(await socket.emitWithAck("echo", { in: [Buffer.from([1, 2, 3])] }), { in: [Buffer.from([1, 2, 3])] });
  });

  it("keeps binary and other messages in order", async () => {
    const socket = await site.connect();
    const back = [];
    const all = new Promise((resolve) => socket.on("message-back", (n, bytes) => back.push([n, bytes?.[0] ?? null]) === 200 && resolve()));
    for (let n = 0; n < 200; n++) socket.emit("message", n, ...(n % 3 ? [Buffer.from([n])] : []));
    await inTime(all, "all events");
    assert.deepEqual(back, Array.from({ length: 200 }, (_, n) => [n, n % 3 ? n : null]));
  });

  it("leaves alone an object that only looks like a placeholder", async () => {
    const socket = await site.connect();
    const value = { _placeholder: false, num: 0 };
    assert.deepEqual(await socket.emitWithAck("echo", value), value);
  });
});
