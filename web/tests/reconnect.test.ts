// A backend that goes and comes back, as the Rust frontend's tests have it.
import assert from "node:assert/strict";
import { before, describe, test } from "node:test";
import { connect, connectLazily, exposed, reconnect, stdio, type Codec, type Dial, type IpcError, type VersionMismatch } from "ipc-runtime/node";
import { json } from "#dist/codec.js";
import { build, program } from "./support/backend.js";
import { Survivor, type SurvivorMethods } from "./support/survivor.js";
import { WAYS, reached, soon, states, until, World, type Trial } from "./support/world.js";

before(() => build());

const token = "0123456789abcdef0123456789abcdef";

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

each("a client works again when its backend is back", async (world) => {
  const { ipc, survivor } = await world.client();
  const told = states(ipc);
  assert.equal(await survivor.which(), 1);
  // The first one: attempts that fail have other causes.
  const lost = reached(ipc, "reconnecting");
  await world.goes();
  const { since, nextAt, cause } = await lost;
  assert.equal(cause.kind, "disconnected");
  assert.ok(since <= Date.now() && nextAt >= since);
  await world.comes();
  const { resumed, backend } = await reached(ipc, "connected");
  assert.equal(resumed, false);
  assert.ok(backend.exposes.some(({ channel }) => channel === Survivor.channel));
  assert.equal(await survivor.which(), 2);
  assert.equal(told[0], "reconnecting 1");
  assert.deepEqual(told.slice(1, -1), told.slice(1, -1).map((_, n) => `reconnecting ${n + 2}`));
  assert.equal(told.at(-1), "connected anew");
});

each("calls fail while the backend is away", async (world) => {
  const { ipc, survivor } = await world.client();
  await world.goes();
  await reached(ipc, "reconnecting");
  await assert.rejects(survivor.which(), { kind: "notConnected", mayHaveRun: false, method: "test.survivor.which" });
  await assert.rejects(ipc.call("add", [1, 2]), { kind: "notConnected" });
  await assert.rejects(ipc.open(Survivor), { kind: "notConnected" });
  assert.throws(() => ipc.notify("theme", ["dark"]), { kind: "notConnected" });
  await world.comes();
  await reached(ipc, "connected");
  assert.equal(await ipc.call("add", [1, 2]), 3);
});

each("calls wait while the backend is away where that is asked for", async (world) => {
  const { ipc, survivor } = await world.client(soon({ whileAway: "wait" }));
  await world.goes();
  await reached(ipc, "reconnecting");
  const order: string[] = [];
  const calls = [survivor.which(), ipc.call<number>("add", [1, 2]), survivor.which({ timeout: null })].map((call, n) => call.then((value) => (order.push(`${n}: ${value}`), value)));
  await assert.rejects(survivor.which({ timeout: 20 }), { kind: "deadline", mayHaveRun: false });
  const stop = new AbortController();
  const given = survivor.which({ signal: stop.signal });
  stop.abort();
  await assert.rejects(given, { kind: "cancelled" });
  await world.comes();
  assert.deepEqual(await Promise.all(calls), [2, 3, 2]);
  assert.equal((await ipc.open(Survivor)) !== undefined, true);
});

each("too many that wait fail", async (world) => {
  const { ipc, survivor } = await world.client(soon({ whileAway: "wait", maxWaiting: 2 }));
  await world.goes();
  await reached(ipc, "reconnecting");
  const stop = new AbortController();
  const [first, second] = [survivor.which(), survivor.which({ signal: stop.signal })];
  await assert.rejects(survivor.which(), { kind: "notConnected", message: /2 calls wait already/ });
  // Who is given up takes no place.
  stop.abort();
  await assert.rejects(second, { kind: "cancelled" });
  const third = survivor.which();
  await world.comes();
  assert.deepEqual(await Promise.all([first, third]), [2, 2]);
});

