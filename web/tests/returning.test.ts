// Sessions at their edges, with a peer that a test plays.
import assert from "node:assert/strict";
import { test } from "node:test";
import { connect, connectLazily, IpcError, listener, reconnect, type Dial, type ReconnectOptions } from "ipc-runtime";
import { Cell } from "#dist/source.js";
import { CHANGED, choosing } from "./support/choosing.js";
import { Docs } from "./support/docs.js";
import { Peer, Refusal, SILENCE } from "./support/peer.js";
import { reached } from "./support/world.js";

const soon = (more: ReconnectOptions = {}) => reconnect({ firstDelay: 1, maxDelay: 8, ...more });
const failed = (call: Promise<unknown>): Promise<IpcError> => call.then(() => assert.fail("it didn't fail"), (error: IpcError) => error);

/** A peer that takes subscriptions. */
function subscribable(): Peer {
  const peer = new Peer();
  peer.answers.set(CHANGED, (_params, { ipc }) => ipc.subscription);
  return peer;
}

test("a client that is closed while its handshake is answered stays closed", async () => {
  for (let turns = 0; turns < 12; turns++) {
    const peer = new Peer();
    peer.answers.set("rpc.handshake", () => SILENCE);
    const close = async (): Promise<void> => {
      for (let turn = 0; turn < turns; turn++) await undefined;
      await ipc.close();
    };
    const ipc = connectLazily(peer, { serve: [listener("close", close)], reconnect: soon() });
    const states: string[] = [];
    ipc.state.subscribe(() => states.push(ipc.state.get().status));
    const call = ipc.call("x").catch(() => {});
    const { id } = await peer.get("rpc.handshake");
    peer.say({ id, result: { protocol: 1, uses: [], exposes: [], ...peer.hello } });
    peer.say({ method: "close", params: [] });
    await reached(ipc, "closed");
    await ipc.close();
    await call;
    assert.equal(states.at(-1), "closed", states.join());
    assert.equal(peer.isClosed, true);
    assert.equal(peer.dials, 1);
  }
});

test("closing twice waits for the end twice", async () => {
  const peer = new Peer();
  const ipc = await connect(peer);
  const ends: boolean[] = [];
  await Promise.all([ipc.close().then(() => ends.push(peer.isClosed)), ipc.close().then(() => ends.push(peer.isClosed))]);
  assert.deepEqual(ends, [true, true]);
});

test("a dial that fails by nothing is a failed attempt", async () => {
  const dial: Dial = { endpoint: "test:nothing", dial: () => Promise.reject(undefined) };
  await assert.rejects(connect(dial), { kind: "notConnected", message: /test:nothing/ });
  const ipc = connectLazily(dial, { reconnect: soon({ maxAttempts: 3, whileAway: "wait" }) });
  await assert.rejects(ipc.call("x", [], { timeout: null }), { kind: "notConnected" });
});

test("each call has its own error when versions don't fit any more", async () => {
  const peer = subscribable();
  const ipc = await connect(peer, { reconnect: soon({ whileAway: "wait" }) });
  const docs = await ipc.open(Docs);
  const changes = await docs.changed(".");
  const next = failed(changes.next());
  peer.use = ({ channel }) => ({ channel, error: { code: -32003, message: "no", data: { channel, version: "9.0.0", fingerprint: "2:0" } } });
  peer.end();
  await reached(ipc, "reconnecting");
  const waited = failed(docs.ping());
  const [subscription, call] = [await next, await waited];
  assert.deepEqual([subscription.kind, subscription.method, subscription.mayHaveRun], ["versionMismatch", CHANGED, true]);
  assert.deepEqual([call.kind, call.method, call.mayHaveRun], ["versionMismatch", "demo.docs.ping", false]);
  const { reason } = await reached(ipc, "closed");
  assert.equal(reason.mayHaveRun, false);
});

test("a loop whose connection ends fails with disconnected, however it ends", async () => {
  for (const end of ["cut", "stop"] as const) {
    for (const more of [{}, { reconnect: soon({ maxAttempts: 1 }) }]) {
      const peer = subscribable();
      const ipc = await connect(peer, more);
      const changes = await ipc.client(Docs).changed(".");
      const next = failed(changes.next());
      if (end === "stop") {
        const { ipc: asked } = await peer.get(CHANGED);
        peer.say({ method: "rpc.closing", params: { reason: "it stops", restart: true, final: false } });
        peer.say({ method: CHANGED, params: { subscription: asked.subscription, error: { code: -32005, message: "it stops" } } });
      }
      peer.dial = () => Promise.reject(new IpcError("notConnected", "it is gone"));
      peer.end();
      const { kind, mayHaveRun, method } = await next;
      assert.deepEqual([kind, mayHaveRun, method], ["disconnected", true, CHANGED]);
      await ipc.close();
    }
  }
});

test("a subscription that nobody reads any more isn't opened again", async () => {
  const peer = subscribable();
  const ipc = await connect(peer, { reconnect: soon() });
  const docs = await ipc.open(Docs);
  const stop = new AbortController();
  const changes = await docs.changed(".", { signal: stop.signal });
  const next = failed(changes.next());
  peer.answers.set(CHANGED, () => {
    throw new Refusal(-32005, "it stops");
  });
  peer.end();
  await peer.get(CHANGED, 2);
  stop.abort();
  assert.equal((await next).kind, "cancelled");
  peer.answers.set(CHANGED, (_params, { ipc }) => ipc.subscription);
  peer.end();
  await reached(ipc, "reconnecting");
  await reached(ipc, "connected");
  peer.answers.set("demo.docs.ping", () => 1);
  assert.equal(await docs.ping(), 1);
  assert.equal(peer.of(CHANGED).length, 2);
});

test("an interface that is registered later is found", async () => {
  const { peer, ipc } = await choosing();
  const { use } = peer;
  const other: typeof Docs = { ...Docs, channel: "demo.later" };
  peer.use = ({ channel }) => ({ channel, error: { code: -32601, message: "no such channel" } });
  const later = ipc.client(other);
  const error = await failed(later.ping());
  assert.deepEqual([error.kind, error.method], ["notFound", "demo.later.ping"]);
  peer.use = use;
  peer.answers.set("demo.later.ping", () => 1);
  assert.equal(await later.ping(), 1);
});

test("a call whose interface is asked for when the backend stops waits for the next connection", async () => {
  const peer = new Peer();
  const ipc = await connect(peer, { reconnect: soon({ whileAway: "wait" }) });
  peer.answers.set("demo.docs.ping", () => 1);
  const shake = peer.answers.get("rpc.handshake");
  assert.ok(shake);
  peer.answers.set("rpc.handshake", () => {
    throw new Refusal(-32005, "it stops");
  });
  const call = ipc.client(Docs).ping();
  await peer.get("rpc.handshake", 2);
  peer.answers.set("rpc.handshake", shake);
  peer.end();
  assert.equal(await call, 1);
});

test("a subscription is ended at a backend that finishes what runs", async () => {
  const { peer, docs } = await choosing();
  const changes = await docs.changed(".");
  peer.say({ method: "rpc.closing", params: { reason: "it stops", restart: true, final: false } });
  changes.close();
  await peer.get("rpc.unsubscribe");
});

test("a listener that is gone isn't called, though it was there when the value changed", () => {
  const cell = new Cell(1);
  const heard: string[] = [];
  cell.subscribe(() => {
    heard.push("first");
    leave();
  });
  const leave = cell.subscribe(() => heard.push("second"));
  cell.set(2).forEach((listener) => listener());
  assert.deepEqual(heard, ["first"]);
});
