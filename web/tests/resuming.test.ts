// Subscriptions over connections, as the Rust frontend's tests have them.
import assert from "node:assert/strict";
import { before, describe, test } from "node:test";
import { connect, event, reconnect, uploading, type Ipc, type Missed, type Subscription } from "ipc-runtime/node";
import { build } from "./support/backend.js";
import { Docs, type DocsMethods } from "./support/docs.js";
import { Peer } from "./support/peer.js";
import { WAYS, reached, soon, until, World, type Trial } from "./support/world.js";

before(() => build());

function each(name: string, trial: Trial, ...more: string[]): void {
  describe(name, () => {
    for (const way of WAYS) {
      test(`over ${way}`, async () => {
        await using world = await World.of(way, ...more);
        await trial(world);
      });
    }
  });
}

/** The next so many items. */
async function take<T>(subscription: Subscription<T>, count: number): Promise<T[]> {
  const items: T[] = [];
  while (items.length < count) {
    const { value, done } = await subscription.next();
    assert.ok(!done, `it ended after ${items.length}`);
    items.push(value);
  }
  return items;
}

/** Cuts the connection, does something meanwhile, and lets the client come back. */
async function away(cable: { isOut: boolean; cut(): void }, ipc: Ipc, meanwhile: () => Promise<unknown>): Promise<void> {
  cable.isOut = true;
  cable.cut();
  await reached(ipc, "reconnecting");
  await meanwhile();
  cable.isOut = false;
  await reached(ipc, "connected");
}

each("a subscription goes on where it was", async (world) => {
  const cable = await world.cable();
  const witness = await world.witness();
  const { ipc, survivor } = await world.client(soon(), {}, cable.endpoint);
  using news = await survivor.news({ window: 4 });
  for (const item of [1, 2, 3]) await witness.fire(item);
  assert.deepEqual(await take(news, 3), [1, 2, 3]);
  for (let round = 0; round < 3; round++) {
    const first = 4 + 3 * round;
    await away(cable, ipc, async () => {
      for (const item of [first, first + 1]) await witness.fire(item);
    });
    await witness.fire(first + 2);
    assert.deepEqual(await take(news, 3), [first, first + 1, first + 2]);
  }
});

each("what came before is read first, however often the connection is lost", async (world) => {
  const cable = await world.cable();
  const { ipc, survivor } = await world.client(soon(), {}, cable.endpoint);
  using news = await survivor.news({ window: 2 });
  await survivor.fire(1);
  assert.deepEqual(await take(news, 1), [1]);
  for (let item = 2; item <= 10; item++) {
    await survivor.fire(item);
    cable.cut();
    await reached(ipc, "reconnecting");
    await reached(ipc, "connected");
  }
  assert.deepEqual(await take(news, 9), [2, 3, 4, 5, 6, 7, 8, 9, 10]);
});

each("a subscription that cannot go on has a gap", async (world) => {
  const cable = await world.cable();
  const { ipc, survivor } = await world.client(soon(), {}, cable.endpoint);
  const missed: Missed[] = [];
  using ticks = await survivor.ticks({ onMissed: (what) => missed.push(what) });
  const strict = await survivor.ticks();
  await survivor.fire(1);
  for (const subscription of [ticks, strict]) assert.deepEqual(await take(subscription, 1), [1]);
  const witness = await world.witness();
  await away(cable, ipc, () => witness.fire(9));
  const [next, refused] = [take(ticks, 1), assert.rejects(strict.next(), { kind: "missed" })];
  // The backend tells it before the next item.
  await until(async () => (await survivor.fire(2), missed.length), (count) => count > 0);
  await refused;
  assert.deepEqual(missed, [{ kind: "gap" }]);
  assert.deepEqual(await next, [2]);
  assert.deepEqual(await strict.next(), { value: undefined, done: true });
});

each("what is no longer replayed is a gap, and so is what another backend has", async (world) => {
  const cable = await world.cable();
  const witness = await world.witness();
  const { ipc, survivor } = await world.client(soon(), {}, cable.endpoint);
  const missed: Missed[] = [];
  using news = await survivor.news({ onMissed: (what) => missed.push(what) });
  await witness.fire(1);
  assert.deepEqual(await take(news, 1), [1]);
  await away(cable, ipc, async () => {
    for (let item = 2; item <= 30; item++) await witness.fire(item);
  });
  // 16 are kept.
  assert.deepEqual(await take(news, 16), Array.from({ length: 16 }, (_, n) => 15 + n));
  assert.deepEqual(missed, [{ kind: "gap" }]);
});

