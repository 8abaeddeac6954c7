import assert from "node:assert/strict";
import { once } from "node:events";
import { test } from "node:test";
import { event, subscribing, type Interface, type Missed, type StreamIn, type Subscribe } from "ipc-runtime";
import { connect, isPacked } from "./support/connect.js";
import { Docs } from "./support/docs.js";
import { Peer, Refusal, SILENCE } from "./support/peer.js";

const CHANGED = "demo.docs.changed";

async function docs(options: Parameters<typeof connect>[1] = {}) {
  const peer = new Peer();
  peer.answers.set(CHANGED, () => 7);
  const ipc = await connect(peer, { callTimeout: null, ...options });
  const client = await ipc.open(Docs);
  const item = (n: number): void => peer.say({ method: CHANGED, params: { subscription: 7, result: { name: `${n}`, kind: "File", size: n, inode: n } } });
  const say = (params: object): void => peer.say({ method: CHANGED, params: { subscription: 7, ...params } });
  return { peer, ipc, docs: client, item, say };
}

test("items that come right behind the response aren't lost", async () => {
  const { peer, docs: client, item, say } = await docs();
  peer.answers.set(CHANGED, (_params, { id }) => {
    peer.say({ id, result: 7 });
    for (let n = 0; n < 5; n++) item(n);
    say({ done: true });
    return SILENCE;
  });
  const got: bigint[] = [];
  for await (const { inode } of client.changed(".")) got.push(inode);
  assert.deepEqual(got, [0n, 1n, 2n, 3n, 4n]);
  assert.equal(peer.of("rpc.unsubscribe").length, 0, "what has ended isn't unsubscribed");
});

test("credit is given when half of the window is read, and never for what waits", async () => {
  const { peer, docs: client, item } = await docs({ window: 8 });
  const changes = await client.changed(".", { window: 4 });
  assert.equal((await peer.get(CHANGED)).ipc.window, 4);
  for (let n = 0; n < 4; n++) item(n);
  await changes.next();
  assert.equal(peer.of("rpc.credit").length, 0);
  await changes.next();
  assert.deepEqual((await peer.get("rpc.credit")).params, { subscription: 7, n: 2 });
  changes.close();
  await peer.get("rpc.unsubscribe");
  assert.equal(peer.of("rpc.credit").length, 1);
});

for (const [way, leave] of [
  ["break", async (all: AsyncIterable<unknown>) => {
    for await (const _ of all) break;
  }],
  ["return()", async (all: AsyncIterable<unknown>) => void (await all[Symbol.asyncIterator]().return?.())],
] as const) {
  test(`${way} unsubscribes`, async () => {
    const { peer, docs: client, item } = await docs();
    const subscribing = client.changed(".");
    await subscribing;
    item(1);
    await leave(subscribing);
    assert.deepEqual((await peer.get("rpc.unsubscribe")).params, [7]);
    // Late items go to nobody.
    item(2);
  });
}

test("a note that this side doesn't know isn't the end", async () => {
  const { docs: client, item, say } = await docs();
  const changes = await client.changed(".");
  for (const note of [{}, { note: 1 }, { done: false }, { lagged: "3" }, { gap: false }, { error: null }]) say(note);
  item(1);
  say({ done: true });
  assert.equal((await changes.next()).value?.inode, 1n);
  assert.deepEqual(await changes.next(), { value: undefined, done: true });
});

test("`using` unsubscribes", async () => {
  const { peer, docs: client } = await docs();
  {
    using changes = await client.changed(".");
    void changes;
  }
  await peer.get("rpc.unsubscribe");
});

test("a signal unsubscribes, and the loop fails with `cancelled`", async () => {
  const { peer, docs: client, item } = await docs();
  const stop = new AbortController();
  const changes = await client.changed(".", { signal: stop.signal });
  item(1);
  const read: unknown[] = [];
  await assert.rejects(async () => {
    for await (const { name } of changes) {
      read.push(name);
      stop.abort("enough");
    }
  }, { kind: "cancelled", cause: "enough" });
  assert.deepEqual(read, ["1"]);
  await peer.get("rpc.unsubscribe");
});

