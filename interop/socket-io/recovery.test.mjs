// Stock clients whose server has connection state recovery.

import assert from "node:assert/strict";
import { it } from "node:test";

import { eventually, inTime } from "../node/backend.mjs";
import { everyWay, heard } from "./site.mjs";

/** Breaks a client's connection, as a network does where that can be had. It stays away until it connects again. */
async function lose(socket) {
  const gone = heard(socket, "disconnect");
  socket.io.reconnection(false);
  const { engine } = socket.io;
  if (engine.transport.ws?.terminate) engine.transport.ws.terminate();
  else engine.close();
  assert.match((await inTime(gone, "the disconnection"))[0], /^(transport (close|error)|forced close)$/);
}

async function comeBack(socket) {
  const back = heard(socket, "connect");
  socket.connect();
  await inTime(back, "the next connection");
}

everyWay(
  "recovery",
  (site) => {
    /** A client in a room of its own, which has heard something there, and another one that talks to it. */
    async function pair() {
      const [away, other] = await Promise.all([site.connect(), site.connect()]);
      const room = `room ${Math.random()}`;
      const shout = (text) => other.emitWithAck("demo.arm.shout", room, text);
      const texts = [];
      away.on("demo.arm.heard", (text) => texts.push(text));
      await away.emitWithAck("demo.arm.join", room);
      await shout("first");
      await eventually(() => texts.length === 1, "the first event");
      assert.equal(away.recovered, false);
      return { away, other, room, texts, shout };
    }

    it("gives a client its id, its rooms and what it missed", async () => {
      const { away, other, room, texts, shout } = await pair();
      const { id } = away;
      await lose(away);
      for (const text of ["second", "third"]) await shout(text);
      await comeBack(away);
      assert.deepEqual([away.recovered, away.id], [true, id]);
      await shout("fourth");
      await eventually(() => texts.length >= 4, "all events");
      assert.deepEqual(texts, ["first", "second", "third", "fourth"]);
      assert.equal(await other.emitWithAck("demo.arm.members", room), 1);
      assert.equal(await away.emitWithAck("echo", 1), 1);
      await site.settled(away);
    });

    it("loses and doubles nothing of a client that goes again and again", async () => {
      const { away, texts, shout } = await pair();
      const expected = ["first"];
      for (let round = 0; round < 5; round++) {
        const sending = [];
        for (let n = 0; n < 20; n++) {
          expected.push(`${round}.${n}`);
          sending.push(shout(`${round}.${n}`));
          if (n === 10) await lose(away);
        }
        await Promise.all(sending);
        await comeBack(away);
        assert.equal(away.recovered, true);
      }
      await eventually(() => texts.length >= expected.length, "all events");
      assert.deepEqual(texts, expected);
    });

    it("has no memory of a client that has left", async () => {
      const { away, texts, shout } = await pair();
      const { id } = away;
      away.disconnect();
      await shout("second");
      await comeBack(away);
      assert.equal(away.recovered, false);
      assert.notEqual(away.id, id);
      assert.equal(await away.emitWithAck("echo", 1), 1);
      assert.deepEqual(texts, ["first"]);
    });

    it("takes a client for a new one after its own restart", async () => {
      const { away, shout } = await pair();
      const { id } = away;
      assert.equal(await shout("second"), null);
      const back = heard(away, "connect");
      await site.server.kill();
      await site.server.restart();
      await inTime(back, "the next connection");
      assert.equal(away.recovered, false);
      assert.notEqual(away.id, id);
      assert.equal(await away.emitWithAck("echo", 1), 1);
    });
  },
  { recovery: "on" },
);