each("what was in flight fails and only idempotent methods run again", async (world) => {
  const { ipc, survivor } = await world.client();
  const once = assert.rejects(survivor.wait(), { kind: "disconnected", mayHaveRun: true, method: "test.survivor.wait" });
  const again = survivor.waitAgain();
  await until(() => survivor.begun(), (begun) => begun === 2);
  await world.goes();
  await once;
  await world.comes();
  await reached(ipc, "connected");
  await until(() => survivor.begun(), (begun) => begun === 1);
  await survivor.letGo(1);
  assert.equal(await again, 2);
});

each("an idempotent call that is given up says that it may have run", async (world) => {
  const { ipc, survivor } = await world.client();
  const stop = new AbortController();
  const [late, given] = [survivor.waitAgain({ timeout: 300 }), survivor.waitAgain({ signal: stop.signal })];
  await until(() => survivor.begun(), (begun) => begun === 2);
  await world.goes();
  await reached(ipc, "reconnecting");
  stop.abort();
  await assert.rejects(given, { kind: "cancelled", mayHaveRun: true });
  await assert.rejects(late, { kind: "deadline", mayHaveRun: true });
});

each("a retried call that has no other connection says that it may have run before", async (world) => {
  const { ipc, survivor } = await world.client();
  const calls = [survivor.waitAgain(), survivor.waitAgain()].map((call) => assert.rejects(call, { kind: "notConnected", mayHaveRun: true }));
  await until(() => survivor.begun(), (begun) => begun === 2);
  await world.goes();
  await reached(ipc, "reconnecting");
  await ipc.close();
  await Promise.all(calls);
});

each("a backend that comes back in another version is told and not tried again", async (world) => {
  const mismatches: VersionMismatch[] = [];
  const { ipc, survivor } = await world.client(soon({ whileAway: "wait" }), { onVersionMismatch: (mismatch) => mismatches.push(mismatch) });
  await world.goes();
  await reached(ipc, "reconnecting");
  const refused = assert.rejects(survivor.which(), { kind: "versionMismatch" });
  await world.comes("--version", "2");
  const { reason } = await reached(ipc, "closed");
  assert.equal(reason.kind, "versionMismatch");
  assert.equal(mismatches.length, 1);
  assert.equal(mismatches[0]?.newer, "backend");
  await refused;
  await assert.rejects(survivor.which(), { kind: "versionMismatch" });
});

each("an interface that never fitted ends nothing when the backend is back", async (world) => {
  const { ipc } = await world.client();
  const other = ipc.client<SurvivorMethods>({ ...Survivor, version: "9.0.0" });
  await assert.rejects(other.which(), { kind: "versionMismatch" });
  await world.goes();
  await world.comes();
  await reached(ipc, "connected");
  await assert.rejects(other.which(), { kind: "versionMismatch" });
  assert.equal(ipc.state.get().status, "connected");
});

each("who is sent away does not come back", async (world) => {
  const { ipc, survivor } = await world.client();
  const told = states(ipc);
  await survivor.sendAway().catch(() => {});
  const { reason } = await reached(ipc, "closed");
  assert.equal(reason.kind, "closing");
  assert.deepEqual(told, ["closed"]);
  await assert.rejects(survivor.which(), { kind: "notConnected" });
});

each("who was closed does not come back", async (world) => {
  const { ipc, survivor } = await world.client(soon({ whileAway: "wait", firstDelay: 60_000, maxDelay: 60_000 }));
  await world.goes();
  await reached(ipc, "reconnecting");
  const refused = assert.rejects(survivor.which(), { kind: "notConnected", mayHaveRun: false });
  const before = process.getActiveResourcesInfo().filter((kind) => kind === "Timeout").length;
  await ipc.close();
  await refused;
  const { reason } = await reached(ipc, "closed");
  assert.equal(reason.kind, "notConnected");
  // The pause, and the deadline of the call.
  assert.equal(process.getActiveResourcesInfo().filter((kind) => kind === "Timeout").length, before - 2);
  ipc.retryNow();
  assert.equal(ipc.state.get().status, "closed");
});

