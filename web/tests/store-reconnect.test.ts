// A replica of the store, of a client that comes back.
import assert from "node:assert/strict";
import { before, describe, test } from "node:test";
import { connect } from "ipc-runtime/node";
import { cell, store } from "ipc-runtime/store";
import { build } from "./support/backend.js";
import { Count, Theme } from "./support/settings.js";
import { WAYS, reached, soon, states, until, World, type Trial } from "./support/world.js";

before(() => build());

function each(name: string, trial: Trial): void {
  describe(name, () => {
    for (const way of WAYS) {
      test(`over ${way}`, async () => {
        await using world = await World.of(way);
        await trial(world);
      });
    }
  });
}

each("a replica that was cut off catches up, and writes go on", async (world) => {
  const cable = await world.cable();
  const { ipc } = await world.client(undefined, {}, cable.endpoint);
  const replica = await store(ipc);
  await using other = await connect(world.endpoint);
  const writer = await store(other);
  await replica.set(Theme, "light");
  await replica.set(Count, 1);
  using watch = replica.watch(Theme);
  assert.equal((await watch.next()).value, "light");
  const heard: string[] = [];
  replica.changes().on(({ key }) => heard.push(key));
  const told = states(ipc);
  cable.isOut = true;
  cable.cut();
  await reached(ipc, "reconnecting");
  assert.equal(replica.get(Theme), "light", "what was there can be read meanwhile");
  await writer.set(Theme, "dark");
  await writer.remove(Count);
  cable.isOut = false;
  assert.equal((await watch.next()).value, "dark");
  await until(() => replica.get(Count), (count) => count === undefined);
  assert.deepEqual(heard.sort(), ["count", "theme"], "each change is told once");
  assert.equal(told.at(-1), "connected again");
  await replica.set(Count, 2);
  await until(() => writer.get(Count), (count) => count === 2);
});

each("a replica follows the store of a backend that was started anew", async (world) => {
  const { ipc } = await world.client();
  const replica = await store(ipc);
  await replica.set(Theme, "dark");
  using watch = replica.watch(Theme);
  assert.equal((await watch.next()).value, "dark");
  await world.goes();
  await world.comes();
  assert.equal((await watch.next()).value, undefined, "the new store is empty");
  await replica.set(Theme, "light");
  assert.equal((await watch.next()).value, "light");
  assert.equal((await replica.set(Count, 3), replica.get(Count)), 3);
});

each("a replica and cells follow the store over a backend that stops gracefully", async (world) => {
  const { ipc, survivor } = await world.client();
  const replica = await store(ipc);
  const theme = cell(ipc, Theme, { onError: (error) => assert.fail(error) });
  const heard: (string | undefined)[] = [];
  const leave = theme.subscribe(() => heard.push(theme.get()));
  await replica.set(Theme, "dark");
  await until(theme.get, (value) => value === "dark");
  using watch = replica.watch(Theme);
  assert.equal((await watch.next()).value, "dark");
  const next = watch.next();
  await survivor.stop();
  await reached(ipc, "reconnecting");
  assert.ok(!replica.isClosed);
  assert.equal(replica.get(Theme), "dark", "what was there can be read meanwhile");
  await world.backend[Symbol.asyncDispose]();
  await world.comes();
  assert.deepEqual(await next, { value: undefined, done: false }, "the new store is empty");
  await until(theme.get, (value) => value === undefined);
  await theme.set("light");
  assert.equal(theme.get(), "light");
  await until(() => replica.get(Theme), (value) => value === "light");
  assert.equal(heard.at(-1), "light");
  assert.ok(!replica.isClosed);
  leave();
});

each("a cell's write ends while the client is away, as other calls do", async (world) => {
  const [fails, waits] = [await world.client(), await world.client(soon({ whileAway: "wait" }))];
  for (const { ipc } of [fails, waits]) await cell(ipc, Theme).set("dark");
  await world.goes();
  for (const { ipc } of [fails, waits]) await reached(ipc, "reconnecting");
  await assert.rejects(cell(fails.ipc, Theme).set("light"), { kind: "notConnected" });
  const theme = cell(waits.ipc, Theme);
  await assert.rejects(theme.set("light", { timeout: 30 }), { kind: "deadline" });
  const stop = new AbortController();
  const given = theme.set("light", { signal: stop.signal });
  stop.abort("enough");
  await assert.rejects(given, { kind: "cancelled", cause: "enough" });
  const waiting = theme.set("light");
  await world.comes();
  await waiting;
  assert.equal(theme.get(), "light");
});
