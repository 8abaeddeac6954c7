// Cells of the real backend's store, and the newest item of a subscription.
import assert from "node:assert/strict";
import { before, describe, test } from "node:test";
import { setTimeout as after } from "node:timers/promises";
import { connect, connectLazily, latest, type IpcError, type Source } from "ipc-runtime/node";
import { cell, type StoreCell } from "ipc-runtime/store";
import { build, start } from "./support/backend.js";
import { CHANGED, choosing } from "./support/choosing.js";
import { Served } from "./support/served-store.js";
import { SILENCE } from "./support/peer.js";
import { set, StorePeer, WATCH } from "./support/store-peer.js";
import { Blob, Count, Layout, SettingsApi, Theme } from "./support/settings.js";

before(build);

let sockets = 0;
const carriers: { [name: string]: () => string } = {
  "a local socket": () => `local:web-cell-${process.pid}-${sockets++}`,
  "a WebSocket": () => "ws://127.0.0.1:0",
};

/** Waits until a source shows something: it has a listener meanwhile. */
async function shown<T>(source: Source<T>, so: (value: T) => boolean): Promise<void> {
  let stop = (): void => {};
  await new Promise<void>((resolve) => {
    stop = source.subscribe(() => so(source.get()) && resolve());
    if (so(source.get())) resolve();
  });
  stop();
}

for (const [carrier, endpoint] of Object.entries(carriers)) {
  describe(`over ${carrier}`, () => {
    test("cells show what the backend has, by one replica for all of them", async () => {
      await using site = await Served.at(endpoint());
      await site.rust.both("dark", 7);
      const ipc = await site.client();
      const { get, subscribe, set }: StoreCell<string> = cell(ipc, Theme);
      const count = cell(ipc, Count);
      assert.equal(get(), undefined, "there are no values yet");
      const heard: (string | undefined)[] = [];
      const stops = [subscribe(() => heard.push(get())), count.subscribe(() => {}), cell(ipc, Theme).subscribe(() => {})];
      await shown(count, (value) => value === 7);
      assert.equal(get(), "dark");
      await site.listeners(1);
      await set("light");
      assert.equal(get(), "light", "seen here when `set` is ready");
      await count.set(8);
      assert.deepEqual(heard, ["dark", "light"], "another key's change isn't this one's");
      for (const stop of stops) stop();
      await site.listeners(0);
      assert.equal(get(), "light", "the last one stays");
      const refused = await cell(ipc, { key: "k".repeat(1025) }).set(1).result();
      assert.ok(!refused.ok && refused.error.kind === "method" && "KeyTooLong" in refused.error.data);
      await site.listeners(0);
    });

    test("a value is the same object until its key is written, also after nobody has listened", async () => {
      await using site = await Served.at(endpoint());
      const ipc = await site.client();
      const layout = cell(ipc, Layout);
      const theme = cell(ipc, Theme);
      const value: Layout = { id: 1n, serial: "2", widest: 3n, panes: [{ kind: "empty" }] };
      const stop = layout.subscribe(() => {});
      await layout.set(value);
      const before = layout.get();
      assert.deepEqual(before, value);
      await theme.set("dark");
      assert.equal(layout.get(), before);
      stop();
      await site.listeners(0);
      await site.rust.both("light", 1);
      await shown(theme, (theme) => theme === "light");
      assert.equal(layout.get(), before);
      await layout.set(value);
      assert.notEqual(layout.get(), before);
    });

    test("a listener that goes and comes back in the same turn keeps the replica", async () => {
      await using site = await Served.at(endpoint());
      const ipc = await site.client();
      const theme = cell(ipc, Theme);
      await theme.set("dark");
      await site.listeners(0);
      let stop = theme.subscribe(() => {});
      await site.listeners(1);
      for (let n = 0; n < 3; n++) {
        stop();
        await Promise.resolve();
        stop = theme.subscribe(() => {});
      }
      await after(0);
      assert.equal(await site.rust.listeners(), 1);
      stop();
      stop();
      await site.listeners(0);
    });

    test("own values have cells of their own", async () => {
      await using site = await Served.at(endpoint());
      const ipc = await site.client();
      const [own, shared] = [cell(ipc, Count, { own: true }), cell(ipc, Count)];
      const stops = [own.subscribe(() => {}), shared.subscribe(() => {})];
      await own.set(1);
      await shared.set(2);
      assert.deepEqual([own.get(), shared.get()], [1, 2]);
      await (await ipc.open(SettingsApi)).setOwn(3);
      await shown(own, (value) => value === 3);
      assert.equal(shared.get(), 2);
      for (const stop of stops) stop();
    });

    test("a backend without a store is told, once to each listener, and a lost connection isn't", async () => {
      await using site = await Served.at(endpoint());
      const ipc = await site.client();
      const lost: IpcError[] = [];
      const kept = cell(ipc, Theme, { onError: (error) => lost.push(error) });
      const stop = kept.subscribe(() => {});
      await kept.set("dark");
      await site.rust.withdraw();
      const other = await site.client();
      const error = await new Promise<IpcError>((resolve) => cell(other, Theme, { onError: resolve }).subscribe(() => {}));
      assert.equal(error.kind, "notFound");
      await assert.rejects(cell(other, Theme).set("x"), { kind: "notFound" });
      site.backend.kill();
      await shown(ipc.state, ({ status }) => status === "closed");
      await after(0);
      assert.deepEqual(lost, []);
      assert.equal(kept.get(), "dark");
      await assert.rejects(kept.set("light"), { kind: "notConnected" });
      stop();
    });

    test("a cell writes what its value was when it was asked to", async () => {
      await using site = await Served.at(endpoint());
      const ipc = await site.client();
      const place = cell<{ x: number }>(ipc, { key: "place" });
      const value = { x: 1 };
      const first = place.set(value);
      value.x = 2;
      await first;
      assert.deepEqual(place.get(), { x: 1 });
      place.subscribe(() => {});
      const second = place.set(value);
      value.x = 3;
      await second;
      assert.deepEqual(place.get(), { x: 2 });
    });

    test("a value of another type is an error of `get`", async () => {
      await using site = await Served.at(endpoint());
      await site.rust.put("blob", 5);
      const blob = cell(await site.client(), Blob);
      await new Promise<void>((resolve) => blob.subscribe(resolve));
      assert.throws(blob.get, { kind: "protocol" });
    });
  });
}