each("attempts may be limited", async (world) => {
  const { ipc } = await world.client(soon({ maxAttempts: 3 }));
  const told = states(ipc);
  await world.goes();
  const { reason } = await reached(ipc, "closed");
  assert.equal(reason.kind, "disconnected", "why it lost its connection");
  assert.deepEqual(told, ["reconnecting 1", "reconnecting 2", "reconnecting 3", "closed"]);
});

each("a backend may come after its client", async (world) => {
  await world.goes();
  const ipc = connectLazily(world.endpoint, { ...world.options, reconnect: reconnect(soon({ whileAway: "wait" })) });
  try {
    const survivor = ipc.client(Survivor);
    const early = survivor.which();
    const { attempt, cause } = await reached(ipc, "reconnecting");
    assert.equal(attempt, 2);
    assert.equal(cause.kind, "notConnected");
    await world.comes();
    assert.equal(await early, 2);
    await assert.rejects(connect("unix:/nobody/there", { reconnect: reconnect(soon()) }), { kind: "notConnected" });
  } finally {
    await ipc.close();
  }
});

each("handlers of the client serve the backend that came back", async (world) => {
  const { Window } = await import("./support/everything.js");
  const { handler } = await import("ipc-runtime/node");
  const pane = { show: (text: string) => text.length, async *ticks() {}, sum: () => 0 };
  const { ipc } = await world.client(soon(), { serve: [handler(Window, pane), exposed("title", () => "x")] });
  assert.equal(await ipc.call("test.everything.show", ["abc"]), 3);
  await world.goes();
  await world.comes();
  await reached(ipc, "connected");
  assert.equal(await ipc.call("test.everything.show", ["abcd"]), 4);
});

each("without reconnect the end is the end", async (world) => {
  const ipc = await connect(world.endpoint);
  const survivor = await ipc.open(Survivor);
  const again = assert.rejects(survivor.waitAgain(), { kind: "disconnected", mayHaveRun: true });
  await until(() => survivor.begun(), (begun) => begun === 1);
  await world.goes();
  await again;
  const { reason } = await reached(ipc, "closed");
  assert.equal(reason.kind, "disconnected");
  await world.comes();
  ipc.retryNow();
  await assert.rejects(survivor.which(), { kind: "notConnected" });
});

each("a backend that dies of each connection is given up like one that is not there", async (world) => {
  const cable = await world.cable();
  // A connection that lasts less than the longest pause is a failed attempt.
  const { ipc } = await world.client({ firstDelay: 1, maxDelay: 60_000, maxAttempts: 3 }, {}, cable.endpoint);
  const told = states(ipc);
  ipc.state.subscribe(() => {
    if (ipc.state.get().status === "connected") cable.cut();
    ipc.retryNow();
  });
  cable.cut();
  await reached(ipc, "closed");
  assert.deepEqual(told.filter((state) => state.startsWith("reconnecting")), ["reconnecting 1", "reconnecting 2", "reconnecting 3"]);
});

each("calls wait for the backend after one that stops", async (world) => {
  const codec = world.options.encoding ?? json;
  let isAnnounced = false;
  const decode: Codec["decode"] = (message) => {
    const parsed = codec.decode(message);
    isAnnounced ||= (parsed.value as { method?: string }).method === "rpc.closing";
    return parsed;
  };
  const { ipc, survivor } = await world.client(soon({ whileAway: "wait" }), { encoding: { ...codec, decode } });
  const running = assert.rejects(survivor.wait(), { kind: "disconnected", mayHaveRun: true });
  const other = await world.client();
  const its = assert.rejects(other.survivor.wait(), { kind: "disconnected", mayHaveRun: true });
  await until(() => survivor.begun(), (begun) => begun === 2);
  await survivor.stop();
  // The end is announced: what is called from then on waits, or fails where calls don't wait.
  await assert.rejects(until(() => other.survivor.which(), () => false), { kind: "closing", mayHaveRun: false });
  await until(() => isAnnounced, (is) => is);
  const waiting = survivor.which();
  assert.equal(ipc.state.get().status, "connected");
  await world.goes();
  await Promise.all([running, its]);
  await world.comes();
  assert.equal(await waiting, 2);
});