each("another backend's event is another one", async (world) => {
  const { ipc, survivor } = await world.client();
  const missed: Missed[] = [];
  using news = await survivor.news({ onMissed: (what) => missed.push(what) });
  await survivor.fire(1);
  assert.deepEqual(await take(news, 1), [1]);
  const next = take(news, 1);
  await world.goes();
  await world.comes();
  await reached(ipc, "connected");
  await until(() => survivor.fire(7).then(() => missed.length), (count) => count > 0);
  assert.deepEqual(missed, [{ kind: "gap" }]);
  assert.deepEqual(await next, [7]);
});

each("a subscription may end with its connection", async (world) => {
  const cable = await world.cable();
  const { ipc, survivor } = await world.client(soon(), {}, cable.endpoint);
  const news = await survivor.news({ endsWithConnection: true });
  await survivor.fire(1);
  assert.deepEqual(await take(news, 1), [1]);
  cable.cut();
  await assert.rejects(news.next(), { kind: "disconnected", method: "test.survivor.news" });
  await reached(ipc, "connected");
});

each("a subscription ends with its session", async (world) => {
  const { ipc, survivor } = await world.client();
  const [news, unread] = [await survivor.news(), await survivor.news()];
  await survivor.fire(1);
  for (const one of [news, unread]) assert.deepEqual(await take(one, 1), [1]);
  const next = assert.rejects(news.next(), { kind: "disconnected", mayHaveRun: true });
  await world.goes();
  await reached(ipc, "reconnecting");
  await ipc.close();
  await next;
  await assert.rejects(unread.next(), { kind: "disconnected" });
  assert.deepEqual(await unread.next(), { value: undefined, done: true });
});

each("a subscription whose channel did not come back ends, and says that it may have run", async (world) => {
  const { ipc, survivor } = await world.client();
  const news = await survivor.news();
  await world.goes();
  await world.comes("--version", "none");
  await reached(ipc, "connected");
  await assert.rejects(news.next(), { kind: "notFound", mayHaveRun: true });
});

each("a subscription whose version did not come back ends by that", async (world) => {
  const { ipc, survivor } = await world.client();
  const [news, waiting] = [await survivor.news(), await survivor.news()];
  const next = assert.rejects(waiting.next(), { kind: "versionMismatch" });
  await world.goes();
  await world.comes("--version", "2");
  await reached(ipc, "closed");
  await next;
  await assert.rejects(news.next(), { kind: "versionMismatch" });
});

each("a subscription waits for the backend after one that stops", async (world) => {
  const { ipc, survivor } = await world.client();
  const missed: Missed[] = [];
  using news = await survivor.news({ onMissed: (what) => missed.push(what) });
  const running = assert.rejects(survivor.wait(), { kind: "disconnected" });
  await until(() => survivor.begun(), (begun) => begun === 1);
  await survivor.fire(1);
  assert.deepEqual(await take(news, 1), [1]);
  const next = take(news, 1);
  await survivor.stop();
  await until(() => survivor.which().catch((error: { kind: string }) => error.kind), (kind) => kind === "closing");
  await world.goes();
  await running;
  await world.comes();
  await reached(ipc, "connected");
  await until(() => survivor.fire(2).then(() => missed.length), (count) => count > 0);
  assert.deepEqual(await next, [2]);
});

each("one subscription of an event goes on", async (world) => {
  const cable = await world.cable();
  const witness = await world.witness();
  const { ipc, survivor } = await world.client(soon(), {}, cable.endpoint);
  let opened = 0;
  const heard: [number[], number[]] = [[], []];
  const ends: unknown[] = [];
  const news = event(() => (opened++, survivor.news()), (error) => ends.push(error));
  const [first, second] = heard.map((all) => news.on((item) => all.push(item)));
  await until(() => witness.fire(0).then(() => heard[1].length), (count) => count > 0);
  for (let round = 1; round <= 3; round++) {
    await away(cable, ipc, () => witness.fire(round));
    await until(() => heard[1].at(-1), (last) => last === round);
  }
  assert.deepEqual(heard[0], heard[1]);
  assert.deepEqual(heard[0].slice(-3), [1, 2, 3]);
  assert.equal(opened, 1);
  assert.deepEqual(ends, []);
  first?.[Symbol.dispose]();
  second?.[Symbol.dispose]();
});

each("who stops reading while the backend is away is not subscribed again", async (world) => {
  const cable = await world.cable();
  const { ipc, survivor } = await world.client(soon(), {}, cable.endpoint);
  const stop = new AbortController();
  const [closed, given, waiting] = [await survivor.news(), await survivor.news({ signal: stop.signal }), await survivor.news()];
  await away(cable, ipc, async () => {
    const [one, other] = [given.next(), waiting.next()];
    closed.close();
    stop.abort();
    await assert.rejects(one, { kind: "cancelled" });
    waiting.close();
    assert.deepEqual(await other, { value: undefined, done: true });
  });
  await survivor.fire(1);
  assert.deepEqual(await closed.next(), { value: undefined, done: true });
});

