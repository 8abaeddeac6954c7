// What a side that was stopped itself makes of the silence.
import assert from "node:assert/strict";
import { test } from "node:test";
import { connect } from "ipc-runtime";
import { Peer, SILENCE } from "./support/peer.js";

test("what came while this side was stopped is read before the other side is given up", async () => {
  // A connection in this process keeps it from nothing.
  const alive = setInterval(() => {}, 1_000);
  const peer = new Peer();
  let pings = 0;
  peer.answers.set("rpc.ping", (_params, { id }) => {
    if (pings++) return null;
    // Nothing runs here, longer than the peer may be silent. Its answer is there by then, and is read
    // behind timers that are late, as may be in a page.
    const end = performance.now() + 200;
    while (performance.now() < end);
    setImmediate(() => setImmediate(() => peer.say({ id, result: null })));
    return SILENCE;
  });
  const ipc = await connect(peer, { heartbeat: 40 });
  await peer.get("rpc.ping", 4);
  assert.equal(ipc.state.get().status, "connected");
  await ipc.close();
  clearInterval(alive);
});