each("whoever asks for it needn't wait for the next attempt", async (world) => {
  const { ipc, survivor } = await world.client({ firstDelay: 3_600_000, maxDelay: 3_600_000 });
  await world.goes();
  const { nextAt } = await reached(ipc, "reconnecting");
  assert.ok(nextAt > Date.now());
  const { retryNow } = ipc;
  retryNow();
  await reached(ipc, "reconnecting", ({ attempt }) => attempt === 2);
  await world.comes();
  retryNow();
  // That one is being made.
  retryNow();
  await reached(ipc, "connected");
  retryNow();
  assert.equal(await survivor.which(), 2);
});

each("the token is asked for each connection, and ends the session if it is refused", async (world) => {
  let asked = 0;
  let shown: () => string = () => token;
  const { ipc } = await world.client(soon(), { token: () => (asked++, shown()) });
  assert.equal(asked, 1);
  await world.goes();
  await reached(ipc, "reconnecting");
  // That the app has none for now is no refusal.
  shown = () => {
    throw new Error("the keychain is locked");
  };
  await world.comes();
  const { cause } = await reached(ipc, "reconnecting", ({ cause }) => cause.kind === "unauthorized");
  assert.match(cause.message, /the keychain is locked/);
  shown = () => token;
  await reached(ipc, "connected");
  assert.ok(asked > 2);
  await world.goes();
  await reached(ipc, "reconnecting");
  shown = () => "another";
  await world.comes();
  const { reason } = await reached(ipc, "closed");
  assert.equal(reason.kind, "unauthorized");
}, "--token", token);

test("the pauses are random, below a bound that doubles", async (t) => {
  const nobody: Dial = {
    endpoint: "test:nobody",
    dial: () => Promise.reject(new Error("nobody is there")),
  };
  // So `nextAt` is the pause alone.
  t.mock.method(Date, "now", () => 0);
  for (const random of [0, 0.5, 0.999]) {
    t.mock.method(Math, "random", () => random);
    const ipc = connectLazily(nobody, { reconnect: reconnect({ firstDelay: 4, maxDelay: 30, maxAttempts: 7 }) });
    ipc.call("anything").catch(() => {});
    const pauses: number[] = [];
    ipc.state.subscribe(() => {
      const state = ipc.state.get();
      if (state.status === "reconnecting") pauses.push(state.nextAt);
    });
    const { reason } = await reached(ipc, "closed");
    assert.match(reason.message, /nobody is there/);
    assert.deepEqual(pauses, [8, 16, 30, 30, 30, 30].map((bound) => bound * random));
  }
});

test("a backend on standard input and output is started anew", async () => {
  const ipc = await connect(stdio(program, ["--which", "7", "stdio:"]), { reconnect: reconnect(soon()) });
  const survivor = await ipc.open(Survivor);
  await survivor.mark(1);
  assert.deepEqual(await survivor.marked(), [1]);
  const told = states(ipc);
  await survivor.stop();
  await reached(ipc, "reconnecting");
  await reached(ipc, "connected");
  assert.equal(told.at(-1), "connected anew");
  assert.deepEqual(await survivor.marked(), []);
  await ipc.close();
});

test("options that are no sensible numbers are refused", () => {
  for (const options of [{ firstDelay: -1 }, { maxDelay: NaN }, { maxAttempts: 0 }, { maxWaiting: -1 }, { whileAway: "never" as "wait" }]) {
    assert.throws(() => reconnect(options), (error: IpcError) => error.kind === "invalidArguments" && error.message.includes(Object.keys(options)[0] as string));
  }
  reconnect({ firstDelay: 0, maxDelay: 0, maxAttempts: null, maxWaiting: 0, whileAway: "fail" });
});