test("a cell of a client that isn't connected yet connects with its first listener", async () => {
  const backend = await start("ws://127.0.0.1:0");
  const ipc = connectLazily(backend.endpoints[0] as string);
  const theme = cell(ipc, Theme);
  assert.equal(theme.get(), undefined);
  // Who leaves at once, as a server that renders does, asks nobody.
  theme.subscribe(() => {})();
  await after(0);
  assert.equal(ipc.state.get().status, "connecting");
  let heard = 0;
  const stop = theme.subscribe(() => heard++);
  await shown(ipc.state, ({ status }) => status === "connected");
  await theme.set("dark");
  assert.ok(heard > 0);
  stop();
  await ipc.close();
  await backend[Symbol.asyncDispose]();
});

test("a listener that leaves before the first values takes nothing from the next one", async () => {
  const peer = new StorePeer();
  const ipc = await connect(peer, { heartbeat: null });
  const [theme, count] = [cell(ipc, Theme), cell(ipc, Count)];
  const leave = theme.subscribe(() => {});
  await peer.look(1, { reset: true, entries: [set("theme", "light", 1)], complete: false });
  leave();
  await peer.get("rpc.unsubscribe");
  const stops = [theme.subscribe(() => {}), count.subscribe(() => {})];
  await peer.look(2, { reset: true, entries: [set("theme", "dark", 2)], revision: 2, complete: false });
  await peer.look(1, { reset: true, entries: [set("count", 1, 1)] });
  await peer.look(2, { reset: true, entries: [set("count", 2, 3)], revision: 3 });
  await shown(count, (value) => value === 2);
  assert.equal(theme.get(), "dark");
  for (const stop of stops) stop();
  await ipc.close();
});

