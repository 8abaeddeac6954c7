// Options that are no sensible numbers, and those that are large.
import assert from "node:assert/strict";
import { test } from "node:test";
import type { ConnectOptions } from "ipc-runtime";
import { connect, connectLazily } from "./support/connect.js";
import { Docs } from "./support/docs.js";
import { Peer } from "./support/peer.js";

const wrong: { [option in keyof ConnectOptions]: number[] } = {
  callTimeout: [-1, NaN],
  handshakeTimeout: [-1, NaN],
  window: [0, NaN, Infinity],
  maxMessageBytes: [0, 1_023, NaN, Infinity],
  heartbeat: [0, -1, NaN, Infinity, 2 ** 31],
};

for (const [option, values] of Object.entries(wrong)) {
  test(`\`${option}\` has to be a number that makes sense`, async () => {
    for (const value of values) {
      const peer = new Peer();
      const error = { kind: "invalidArguments", message: new RegExp(`\`${option}\` is ${value}:`) };
      await assert.rejects(connect(peer, { [option]: value }), error);
      assert.throws(() => connectLazily(peer, { [option]: value }), error);
      assert.equal(peer.dials, 0);
    }
  });
}

test("what may take long may take any time", async () => {
  for (const long of [2 ** 31, Infinity]) {
    const peer = new Peer();
    let isLate = false;
    const ipc = await connect(peer, { handshakeTimeout: long, callTimeout: long, token: () => new Promise((resolve) => setTimeout(() => ((isLate = true), resolve("t")), 20)) });
    assert.ok(isLate);
    await ipc.close();
  }
});

test("the window of a subscription is at least 1 and at most that of the connection", async () => {
  const peer = new Peer();
  peer.answers.set("demo.docs.changed", () => 7);
  const docs = await (await connect(peer, { window: 8 })).open(Docs);
  for (const window of [undefined, 0, -1, 2.5, 9, Infinity]) await docs.changed(".", { window });
  assert.deepEqual(peer.of("demo.docs.changed").map(({ ipc }) => ipc.window), [undefined, 1, 1, 2, 8, 8]);
  await assert.rejects(docs.changed(".", { window: NaN }), { kind: "invalidArguments", message: /the window NaN/ });
});