/** So many items: fewer in a page, where connecting takes longer. */
const ITEMS = Number(process.env["IPC_ITEMS"] ?? 300);

each("nothing is lost without a gap, and nothing comes twice", async (world) => {
  const cable = await world.cable();
  const witness = await world.witness();
  const { survivor } = await world.client(soon(), {}, cable.endpoint);
  const gaps: number[] = [];
  const items: number[] = [];
  const reading = (async () => {
    // What comes before the first item can't be known to be missing: it is there before that is fired.
    using news = await survivor.news({ window: 4, onMissed: () => gaps.push(items.length) });
    await witness.fire(1);
    for await (const item of news) {
      items.push(item);
      if (item === ITEMS) return;
    }
  })();
  await until(() => items.length, (count) => count > 0);
  let isOver = false;
  let cuts = 0;
  // Each connection breaks somewhere, unless it has brought something first.
  const cutting = (async () => {
    for (let down = 500; !isOver; down += 7) {
      cable.most = { down: down % 1_200, up: Infinity };
      const [connections, count] = [cable.connections, items.length];
      cable.cut();
      cuts++;
      await until(() => isOver || cable.connections > connections + 1 || items.length > count, (done) => done);
    }
  })();
  for (let item = 2; item <= ITEMS; item++) {
    await witness.fire(item);
    // Now and then more than is kept.
    await until(() => items.at(-1) as number, (last) => last > item - 18);
  }
  await reading;
  isOver = true;
  await cutting;
  assert.ok(cuts > 20, `${cuts} cuts`);
  for (let at = 1; at < items.length; at++) {
    const [before, item] = [items[at - 1] as number, items[at] as number];
    assert.ok(item === before + 1 || (item > before && gaps.includes(at)), `${item} after ${before}`);
  }
});

test("a subscription with a stream among its arguments ends with its connection", async () => {
  const peer = new Peer();
  peer.answers.set("demo.docs.changed", (_params, { ipc }) => ipc.subscription);
  const def = { ...Docs, methods: { ...Docs.methods, changed: { ...Docs.methods.changed, a: [{ stream: "json" as const }], up: uploading } } };
  const ipc = await connect(peer, { reconnect: reconnect(soon()) });
  const docs = await ipc.open<DocsMethods>(def);
  let left = 0;
  async function* forever() {
    try {
      for (;;) {
        yield 1;
        await new Promise((resolve) => setImmediate(resolve));
      }
    } finally {
      left++;
    }
  }
  const changed = await docs.changed(forever() as unknown as string);
  peer.end();
  await assert.rejects(changed.next(), { kind: "disconnected" });
  await until(() => left, (count) => count === 1);
  await reached(ipc, "connected");
  assert.equal(peer.of("demo.docs.changed").length, 1);
  await ipc.close();
});

test("a place that a backend tells in integers that no number holds is none", async () => {
  const peer = new Peer();
  const changed = "demo.docs.changed";
  peer.answers.set(changed, (_params, { ipc }) => ipc.subscription);
  const ipc = await connect(peer, { reconnect: reconnect(soon()) });
  const docs = await ipc.open(Docs);
  const file = { name: "", kind: "File", size: 1, inode: 1 };
  const expected: [places: string[], resume: unknown][] = [
    [['"seq":3,"epoch":41', '"seq":4'], { epoch: 41, seq: 4 }],
    [['"seq":3,"epoch":9007199254740993', '"seq":4'], undefined],
    [['"seq":3'], undefined],
    // Items of two events, or not in order, have no place any more.
    [['"seq":3,"epoch":41', ""], undefined],
    [['"seq":3,"epoch":41', '"seq":1,"epoch":42'], { epoch: 42, seq: 1 }],
  ];
  let asked = 0;
  for (const [places, resume] of expected) {
    const missed: Missed[] = [];
    const subscription = await docs.changed("it", { window: 7, onMissed: (what) => missed.push(what) });
    const { ipc: extras } = await peer.get(changed, ++asked);
    assert.equal(extras.resume, undefined);
    for (const place of places) peer.say(`{"jsonrpc":"2.0","method":"${changed}","params":{"subscription":${extras.subscription},"result":${JSON.stringify(file)}${place && `,${place}`}}}`);
    await take(subscription, places.length);
    const next = subscription.next();
    peer.end();
    const again = await peer.get(changed, ++asked);
    assert.deepEqual(again.ipc.resume, resume);
    assert.equal(again.ipc.window, 7);
    assert.deepEqual(again.params, ["it"]);
    peer.say({ method: changed, params: { subscription: again.ipc.subscription, result: file } });
    await next;
    assert.deepEqual(missed, resume ? [] : [{ kind: "gap" }]);
    subscription.close();
  }
  await ipc.close();
});
