// Messages that can't be read: nobody knows for whom they were.
import assert from "node:assert/strict";
import { test } from "node:test";
import { choosing } from "./support/choosing.js";
import { SILENCE } from "./support/peer.js";

for (const [how, text] of [
  ["cut off", '{"jsonrpc":"2.0","id":1,"result":[1,2'],
  ["with something else behind it", '{"jsonrpc":"2.0","id":1,"result":1}}'],
  ["with half of a batch", '[{"jsonrpc":"2.0","id":1,"result":1},'],
  ["of bytes that are no text", Uint8Array.of(0x22, 0xff, 0x22)],
] as const) {
  test(`a message that can't be read ends the connection, and all that waits: ${how}`, async () => {
    const { peer, ipc, docs: client, item } = await choosing();
    peer.answers.set("demo.docs.ping", () => SILENCE);
    const changes = await client.changed(".");
    item(1, 7);
    const call = client.ping({ timeout: null });
    await peer.get("demo.docs.ping");
    peer.sayAsItIs(text);
    await assert.rejects(call, { kind: "disconnected", mayHaveRun: true, message: /demo\.docs\.ping: a message can't be read: / });
    await assert.rejects(async () => {
      for await (const _ of changes);
    }, { kind: "disconnected" });
    const state = ipc.state.get();
    assert.equal(state.status === "closed" && state.reason.kind, "protocol");
    assert.match((await peer.get("rpc.closing")).params.reason, /a message can't be read/);
    await assert.rejects(client.ping(), { kind: "notConnected" });
  });
}
