// What a replica does where something is missing: after a gap, and on a client's next connection.
import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as after } from "node:timers/promises";
import { connect, IpcError, type Client, type Interface, type Ipc, type MethodError, type State } from "ipc-runtime";
import { store, type Change, type StoreReplica } from "ipc-runtime/store";
import { Cell } from "#dist/source.js";
import { Wire, type WireMethods } from "#dist/store-wire.js";
import { Replica } from "#dist/store-replica.js";
import { Refusal, SILENCE } from "./support/peer.js";
import { Count, Theme } from "./support/settings.js";
import { until } from "./support/served-store.js";
import { removed, set, StorePeer, WATCH, type Look } from "./support/store-peer.js";

async function opened(peer: StorePeer, first: Look): Promise<{ ipc: Ipc; replica: StoreReplica }> {
  const ipc = await connect(peer, { heartbeat: null });
  const opening = store(ipc);
  await peer.look(1, { reset: true, ...first });
  return { ipc, replica: await opening };
}

function changesOf(replica: StoreReplica): [string, number, boolean][] {
  const heard: [string, number, boolean][] = [];
  replica.changes().on(({ key, revision, isRemoval }: Change) => heard.push([key, revision, isRemoval]));
  return heard;
}

test("parts of a look are shown together, in the order in which they came", async () => {
  const peer = new StorePeer();
  const { ipc, replica } = await opened(peer, { entries: [set("theme", "dark", 1), set("count", 1, 2)], revision: 2 });
  const heard = changesOf(replica);
  await peer.look(1, { entries: [set("count", 2, 3), set("theme", "light", 4)], revision: 4, complete: false });
  assert.equal(replica.get(Count), 1);
  await peer.look(1, { entries: [set("count", 3, 5)], revision: 5 });
  await until(replica, () => replica.revision === 5);
  assert.deepEqual(heard, [["theme", 4, false], ["count", 5, false]]);
  // What is void isn't shown; what a reset leaves out is gone.
  await peer.look(1, { entries: [set("count", 4, 6)], revision: 6, complete: false });
  await peer.look(1, { entries: [set("other", 1, 7), set("theme", "light", 4)], revision: 7, reset: true, restart: true });
  await until(replica, () => replica.revision === 7);
  assert.deepEqual(heard.slice(2), [["other", 7, false], ["count", 7, true]]);
  assert.deepEqual(replica.snapshot().keys(), ["other", "theme"]);
  await ipc.close();
});

test("after a gap the store is watched anew, from what was seen last", async () => {
  const peer = new StorePeer();
  const { ipc, replica } = await opened(peer, { entries: [set("theme", "dark", 1), set("count", 1, 2)], revision: 2 });
  const heard = changesOf(replica);
  const { id } = await peer.get(WATCH, 1);
  await peer.look(1, { entries: [set("theme", "never", 3)], revision: 3, complete: false });
  peer.say({ method: WATCH, params: { subscription: id, gap: true } });
  const again = await peer.get(WATCH, 2);
  assert.deepEqual(again.params, ["shared", { epoch: 41, revision: 2 }]);
  assert.deepEqual((await peer.get("rpc.unsubscribe")).params, [id]);
  await peer.look(2, { entries: [removed("count", 4)], revision: 4 });
  await until(replica, () => replica.revision === 4);
  assert.deepEqual(heard, [["count", 4, true]]);
  assert.equal(replica.get(Theme), "dark", "what was void isn't shown");
  assert.ok(!replica.isClosed);
  await ipc.close();
});

