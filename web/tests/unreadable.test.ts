// Messages that can't be read to their end, of which the beginning tells whose they are.
import assert from "node:assert/strict";
import { test } from "node:test";
import { connect, handler, type IpcError } from "ipc-runtime";
import { CHANGED, choosing } from "./support/choosing.js";
import { Window } from "./support/docs.js";
import { Peer, SILENCE } from "./support/peer.js";

for (const [how, reply] of [
  ["cut off", (id: unknown) => `{"jsonrpc":"2.0","id":${id},"result":[1,2`],
  ["cut off in a string", (id: unknown) => `{"jsonrpc":"2.0","id":${id},"error":{"code":1,"message":"\\"}`],
  ["with something else behind it", (id: unknown) => `{"jsonrpc":"2.0","id":${id},"result":1}}`],
  ["with a result that isn't JSON", (id: unknown) => `{"result":{"a":[nonsense,"}"]},"\\u0069d" : ${id} , "jsonrpc":"2.0"}`],
] as const) {
  test(`a reply that can't be read fails its call: ${how}`, async () => {
    const { peer, docs: client } = await choosing();
    peer.answers.set("demo.docs.ping", (_params, { id }) => {
      peer.say(reply(id));
      return SILENCE;
    });
    await assert.rejects(client.ping({ timeout: null }), { kind: "protocol", method: "demo.docs.ping", message: /demo\.docs\.ping: a message can't be read/ });
    peer.answers.set("demo.docs.ping", () => 1);
    assert.equal(await client.ping(), 1);
    assert.equal(peer.received.some(({ error }) => error), false, "the backend hears of no error");
  });
}

test("what can't be read and concerns no call is answered", async () => {
  const { peer, docs: client } = await choosing();
  peer.answers.set("demo.docs.ping", () => SILENCE);
  const waiting = client.ping();
  const { id } = await peer.get("demo.docs.ping");
  const broken = [
    `{"id":${id},"method":"x","result":`,
    `{"id":${id},"params":[`,
    `{"id":"${id}","result":`,
    `{"id":999,"result":`,
    `{"id":${id}`,
    `[{"id":${id},"result":1},`,
    `{"result":{"id":${id}},`,
    `{"method":"demo.docs.changed","params":{"subscription":7,"result":`,
    `{"method":"$/stream","params":{"stream":7,"item":`,
  ];
  for (const text of broken) peer.say(text);
  await peer.until(() => peer.received.filter(({ error }) => error).length === broken.length);
  assert.deepEqual(new Set(peer.received.flatMap((one) => (one.error ? [`${one.id} ${one.error.code}`] : []))), new Set(["null -32700"]));
  peer.say({ id, result: 1 });
  assert.equal(await waiting, 1);
});

test("an item that can't be read is a gap, and an opening fails and is unsubscribed", async () => {
  const { peer, docs: client, item } = await choosing();
  const heard: unknown[] = [];
  const changes = await client.changed(".", { onMissed: (missed) => heard.push(missed) });
  const number = peer.of(CHANGED)[0]?.ipc.subscription as number;
  peer.say(`{"jsonrpc":"2.0","method":"${CHANGED}","params":{"seq":1,"subscription":${number},"result":{"name":`);
  item(number, 2);
  heard.push((await changes.next()).value?.name);
  assert.deepEqual(heard, [{ kind: "gap" }, "2"]);
  peer.answers.set(CHANGED, (_params, { id, ipc }) => {
    peer.say(`{"jsonrpc":"2.0","id":${id},"result":${ipc.subscription}`);
    return SILENCE;
  });
  await assert.rejects(client.changed("."), { kind: "protocol", method: CHANGED });
  assert.deepEqual((await peer.get("rpc.unsubscribe")).params, [peer.of(CHANGED)[1]?.ipc.subscription]);
  assert.equal(peer.received.some(({ error }) => error), false);
});

test("an item of an upload that can't be read ends it, and the backend sends no more", async () => {
  const peer = new Peer();
  const sum = async (numbers: AsyncIterable<number>): Promise<number> => {
    let all = 0;
    try {
      for await (const one of numbers) all += one;
    } catch (error) {
      assert.equal((error as IpcError).kind, "protocol");
      return -all;
    }
    return all;
  };
  const rest = { show: () => 0, moved() {}, async *ticks() {}, big: (n: bigint) => n };
  await connect(peer, { serve: [handler(Window, { ...rest, sum })] });
  const reply = peer.ask(1, "demo.window.sum", [{ $stream: 5 }]);
  peer.say({ method: "$/stream", params: { stream: 5, item: 3 } });
  peer.say('{"jsonrpc":"2.0","method":"$/stream","params":{"stream":5,"item":[');
  assert.equal((await reply).result, -3);
  assert.deepEqual((await peer.get("rpc.closeStream")).params, [5]);
});
