// Calls that wait until there is room among those in flight.
import assert from "node:assert/strict";
import { test } from "node:test";
import { exposed, type CallContext, type Ipc, type IpcError } from "ipc-runtime";
import { connect } from "./support/connect.js";
import { Docs } from "./support/docs.js";
import { Peer, SILENCE } from "./support/peer.js";

/** A peer with two places, which answers when it is told to. */
async function busy() {
  const peer = new Peer();
  peer.hello = { ...peer.hello, limits: { maxMessageBytes: 1_000_000, maxInFlight: 2 } };
  const ids: number[] = [];
  peer.answers.set("slow", (_params, { id }) => (ids.push(id), SILENCE));
  const ipc = await connect(peer, { callTimeout: null });
  const release = (): void => {
    for (const id of ids.splice(0)) peer.say({ id, result: id });
  };
  return { peer, ipc, release };
}

const kinds = (call: Promise<unknown>): Promise<unknown> => call.catch((error: IpcError) => error.kind);
const calls = (ipc: Ipc, count: number): Promise<unknown>[] => Array.from({ length: count }, () => kinds(ipc.call("slow")));

test("tens of thousands of calls are sent in their order, at once when there is room", { timeout: 15_000 }, async () => {
  const peer = new Peer();
  let last = -1;
  peer.answers.set("next", ([n]) => {
    assert.equal(n, ++last);
    return n;
  });
  const ipc = await connect(peer, { callTimeout: null });
  const all = Array.from({ length: 40_000 }, (_, n) => ipc.call("next", [n]));
  assert.equal((await Promise.all(all)).length, 40_000);
});

test("calls that are given up while they wait take no place, and those behind them come", async () => {
  const { peer, ipc, release } = await busy();
  const first = calls(ipc, 2);
  // A signal of their own each: Node looks through all listeners of one.
  const stops = Array.from({ length: 65_536 }, () => new AbortController());
  const given = stops.map(({ signal }) => kinds(ipc.call("slow", [], { signal })));
  assert.deepEqual(await Promise.all(calls(ipc, 1)), ["limit"]);
  for (const stop of stops) stop.abort(null);
  assert.ok((await Promise.all(given)).every((kind) => kind === "cancelled"));
  const behind = calls(ipc, 2);
  await peer.get("slow", 2);
  release();
  await Promise.all(first);
  await peer.get("slow", 4);
  release();
  await Promise.all(behind);
  assert.equal(peer.of("slow").length, 4, "what was given up isn't sent");
});

test("the sources of calls that wait are ended with them", async () => {
  const { peer, ipc, release } = await busy();
  const docs = await ipc.open(Docs);
  const first = calls(ipc, 2);
  const stop = new AbortController();
  const store = (signal?: AbortSignal): [ended: Promise<unknown>, result: Promise<unknown>] => {
    let cancel: (reason: unknown) => void;
    const ended = new Promise((resolve) => (cancel = resolve));
    return [ended, kinds(docs.store("name", new ReadableStream({ cancel: (reason) => cancel(reason) }), { signal }))];
  };
  const [byItself, byTheEnd] = [store(stop.signal), store()];
  stop.abort();
  assert.equal(await byItself[1], "cancelled");
  await byItself[0];
  peer.end();
  assert.equal(await byTheEnd[1], "disconnected");
  await byTheEnd[0];
  release();
  await Promise.all(first);
});

test("a nested call is sent before those that aren't", async () => {
  const { peer, ipc, release } = await busy();
  ipc.serve(exposed("nested", (call: CallContext) => call.peer.call("slow", ["nested"])));
  const outer = calls(ipc, 4);
  // One more place is for calls of this depth.
  for (const id of ["a", "b"]) peer.say({ id, method: "nested" });
  await peer.get("slow", 3);
  release();
  await peer.get("slow", 5);
  release();
  await peer.get("slow", 6);
  assert.deepEqual(peer.of("slow").map(({ params }) => params?.[0]), [undefined, undefined, "nested", "nested", undefined, undefined]);
  release();
  await Promise.all(outer);
});