test("a subscription that opens after it was given up is unsubscribed", async () => {
  const { peer, docs: client } = await docs();
  peer.answers.set(CHANGED, () => SILENCE);
  const stop = new AbortController();
  const subscribing = client.changed(".", { signal: stop.signal });
  const { id } = await peer.get(CHANGED);
  stop.abort();
  await assert.rejects(subscribing, { kind: "cancelled" });
  await peer.get("$/cancelRequest");
  peer.say({ id, result: 7 });
  assert.deepEqual((await peer.get("rpc.unsubscribe")).params, [7]);
});

for (const [params, missed] of [[{ lagged: 3 }, { kind: "lagged", count: 3 }], [{ gap: true }, { kind: "gap" }]] as const) {
  test(`a ${missed.kind} ends the loop loudly, or is heard in its place`, async () => {
    const { peer, docs: client, item, say } = await docs();
    const loud = await client.changed(".");
    item(1);
    say(params);
    item(2);
    assert.equal((await loud.next()).value?.name, "1");
    await assert.rejects(loud.next(), { kind: "missed", data: missed, message: /onMissed/ });
    assert.deepEqual(await loud.next(), { value: undefined, done: true });
    await peer.get("rpc.unsubscribe");

    const heard: (Missed | string | undefined)[] = [];
    const quiet = await client.changed(".", { onMissed: (one) => heard.push(one) });
    item(1);
    say(params);
    item(2);
    for (let n = 0; n < 2; n++) heard.push((await quiet.next()).value?.name);
    assert.deepEqual(heard, ["1", missed, "2"]);
  });
}

test("a stream's own error is typed, after the items before it", async () => {
  const { docs: client, item, say } = await docs();
  const changes = await client.changed(".");
  item(1);
  say({ error: { code: 1, message: "too large", data: { TooLarge: { path: "p", limit: 9 } } } });
  assert.equal((await changes.next()).value?.name, "1");
  await assert.rejects(changes.next(), { kind: "method", data: { TooLarge: { path: "p", limit: 9 } } });
  assert.equal((await changes.next()).done, true);
});

test("an error of opening is the call's own", async () => {
  const { peer, docs: client } = await docs();
  peer.answers.set(CHANGED, () => {
    throw new Refusal(1, "no such directory", "gone");
  });
  const outcome = await client.changed("x").result();
  assert.ok(!outcome.ok && outcome.error.kind === "method" && outcome.error.data === "gone");
  await assert.rejects(async () => {
    for await (const _ of client.changed("x"));
  }, { kind: "method" });
});

