import assert from "node:assert/strict";
import { test } from "node:test";
import { CHANGED, choosing } from "./support/choosing.js";
import { Refusal, SILENCE } from "./support/peer.js";

test("the numbers of subscriptions are chosen here, and no two are the same", async () => {
  const { peer, docs: client, item } = await choosing();
  const all = [await client.changed("a"), await client.changed("b")];
  all[0]?.close();
  all.push(await client.changed("c"));
  const numbers = peer.of(CHANGED).map(({ ipc }) => ipc.subscription as number);
  assert.equal(new Set(numbers).size, 3);
  assert.deepEqual((await peer.get("rpc.unsubscribe")).params, [numbers[0]]);
  item(numbers[2] as number, 3);
  item(numbers[1] as number, 2);
  for (const at of [1, 2]) assert.equal((await all[at]?.next())?.value?.name, String(at + 1));
});

test("items that come before the response aren't lost, nor is the end", async () => {
  const { peer, docs: client, item } = await choosing();
  peer.answers.set(CHANGED, (_params, { ipc: { subscription } }) => {
    for (let n = 0; n < 3; n++) item(subscription, n);
    peer.say({ method: CHANGED, params: { subscription, done: true } });
    return subscription;
  });
  const got: bigint[] = [];
  for await (const { inode } of client.changed(".")) got.push(inode);
  assert.deepEqual(got, [0n, 1n, 2n]);
  assert.equal(peer.of("rpc.unsubscribe").length, 0);
});

test("a peer that answers another number chooses them all", async () => {
  const { peer, docs: client, item } = await choosing();
  peer.answers.set(CHANGED, () => SILENCE);
  const [first, second] = [client.changed("a"), client.changed("b")];
  const [one, two] = [await peer.get(CHANGED), await peer.get(CHANGED, 2)];
  // Its own number is one that was chosen here for the other.
  const own = two.ipc.subscription as number;
  peer.say({ id: one.id, result: own });
  item(own, 1);
  peer.say({ id: two.id, result: "text" });
  peer.say({ method: CHANGED, params: { subscription: "text", result: { name: "2", kind: "File", size: 2, inode: 2 } } });
  assert.equal((await (await first).next()).value?.name, "1");
  assert.equal((await (await second).next()).value?.name, "2");
  peer.answers.set(CHANGED, () => 9);
  (await client.changed("c")).close();
  assert.equal((await peer.get(CHANGED, 3)).ipc, undefined);
  assert.deepEqual((await peer.get("rpc.unsubscribe")).params, [9]);
});

test("items of a subscription that was refused, or given up, go to nobody", async () => {
  const { peer, docs: client, item } = await choosing();
  const stop = new AbortController();
  peer.answers.set(CHANGED, (_params, { ipc }) => {
    item(ipc.subscription, 1);
    return SILENCE;
  });
  const given = client.changed(".", { signal: stop.signal });
  const { id, ipc } = await peer.get(CHANGED);
  stop.abort();
  await assert.rejects(given, { kind: "cancelled" });
  item(ipc.subscription, 2);
  peer.say({ id, result: ipc.subscription });
  await peer.until(() => peer.of("rpc.unsubscribe").some(({ params }) => params[0] === ipc.subscription));
  peer.answers.set(CHANGED, (_params, message) => {
    item(message.ipc.subscription, 3);
    throw new Refusal(1, "no such directory", "gone");
  });
  await assert.rejects(client.changed("."), { kind: "method" });
  const refused = peer.of(CHANGED)[1]?.ipc.subscription as number;
  // An item that somebody got, and that doesn't fit, would be the reason to unsubscribe.
  peer.say({ method: CHANGED, params: { subscription: refused, result: { inode: "none" } } });
  peer.answers.set("demo.docs.ping", () => 1);
  assert.equal(await client.ping(), 1);
  assert.equal(peer.of("rpc.unsubscribe").length, 1);
});