test("a write ends when it is seen here, and not before", async () => {
  const peer = new StorePeer();
  const { ipc, replica } = await opened(peer, { revision: 0 });
  peer.answers.set("ipc.store.set", () => 5);
  let isSeen = false;
  const write = replica.set(Count, 1).then(() => (isSeen = true));
  await peer.get("ipc.store.set");
  await peer.look(1, { entries: [set("theme", "dark", 4)], revision: 4 });
  await until(replica, () => replica.revision === 4);
  await after(0);
  assert.ok(!isSeen);
  await peer.look(1, { entries: [set("count", 1, 5)], revision: 5 });
  await write;
  // The waiting has a deadline and a signal as the call has.
  peer.answers.set("ipc.store.set", () => 9);
  await assert.rejects(replica.set(Count, 2, { timeout: 30 }), { kind: "deadline", message: /isn't seen here/ });
  const stop = new AbortController();
  const given = replica.set(Count, 2, { signal: stop.signal });
  await peer.get("ipc.store.set", 3);
  await after(0);
  stop.abort("enough");
  await assert.rejects(given, { kind: "cancelled", cause: "enough" });
  const ended = replica.set(Count, 2);
  await peer.get("ipc.store.set", 4);
  await after(0);
  peer.end();
  await assert.rejects(ended, { kind: "disconnected", mayHaveRun: true, method: "ipc.store.set" });
  await ipc.close();
});

test("a write that isn't answered when the connection ends may have run", async () => {
  const peer = new StorePeer();
  const { replica } = await opened(peer, { revision: 0 });
  peer.answers.set("ipc.store.set", () => SILENCE);
  const write = replica.set(Count, 1);
  await peer.get("ipc.store.set");
  peer.end();
  await assert.rejects(write, { kind: "disconnected", mayHaveRun: true });
});

test("a write that was lost with its store isn't done, however many writes the next store has", async () => {
  // Whether the connection of the write has shown something: if not, nobody knows which store had it.
  for (const isShown of [true, false]) {
    const client = new Reconnecting();
    const first = new StorePeer();
    first.answers.set("ipc.store.set", () => 5);
    await client.connected(first);
    const replica = new Replica(client as unknown as Ipc, "shared");
    if (isShown) {
      await first.look(1, { reset: true, epoch: 1, revision: 4 });
      await replica.opened;
    }
    const lost = replica.set(Theme, "dark");
    await first.get("ipc.store.set");
    await after(0);
    client.away();
    first.end();
    await after(0);
    const second = new StorePeer();
    await client.connected(second);
    await second.look(1, { reset: true, epoch: 2, entries: [set("count", 1, 7)], revision: 7 });
    await assert.rejects(lost, { kind: "disconnected", mayHaveRun: true, message: /another store/ });
    replica.close();
  }
});

test("a write whose connection is lost is done when the same store shows it on the next one", async () => {
  const client = new Reconnecting();
  const first = new StorePeer();
  first.answers.set("ipc.store.set", () => 5);
  await client.connected(first);
  const replica = new Replica(client as unknown as Ipc, "shared");
  await first.look(1, { reset: true, revision: 4 });
  const write = replica.set(Theme, "dark");
  await first.get("ipc.store.set");
  await after(0);
  client.away();
  first.end();
  await after(0);
  const second = new StorePeer();
  await client.connected(second);
  await second.look(1, { entries: [set("theme", "dark", 5)], revision: 5 });
  assert.equal(await write, 5);
  replica.close();
});

test("the deadline of a write holds for its answer and for the waiting together", async () => {
  const peer = new StorePeer();
  const { ipc, replica } = await opened(peer, { revision: 0 });
  peer.answers.set("ipc.store.set", () => SILENCE);
  const timeout = 200;
  const write = replica.set(Count, 1, { timeout }).result();
  const { id } = await peer.get("ipc.store.set");
  await after(timeout * 0.75);
  peer.say({ id, result: 9 });
  // Both are timers: that which is due first ends first, however slow the machine is.
  const another = after(timeout * 0.75).then(() => "later");
  const first = await Promise.race([write, another]);
  assert.ok(typeof first === "object" && !first.ok, String(first));
  assert.equal(first.error.kind, "deadline");
  await another;
  await ipc.close();
});

test("a refusal that this side doesn't know is the method's own error, whatever its data", async () => {
  const peer = new StorePeer();
  const { ipc, replica } = await opened(peer, { revision: 0 });
  for (const data of ["ReadOnly", null, 5, { Frozen: {} }, { Conflict: null }]) {
    peer.answers.set("ipc.store.set", () => {
      throw new Refusal(1, "refused", data);
    });
    const { error } = (await replica.set(Theme, "x").result()) as { error: MethodError<unknown> };
    assert.equal(error.kind, "method");
    assert.deepEqual(error.data, data);
  }
  await ipc.close();
});

test("a store that isn't served any more ends its replicas", async () => {
  const peer = new StorePeer();
  const { ipc, replica } = await opened(peer, { entries: [set("count", 1, 1)] });
  const { id } = await peer.get(WATCH, 1);
  peer.say({ method: WATCH, params: { subscription: id, done: true } });
  assert.match((await replica.closed).message, /not served any more/);
  await assert.rejects(replica.set(Count, 2), { kind: "notConnected", message: /the replica has ended/ });
  assert.equal(replica.get(Count), 1);
  await ipc.close();
});

test("what is no look ends the replica with an error of the protocol", async () => {
  const peer = new StorePeer();
  const ipc = await connect(peer, { heartbeat: null });
  const opening = store(ipc);
  const { id } = await peer.get(WATCH, 1);
  peer.say({ method: WATCH, params: { subscription: id, result: { epoch: 1, reset: true, restart: false, revision: 1, complete: true, entries: [{ moved: {} }] } } });
  await assert.rejects(opening, { kind: "protocol", method: WATCH });
  await ipc.close();
});

/** A client that has one connection after another, as one that reconnects does. */
class Reconnecting {
  readonly state = new Cell<State>({ status: "connecting" });
  #current: Client<WireMethods> | undefined;

  client(_def: Interface<WireMethods>): Client<WireMethods> {
    const call = (name: "set" | "watch") => (...args: never[]) => {
      if (!this.#current) return Promise.reject(new IpcError("notConnected", "away"));
      return (this.#current[name] as (...args: never[]) => unknown)(...args);
    };
    return { set: call("set"), watch: call("watch") } as unknown as Client<WireMethods>;
  }

  async connected(peer: StorePeer): Promise<void> {
    this.#current = await (await connect(peer, { heartbeat: null })).open(Wire);
    this.resumed();
  }

  resumed(): void {
    this.#set({ status: "connected", backend: { exposes: [] } } as unknown as State);
  }

  away(): void {
    this.#current = undefined;
    this.#set({ status: "connecting" });
  }

  get listeners(): number {
    return this.state.set(this.state.get()).length;
  }

  #set(state: State): void {
    for (const listener of this.state.set(state)) listener();
  }
}

test("a look that is larger than may be ends the replica, and what a newer part replaces doesn't count", async () => {
  const peer = new StorePeer();
  const ipc = await connect(peer, { heartbeat: null });
  const replica = new Replica(ipc, "shared", undefined, 10_000);
  const list = (n: number): unknown => ({ list: Array.from({ length: n }, () => null) });
  await peer.look(1, { reset: true, entries: [set("theme", "x".repeat(9_000), 1)] });
  await replica.opened;
  for (const complete of [false, false, true]) await peer.look(1, { entries: [set("theme", "x".repeat(9_000), 2)], complete });
  await peer.look(1, { entries: [set("theme", "x".repeat(9_000), 3)], complete: false });
  await peer.look(1, { entries: [set("count", list(500), 3)], restart: true, revision: 3 });
  await until(replica, () => replica.revision === 3);
  assert.ok(!replica.isClosed);
  // Small values are counted as they are in memory.
  await peer.look(1, { entries: [set("count", list(300), 4)], complete: false });
  await peer.look(1, { entries: [set("more", list(300), 5)], complete: false });
  const { kind, method } = await replica.closed;
  assert.deepEqual([kind, method], ["tooLarge", WATCH]);
  assert.equal(replica.revision, 3);
  await peer.get("rpc.unsubscribe");
  await ipc.close();
});

test("a replica goes on with the next connection, and its watches hear of what is different", async () => {
  const client = new Reconnecting();
  const first = new StorePeer();
  await client.connected(first);
  const opening = Replica.open(client as unknown as Ipc, "shared");
  await first.look(1, { reset: true, entries: [set("theme", "dark", 1), set("count", 1, 2)], revision: 2 });
  const replica = await opening;
  const heard = changesOf(replica);
  const watch = replica.watch(Count);
  await watch.next();
  const next = watch.next();
  client.away();
  first.end();
  await assert.rejects(replica.set(Count, 5), { kind: "notConnected" });
  assert.equal(replica.get(Theme), "dark");

  // The same store.
  const second = new StorePeer();
  second.answers.set("ipc.store.set", () => 2);
  await client.connected(second);
  assert.deepEqual((await second.get(WATCH)).params, ["shared", { epoch: 41, revision: 2 }]);
  // The revision is here, but not yet from this connection.
  let isSeen = false;
  const write = replica.set(Count, 1).then(() => (isSeen = true));
  await second.get("ipc.store.set");
  await after(0);
  assert.ok(!isSeen);
  await second.look(1, { revision: 2 });
  await write;
  assert.deepEqual(heard, []);

  // Another one, which has less: a write to the one before never comes.
  second.answers.set("ipc.store.set", () => 9);
  const lost = replica.set(Count, 9);
  await second.get("ipc.store.set", 2);
  await after(0);
  client.away();
  second.end();
  const third = new StorePeer();
  await client.connected(third);
  await third.look(1, { reset: true, epoch: 7, entries: [set("count", 3, 1)], revision: 1 });
  await assert.rejects(lost, { kind: "disconnected", mayHaveRun: true, message: /another store/ });
  assert.deepEqual(await next, { value: 3, done: false });
  assert.deepEqual(heard, [["count", 1, false], ["theme", 1, true]]);
  assert.equal(replica.get(Theme), undefined);

  // A subscription that goes on by itself is opened anew all the same: something may be missing.
  client.resumed();
  assert.deepEqual((await third.get(WATCH, 2)).params, ["shared", { epoch: 7, revision: 1 }]);
  assert.equal((await third.get("rpc.unsubscribe")).params[0], (await third.get(WATCH, 1)).id);
  replica.close();
  assert.equal(client.listeners, 0);
});

test("a replica whose backend is closing waits for the next connection, and asks nothing before", async () => {
  for (const code of [-32005, undefined]) {
    const client = new Reconnecting();
    const first = new StorePeer();
    await client.connected(first);
    const opening = Replica.open(client as unknown as Ipc, "shared");
    await first.look(1, { reset: true, entries: [set("count", 1, 1)] });
    const replica = await opening;
    const { id } = await first.get(WATCH, 1);
    const refused = { code: -32005, message: "the backend is closing" };
    if (code) first.say({ method: WATCH, params: { subscription: id, error: refused } });
    else {
      // After a gap it asks once more: that is refused too.
      first.answers.set(WATCH, () => {
        throw new Refusal(refused.code, refused.message);
      });
      first.say({ method: WATCH, params: { subscription: id, gap: true } });
      await first.get(WATCH, 2);
    }
    await after(5);
    assert.equal(first.of(WATCH).length, code ? 1 : 2);
    assert.ok(!replica.isClosed);
    const second = new StorePeer();
    client.away();
    await client.connected(second);
    await second.look(1, { entries: [set("count", 2, 2)], revision: 2 });
    await until(replica, () => replica.get(Count) === 2);
    replica.close();
    assert.equal(client.listeners, 0);
  }
});