test("an error of opening or of a stream that doesn't fit its type keeps code, message and data", async () => {
  const { peer, ipc, docs: client } = await docs();
  const data = { TooLarge: { path: "p", limit: 2n ** 64n - 1n } };
  const changes = await client.changed(".");
  peer.say(`{"jsonrpc":"2.0","method":"${CHANGED}","params":{"subscription":7,"error":{"code":1,"message":"too large","data":{"TooLarge":{"path":"p","limit":18446744073709551615}}}}}`);
  await assert.rejects(changes.next(), { kind: "remote", code: 1, data, message: /^too large; its data isn't an error that this side knows \(error\.TooLarge\.limit: 18446744073709551615 is beyond/ });
  assert.equal((await changes.next()).done, true);
  const odd: Interface<{ odd: Subscribe<[], number, { much: bigint }> }> = {
    channel: "demo.odd", version: "1.0.0", fingerprint: "2:9c3e41d2a07b55fa", format: 1,
    methods: { odd: { k: subscribing, e: { s: { much: "big" } }, f: "2015cfc8e2897650" } },
  };
  peer.answers.set("demo.odd.odd", () => {
    throw new Refusal(1, "odd", { much: [] });
  });
  await assert.rejects(async () => {
    for await (const _ of ipc.client(odd).odd());
  }, { kind: "remote", code: 1, data: { much: [] }, message: /^odd; / });
});

test("the connection's end ends a loop with `disconnected`", async () => {
  const { peer, docs: client, item } = await docs();
  const changes = await client.changed(".");
  item(1);
  const [first, second] = [changes.next(), changes.next()];
  peer.end();
  assert.equal((await first).value?.name, "1");
  await assert.rejects(second, { kind: "disconnected" });
});

test("concurrent readers are answered in their order", async () => {
  const { docs: client, item, say } = await docs();
  const changes = await client.changed(".");
  const reads = [changes.next(), changes.next(), changes.next()];
  item(1);
  item(2);
  say({ done: true });
  assert.deepEqual((await Promise.all(reads)).map((one) => one.value?.name), ["1", "2", undefined]);
});

test("an item that its type can't hold ends the loop", async () => {
  const { peer, docs: client } = await docs();
  const changes = await client.changed(".");
  peer.say(`{"jsonrpc":"2.0","method":"${CHANGED}","params":{"subscription":7,"result":{"name":"a","kind":"File","size":18446744073709551615,"inode":1}}}`);
  await assert.rejects(changes.next(), { kind: "inexact", message: /demo\.docs\.changed: item\.size/ });
  await peer.get("rpc.unsubscribe");
});

test("a sender that ignores the window is ended", async () => {
  const { peer, docs: client, item } = await docs({ window: 2 });
  const changes = await client.changed(".");
  for (let n = 0; n < 6; n++) item(n);
  await assert.rejects(async () => {
    for await (const _ of changes);
  }, { kind: "limit" });
  await peer.get("rpc.unsubscribe");
});

test("items of unknown subscriptions are ignored", async () => {
  const { peer, docs: client } = await docs();
  peer.say({ method: CHANGED, params: { subscription: 99, result: 1 } });
  peer.answers.set("demo.docs.ping", () => 1);
  assert.equal(await client.ping(), 1);
});

test("an event has one subscription for all listeners, from the first to the last", async () => {
  const { peer, docs: client, item } = await docs();
  const changed = event(() => client.changed("."));
  const heard: string[] = [];
  const one = changed.on(({ name }) => heard.push(`a${name}`));
  const two = changed.on(({ name }) => heard.push(`b${name}`));
  await peer.get(CHANGED);
  await client.find("x").result();
  item(1);
  await client.find("x").result();
  one[Symbol.dispose]();
  item(2);
  await client.find("x").result();
  assert.deepEqual(heard, ["a1", "b1", "b2"]);
  assert.equal(peer.of("rpc.unsubscribe").length, 0);
  two[Symbol.dispose]();
  two[Symbol.dispose]();
  await peer.get("rpc.unsubscribe");
  assert.equal(peer.of(CHANGED).length, 1);
  changed.on(() => {});
  await peer.get(CHANGED, 2);
});

test("an event that can't be opened says so, and is opened anew by the next listener", async () => {
  const { peer, docs: client } = await docs();
  peer.answers.set(CHANGED, () => {
    throw new Refusal(1, "no", "no");
  });
  const ends: unknown[] = [];
  const ended = new Promise<void>((resolve) => {
    const changed = event(() => client.changed("."), (error) => {
      ends.push((error as Error).message);
      if (ends.length === 1) changed.on(() => {});
      else resolve();
    });
    changed.on(() => {});
  });
  await ended;
  assert.deepEqual(ends, ["no", "no"]);
});

const bytes = (...values: number[]): Uint8Array => Uint8Array.from(values);

async function* chunks(count: number, seen: { pulled: number; returned?: boolean } = { pulled: 0 }): AsyncGenerator<Uint8Array> {
  try {
    for (let n = 0; n < count; n++) {
      seen.pulled++;
      yield bytes(n);
    }
  } finally {
    seen.returned = true;
  }
}

test("an upload sends its items behind the request, and waits for credit", async () => {
  const { peer, docs: client } = await docs();
  peer.answers.set("demo.docs.store", () => SILENCE);
  const seen: { pulled: number; returned?: boolean } = { pulled: 0 };
  const call = client.store("name", chunks(6, seen));
  const request = await peer.get("demo.docs.store");
  const stream = request.params[1].$stream as number;
  await peer.get("$/stream", 4);
  assert.deepEqual(peer.of("$/stream").map((one) => one.params), ["AA==", "AQ==", "Ag==", "Aw=="].map((item) => ({ stream, item })));
  await client.find("x").result();
  assert.equal(seen.pulled, 4, "nothing is made that there is no room for");
  peer.say({ method: "rpc.credit", params: { stream, n: 2, bytes: 12 } });
  await peer.get("$/stream", 6);
  await client.find("x").result();
  assert.equal(peer.of("$/stream").length, 6, "the end waits for credit too");
  peer.say({ method: "rpc.credit", params: { stream, n: 1, bytes: itemBytes } });
  assert.deepEqual((await peer.get("$/stream", 7)).params, { stream, done: true });
  peer.say({ id: request.id, result: 6 });
  assert.equal(await call, 6);
});

/** A byte as it is written. */
const itemBytes = isPacked() ? 3 : 6;

test("an upload counts the bytes of its items as they are written", async () => {
  const peer = new Peer();
  // Two items, and what the last one has too much.
  peer.hello = { window: 100, windowBytes: 2 * itemBytes - 1 };
  const client = await (await connect(peer, { callTimeout: null })).open(Docs);
  peer.answers.set("demo.docs.store", () => SILENCE);
  void client.store("name", chunks(9)).result();
  const { params } = await peer.get("demo.docs.store");
  await peer.get("$/stream", 2);
  await client.find("x").result();
  assert.equal(peer.of("$/stream").length, 2);
  peer.say({ method: "rpc.credit", params: { stream: params[1].$stream, n: 1, bytes: itemBytes } });
  await peer.get("$/stream", 3);
  await client.find("x").result();
  assert.equal(peer.of("$/stream").length, 3);
});

test("credit without a number of bytes gives back those of its items", async () => {
  const peer = new Peer();
  peer.hello = { window: 100, windowBytes: 2 * itemBytes - 1 };
  const client = await (await connect(peer, { callTimeout: null })).open(Docs);
  peer.answers.set("demo.docs.store", () => SILENCE);
  void client.store("name", chunks(9)).result();
  const { params } = await peer.get("demo.docs.store");
  await peer.get("$/stream", 2);
  for (const sent of [3, 4, 5]) {
    peer.say({ method: "rpc.credit", params: { stream: params[1].$stream, n: 1 } });
    await peer.get("$/stream", sent);
    await client.find("x").result();
    assert.equal(peer.of("$/stream").length, sent);
  }
});

function readable(): ReadableStream<Uint8Array> {
  return new ReadableStream({
    start(to) {
      to.enqueue(bytes(1));
      to.enqueue(bytes(2));
      to.close();
    },
  });
}

for (const [what, source] of [
  ["a list", [bytes(1), bytes(2)]],
  ["a ReadableStream", readable()],
  ["a ReadableStream that isn't iterable", Object.assign(readable(), { [Symbol.asyncIterator]: undefined }) as never],
] as [string, StreamIn<Uint8Array>][]) {
  test(`${what} can be uploaded`, async () => {
    const { peer, docs: client } = await docs();
    peer.answers.set("demo.docs.store", () => SILENCE);
    void client.store("name", source).result();
    await peer.get("$/stream", 3);
    assert.deepEqual(peer.of("$/stream").map((one) => one.params.item), ["AQ==", "Ag==", undefined]);
  });
}

test("a source that fails ends the stream with its error", async () => {
  const { peer, docs: client } = await docs();
  peer.answers.set("demo.docs.store", () => SILENCE);
  void client.store("name", (async function* () {
    yield bytes(1);
    throw new Error("the disk is gone");
  })()).result();
  assert.deepEqual((await peer.get("$/stream", 2)).params.error, { code: 1, message: "the disk is gone" });
});

test("an item that can't be sent ends the stream, and the source is told", async () => {
  const { peer, docs: client } = await docs();
  peer.answers.set("demo.docs.store", () => SILENCE);
  let isTold = false;
  void client.store("name", (function* () {
    try {
      yield "text" as unknown as Uint8Array;
      yield new Uint16Array(1) as unknown as Uint8Array;
    } finally {
      isTold = true;
    }
  })()).result();
  assert.match((await peer.get("$/stream", 2)).params.error.message, /an item: give bytes as a Uint8Array/);
  await client.find("x").result();
  assert.ok(isTold);
});

for (const [what, end] of [
  ["the reply", (peer: Peer, id: number) => peer.say({ id, result: 0 })],
  ["`rpc.closeStream`", (peer: Peer) => peer.say({ method: "rpc.closeStream", params: [peer.of("demo.docs.store")[0]?.params[1].$stream] })],
  ["the connection's end", (peer: Peer) => peer.end()],
] as [string, (peer: Peer, id: number) => void][]) {
  test(`${what} stops an upload, and its source is told`, async () => {
    const { peer, docs: client } = await docs();
    peer.answers.set("demo.docs.store", () => SILENCE);
    const told = new Promise<void>((resolve) => {
      void client.store("name", {
        [Symbol.asyncIterator]: () => ({
          next: () => Promise.resolve({ value: bytes(1), done: false as const }),
          return: () => (resolve(), Promise.resolve({ value: undefined, done: true as const })),
        }),
      }).result();
    });
    const { id } = await peer.get("demo.docs.store");
    await peer.get("$/stream", 4);
    end(peer, id);
    await told;
  });
}

test("what isn't iterable is refused as a stream", async () => {
  const { docs: client } = await docs();
  await assert.rejects(client.store("name", 7 as never), { kind: "invalidArguments", message: /argument 2 has to be iterable/ });
});

test("an id that is used again ends the older subscription with an error", async () => {
  const { docs: client, item } = await docs();
  const [older, newer] = [await client.changed("a"), await client.changed("b")];
  item(1);
  assert.equal((await newer.next()).value?.name, "1");
  await assert.rejects(older.next(), { kind: "protocol", method: "demo.docs.changed" });
  assert.equal((await older.next()).done, true);
  older.close();
  item(2);
  assert.equal((await newer.next()).value?.name, "2", "the newer one goes on");
});

test("null is no id of a subscription", async () => {
  const { peer, docs: client } = await docs();
  for (const id of [null, {}, true]) {
    peer.answers.set("demo.docs.changed", () => id);
    await assert.rejects(client.changed("."), { kind: "protocol", method: "demo.docs.changed" });
  }
});

test("notes of lag that nobody has read are one", async () => {
  const { docs: client, item, say } = await docs();
  const heard: unknown[] = [];
  const changes = await client.changed(".", { onMissed: (missed) => heard.push(missed) });
  say({ lagged: 2 });
  say({ lagged: 3 });
  item(1);
  say({ lagged: 1 });
  say({ gap: true });
  item(2);
  for (let n = 0; n < 2; n++) heard.push((await changes.next()).value?.name);
  assert.deepEqual(heard, [{ kind: "lagged", count: 5 }, "1", { kind: "gap" }, "2"]);
});

test("an overdue call that can't be stopped uploads nothing more, and its handler hears so", async () => {
  const peer = new Peer();
  const ipc = await connect(peer);
  const { store } = Docs.methods;
  const def: typeof Docs = { ...Docs, methods: { ...Docs.methods, store: { ...store, keep: 1, ms: 20 } } };
  const kept = ipc.client(def);
  peer.answers.set("demo.docs.store", () => SILENCE);
  const stopped = new AbortController();
  async function* chunks(): AsyncGenerator<Uint8Array> {
    try {
      for (;;) yield new Uint8Array(1);
    } finally {
      stopped.abort();
    }
  }
  await assert.rejects(kept.store("x", chunks()), { kind: "deadline" });
  if (!stopped.signal.aborted) await once(stopped.signal, "abort");
  assert.equal(peer.of("$/cancelRequest").length, 0);
  assert.equal((await peer.until(() => peer.of("$/stream").find(({ params }) => params.error))).params.error.code, -32800);
});