test("a cell whose values have ended has them again with the next listener or write, and tells each end once", async () => {
  const peer = new StorePeer();
  const ipc = await connect(peer, { heartbeat: null });
  const ends: string[] = [];
  const theme = cell(ipc, Theme, { onError: ({ message }) => ends.push(message) });
  let leave = theme.subscribe(() => {});
  await peer.look(1, { reset: true, entries: [set("theme", "dark", 1)] });
  await shown(theme, (value) => value === "dark");
  const withdrawn = async (nth: number): Promise<void> => {
    const { id } = await peer.get(WATCH, nth);
    peer.say({ method: WATCH, params: { subscription: id, done: true } });
  };
  await withdrawn(1);
  while (ends.length < 1) await after(0);
  // Mounted anew in the same turn.
  leave();
  leave = theme.subscribe(() => {});
  await peer.look(2, { entries: [set("theme", "light", 2)], revision: 2 });
  await shown(theme, (value) => value === "light");
  await withdrawn(2);
  while (ends.length < 2) await after(0);
  // One that joins others finds no store, and they know it.
  const join = cell(ipc, Theme, { onError: ({ message }) => ends.push(`joined: ${message}`) }).subscribe(() => {});
  await withdrawn(3);
  while (ends.length < 3) await after(0);
  assert.match(ends[2] as string, /^joined: .*not served any more/);
  join();
  peer.answers.set("ipc.store.set", () => 3);
  const write = theme.set("blue");
  await peer.look(4, { entries: [set("theme", "blue", 3)], revision: 3 });
  assert.equal(await write, 3);
  assert.equal(theme.get(), "blue");
  assert.equal(ends.length, 3);
  leave();
  await ipc.close();
});

test("who is mounted again and again before there is an answer asks for the values once at a time", async () => {
  const peer = new StorePeer();
  peer.answers.set(WATCH, () => SILENCE);
  const ipc = await connect(peer, { heartbeat: null });
  const theme = cell(ipc, Theme);
  for (let n = 1; n <= 5; n++) {
    const leave = theme.subscribe(() => {});
    const { id } = await peer.get(WATCH, n);
    leave();
    assert.deepEqual((await peer.get("$/cancelRequest", n)).params, { id });
  }
  await ipc.close();
});

test("`latest` holds the newest item, and unsubscribes after its last listener", async () => {
  const { peer, docs, item } = await choosing();
  const { get, subscribe } = latest(() => docs.changed("."));
  assert.equal(get(), undefined);
  subscribe(() => {})();
  await after(0);
  assert.equal(peer.of(CHANGED).length, 0, "who leaves at once asks nobody");
  const heard: (string | undefined)[] = [];
  const stops = [subscribe(() => heard.push(get()?.name)), subscribe(() => {})];
  const { id } = await peer.get(CHANGED);
  item(id, 1);
  item(id, 2);
  await after(0);
  assert.deepEqual(heard, ["1", "2"]);
  assert.equal(get(), get());
  // Mounted anew in the same turn.
  stops[0]?.();
  stops[1]?.();
  const stop = subscribe(() => {});
  await after(0);
  assert.equal(peer.of("rpc.unsubscribe").length, 0);
  stop();
  await peer.get("rpc.unsubscribe");
  assert.equal(get()?.name, "2");
  const again = subscribe(() => {});
  await peer.get(CHANGED, 2);
  again();
  await peer.get("rpc.unsubscribe", 2);
});

test("the end of what `latest` follows is told, and the next listener opens it anew", async () => {
  const { peer, docs, item } = await choosing();
  const ends: unknown[] = [];
  const source = latest(() => docs.changed("."), (error) => ends.push(error));
  const stop = source.subscribe(() => {});
  const { id } = await peer.get(CHANGED);
  item(id, 1);
  peer.say({ method: CHANGED, params: { subscription: id, error: { code: 1, message: "gone", data: "Busy" } } });
  while (!ends.length) await after(0);
  assert.equal((ends[0] as { data?: unknown }).data, "Busy");
  assert.equal(source.get()?.name, "1");
  stop();
  await after(0);
  source.subscribe(() => {});
  await peer.get(CHANGED, 2);
});

test("a listener that is mounted anew, or joins others, opens anew what `latest` has seen end", async () => {
  const { peer, docs, item } = await choosing();
  let ends = 0;
  const source = latest(() => docs.changed("."), () => ends++);
  const ended = async (nth: number): Promise<void> => {
    const { id } = await peer.get(CHANGED, nth);
    peer.say({ method: CHANGED, params: { subscription: id, done: true } });
    while (ends < nth) await after(0);
  };
  const heard: (string | undefined)[] = [];
  const listener = (): unknown => heard.push(source.get()?.name);
  const stop = source.subscribe(listener);
  await ended(1);
  stop();
  source.subscribe(listener);
  await ended(2);
  source.subscribe(() => {});
  item((await peer.get(CHANGED, 3)).id, 3);
  while (!heard.length) await after(0);
  assert.deepEqual(heard, ["3"], "who was there before hears of it too");
});
