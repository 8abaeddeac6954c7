// Messages of MessagePack that can't be read: nobody knows for whom they were.
import assert from "node:assert/strict";
import { test } from "node:test";
import { choosing } from "./support/choosing.js";
import { packAll } from "./support/connect.js";
import { packed, SILENCE } from "./support/peer.js";

packAll();

const whole = packed('{"jsonrpc":"2.0","id":1,"result":1}');
const followed = (bytes: Uint8Array, ...more: number[]): Uint8Array => Uint8Array.from([...bytes, ...more]);

for (const [how, broken] of [
  ["nothing at all", Uint8Array.of()],
  ["cut off", whole.subarray(0, -1)],
  ["with something else behind it", followed(whole, 1)],
  ["with an extension type", followed(whole.subarray(0, -1), 0xd4, 1, 0)],
  ["with a timestamp", followed(whole.subarray(0, -1), 0xd6, 0xff, 0, 0, 0, 0)],
  ["with text that is no UTF-8", followed(whole.subarray(0, -1), 0xa1, 0xff)],
  ["in JSON", '{"jsonrpc":"2.0","id":1,"result":1}'],
] as const) {
  test(`a message that can't be read ends the connection, and all that waits: ${how}`, async () => {
    const { peer, ipc, docs: client } = await choosing();
    peer.answers.set("demo.docs.ping", () => SILENCE);
    const call = client.ping({ timeout: null });
    await peer.get("demo.docs.ping");
    peer.sayAsItIs(broken);
    await assert.rejects(call, { kind: "disconnected", mayHaveRun: true, message: /demo\.docs\.ping: a message can't be read: / });
    const state = ipc.state.get();
    assert.equal(state.status === "closed" && state.reason.kind, "protocol");
  });
}

test("what is no message is answered, and the connection goes on", async () => {
  const { peer, docs: client } = await choosing();
  const broken = [packed("[]"), packed('[{"jsonrpc":"2.0","id":1,"method":"rpc.ping"}]'), packed("7")];
  for (const message of broken) peer.sayAsItIs(message);
  const told = await peer.until(() => peer.received.filter(({ error }) => error).length === broken.length && peer.received.filter(({ error }) => error));
  assert.deepEqual(told.map(({ id, error }) => [id, error.code]), broken.map(() => [null, -32600]));
  peer.answers.set("demo.docs.ping", () => 1);
  assert.equal(await client.ping(), 1);
});
