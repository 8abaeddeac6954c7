// A replica of the real backend's store, over each carrier.
import assert from "node:assert/strict";
import { before, describe, test } from "node:test";
import type { IpcError, JsonValue, MethodError } from "ipc-runtime/node";
import { store, type Change, type StoreError, type StoreReplica } from "ipc-runtime/store";
import { build } from "./support/backend.js";
import { Served, until } from "./support/served-store.js";
import { Any, Blob, Count, Layout, Nothing, Pair, Ratio, Sizes, Theme, Wide } from "./support/settings.js";

before(build);

let sockets = 0;
const carriers: { [name: string]: () => string } = {
  "a local socket": () => `local:web-store-${process.pid}-${sockets++}`,
  "a WebSocket": () => "ws://127.0.0.1:0",
};

async function countUp(replica: StoreReplica, times: number): Promise<void> {
  for (let done = 0; done < times; ) {
    const before = replica.snapshot();
    const written = await replica.compareAndSet(Count, before.revisionOf(Count), (before.get(Count) ?? 0) + 1).result();
    if (written.ok) done++;
    else {
      assert.equal(written.error.kind, "method");
      const { Conflict } = (written.error as MethodError<Extract<StoreError, { Conflict: unknown }>>).data;
      assert.equal(Conflict.key, "count");
      assert.ok((replica.revisionOf(Count) ?? 0) >= (Conflict.current ?? 0), "the next try finds what it has lost against");
    }
  }
}

for (const [carrier, endpoint] of Object.entries(carriers)) {
  describe(`over ${carrier}`, () => {
    test("a value set on either side is seen on the other", async () => {
      await using site = await Served.at(endpoint());
      await site.rust.put("theme", "light");
      const [replica, other] = [await site.replica(), await site.replica()];
      assert.equal(replica.get(Theme), "light");
      const revision = await replica.set(Theme, "dark");
      assert.equal(replica.get(Theme), "dark");
      assert.equal(replica.revisionOf(Theme), revision);
      await site.allTheSame(replica, other);
      assert.equal(other.get({ key: ["the", "me"].join("") }), "dark");
      assert.equal(await other.remove(Theme), revision + 1);
      await until(replica, () => replica.get(Theme) === undefined);
      assert.equal(await replica.remove(Theme), undefined, "it is gone already");
      assert.equal(await replica.set(Count, 1), revision + 2, "removing nothing is no write");
    });

    test("falsy values are values", async () => {
      await using site = await Served.at(endpoint());
      const [replica, other] = [await site.replica(), await site.replica()];
      const nothing = other.watch(Nothing);
      assert.deepEqual(await nothing.next(), { value: undefined, done: false });
      await replica.set(Nothing, null);
      await replica.set(Any, false);
      await replica.set(Ratio, 0);
      await replica.set({ key: "" }, "");
      await site.allTheSame(replica, other, await site.replica());
      assert.deepEqual(await nothing.next(), { value: null, done: false });
      assert.equal(other.snapshot().size, 4);
      await replica.remove(Nothing);
      await until(other, () => other.get(Nothing) === undefined);
      assert.deepEqual(await nothing.next(), { value: undefined, done: false });
    });

    test("values of every plan are the same on all sides, and read by Rust's types", async () => {
      await using site = await Served.at(endpoint());
      const [replica, other] = [await site.replica(), await site.replica()];
      const bytes = Uint8Array.from({ length: 1000 }, (_, n) => n * 7);
      const any: JsonValue = [1, 2n ** 63n, -(2n ** 63n), { $json: "1" }, { "ü\u0000\u2028": "\\\"" }, 1e300, 1.5];
      const layout: Layout = {
        id: 2n ** 64n - 1n,
        serial: "-9223372036854775808",
        widest: -(2n ** 127n),
        panes: [{ kind: "split", panes: [{ kind: "picture", data: bytes, scale: 1e20 }, { kind: "empty" }] }],
      };
      await replica.set(Theme, "\u{1f600}");
      await replica.set(Count, Number.MAX_SAFE_INTEGER);
      await replica.set(Nothing, 7);
      await replica.set(Any, any);
      await replica.set(Ratio, -0);
      await replica.set(Wide, 2n ** 128n - 1n);
      await replica.set(Blob, bytes);
      await replica.set(Sizes, JSON.parse('{"__proto__":1,"":2,"constructor":3}'));
      await replica.set(Pair, [5, bytes]);
      await replica.set(Layout, layout);
      assert.equal(await site.rust.rewrite(), 10);
      const { revision } = await site.rust.held();
      for (const one of [replica, other, await site.replica()]) {
        await until(one, () => one.revision >= revision);
        assert.equal(one.get(Theme), "\u{1f600}");
        assert.equal(one.get(Count), Number.MAX_SAFE_INTEGER);
        assert.equal(one.get(Nothing), 7);
        assert.deepEqual(one.get(Any), any);
        assert.ok(Object.is(one.get(Ratio), -0));
        assert.equal(one.get(Wide), 2n ** 128n - 1n);
        assert.deepEqual(one.get(Blob), bytes);
        assert.deepEqual(Object.entries(one.get(Sizes) ?? {}), [["", 2], ["__proto__", 1], ["constructor", 3]]);
        assert.deepEqual(one.get(Pair), [5, bytes]);
        assert.deepEqual(one.get(Layout), layout);
        assert.equal(one.get(Layout), one.get(Layout), "the same object each time");
        assert.equal(one.snapshot().get(Blob), one.get(Blob));
      }
      // What looks like the form of long integers is what it is.
      for (const looksLike of [{ $json: "1" }, { $json: "[" }, { $json: 1 }]) {
        await replica.set(Any, looksLike);
        assert.deepEqual(replica.get(Any), looksLike);
        // Of the others, Rust lists the nearest float.
        assert.deepEqual((await site.rust.held()).values.find(({ key }) => key === "any")?.value, looksLike);
      }
    });

    test("a value of another type is told, and so is one that can't travel", async () => {
      await using site = await Served.at(endpoint());
      const replica = await site.replica();
      await site.rust.put("count", "many");
      await site.rust.put("blob", "?");
      await until(replica, () => replica.revision === 2);
      assert.throws(() => replica.get(Blob), { kind: "protocol", message: /blob: base64/ });
      assert.throws(() => replica.snapshot().get(Blob), { kind: "protocol" });
      const watch = replica.watch(Blob);
      await assert.rejects(watch.next(), { kind: "protocol" });
      await replica.set(Blob, new Uint8Array([1]));
      assert.deepEqual((await watch.next()).value, new Uint8Array([1]), "the watch goes on");
      await site.rust.put("count", 2n ** 60n);
      await until(replica, () => replica.revision === 4);
      assert.throws(() => replica.get(Count), { kind: "inexact", message: /count/ });
      const refusals: [Promise<unknown>, RegExp][] = [
        [replica.set(Count, 1.5), /ipc\.store\.set: count: 1\.5 is no integer/],
        [replica.set(Ratio, NaN), /ratio: NaN/],
        [replica.compareAndSet(Layout, undefined, { panes: [{ kind: "picture", data: "x" }] } as never), /undefined|panes/],
        [replica.set(Theme, undefined as never), /theme: undefined/],
      ];
      for (const [write, message] of refusals.slice(0, 2)) await assert.rejects(write, { kind: "invalidArguments", message });
      await assert.rejects(refusals[3]?.[0] as Promise<unknown>, { kind: "invalidArguments", message: refusals[3]?.[1] as RegExp });
      await refusals[2]?.[0].catch(() => {});
      await assert.rejects(replica.set({ key: "k".repeat(1025) }, 1), (error: MethodError<{ KeyTooLong: { length: number } }>) => error.kind === "method" && error.data.KeyTooLong.length === 1025);
      const deep = JSON.parse("[".repeat(101) + "]".repeat(101));
      await assert.rejects(replica.set(Any, deep), (error: MethodError<StoreError>) => "Encode" in error.data);
    });

    test("a replica reads its own writes under load", async () => {
      await using site = await Served.at(endpoint());
      const replicas = [await site.replica(), await site.replica(), await site.replica()];
      await Promise.all(
        replicas.map(async (replica, at) => {
          const mine = { key: `writer.${at}` };
          for (let number = 0; number < 60; number++) {
            const revision = await replica.set<number>(mine, number);
            assert.equal(replica.get(mine), number);
            assert.equal(replica.revisionOf(mine), revision);
            await replica.set(Count, number);
            if (number % 10) continue;
            assert.ok(await replica.remove(mine));
            assert.equal(replica.get(mine), undefined);
          }
        }),
      );
      await site.allTheSame(...replicas);
    });

    test("a counter of two clients and the backend ends exact", async () => {
      await using site = await Served.at(endpoint());
      const [one, two] = [await site.replica(), await site.replica()];
      await Promise.all([countUp(one, 25), countUp(two, 25), site.rust.countUp(25)]);
      await site.allTheSame(one, two);
      assert.equal(one.get(Count), 75);
      assert.equal(one.revision, 75, "what conflicts is no write");
      // A key that was removed is absent, whatever it was before.
      const last = one.revisionOf(Count);
      await two.remove(Count);
      const lost = await one.compareAndSet(Count, last, 1).result();
      assert.ok(!lost.ok && lost.error.kind === "method" && "Conflict" in lost.error.data);
      assert.equal(lost.error.data.Conflict.current, null);
      assert.match(lost.error.message, /`count`/);
      assert.equal(one.get(Count), undefined);
      await one.compareAndSet(Count, undefined, 1);
    });

    test("all sides end with the same values", async () => {
      await using site = await Served.at(endpoint());
      const replicas = [await site.replica(), await site.replica()];
      await Promise.all([
        ...replicas.map(async (replica, at) => {
          for (let round = 0; round < 100; round++) {
            const key = { key: `key.${(round * 7 + at) % 11}` };
            if ((round + at) % 5 === 0) await replica.remove(key);
            else await replica.set<number>(key, at * 1000 + round);
          }
        }),
        site.rust.churn(300),
      ]);
      await site.allTheSame(...replicas, await site.replica());
      for (const replica of replicas) replica.close();
      await site.listeners(1);
    });

    test("a late joiner gets the values of one moment", async () => {
      await using site = await Served.at(endpoint());
      const log = await site.replica();
      const heard: Change[] = [];
      log.changes().on((change) => heard.push(change));
      let isOver = false;
      const churning = (async () => {
        while (!isOver) await site.rust.churn(100);
      })();
      await until(log, () => log.revision > 100);
      const joiner = await site.replica();
      const snapshots = [joiner.snapshot()];
      for (const _ of [1, 2]) {
        const last = joiner.revision;
        await until(joiner, () => joiner.revision > last);
        snapshots.push(joiner.snapshot());
      }
      isOver = true;
      await churning;
      await site.allTheSame(log, joiner);
      for (const snapshot of snapshots) {
        for (const key of snapshot.keys()) {
          const revision = snapshot.revisionOf({ key }) as number;
          assert.ok(revision <= snapshot.revision);
          const written = heard.find((change) => change.key === key && change.revision === revision);
          if (written) assert.deepEqual(written.of({ key }), { value: snapshot.get({ key }) });
          // Nothing that was written or removed since is missing.
          assert.ok(!heard.some((change) => change.key === key && change.revision > revision && change.revision <= snapshot.revision));
        }
      }
      assert.ok(snapshots.every(({ revision }, at) => at === 0 || revision > (snapshots[at - 1]?.revision ?? 0)));
      assert.equal(joiner.snapshot(), joiner.snapshot(), "the same until something changes");
    });

    test("several keys are written at once or not at all", async () => {
      await using site = await Served.at(endpoint());
      const replica = await site.replica();
      const seen: [string | undefined, number | undefined][] = [];
      replica.changes().on(() => seen.push([replica.get(Theme), replica.get(Count)]));
      const written = await site.rust.both("dark", 1);
      await until(replica, () => replica.revision >= written);
      assert.deepEqual(seen, [["dark", 1], ["dark", 1]]);
      assert.equal(replica.revisionOf(Count), replica.revisionOf(Theme));
      await site.allTheSame(replica);
    });

    test("a watch gives the value of now and then each newer one", async () => {
      await using site = await Served.at(endpoint());
      await site.rust.burst(1);
      const replica = await site.replica();
      const watch = replica.watch(Count);
      assert.deepEqual(await watch.next(), { value: 1, done: false });
      for (let number = 2; number < 10; number++) {
        await replica.set(Count, number);
        await site.rust.put("theme", "another key");
        assert.deepEqual(await watch.next(), { value: number, done: false });
      }
      // What isn't read in time is skipped.
      const newest = await site.rust.burst(500);
      await until(replica, () => replica.revision >= newest);
      assert.deepEqual(await watch.next(), { value: 500, done: false });
      // The same value, written again.
      const next = watch.next();
      assert.equal(replica.listenerCount, 1);
      await replica.set(Count, 500);
      assert.deepEqual(await next, { value: 500, done: false });
      assert.equal(replica.listenerCount, 0);
      const seen: (number | undefined)[] = [];
      const reading = (async () => {
        for await (const count of replica.watch(Count)) {
          seen.push(count);
          if (count === 503) break;
        }
      })();
      for (const count of [501, 502, 503]) await replica.set(Count, count);
      await reading;
      assert.equal(seen[0], 500);
      assert.equal(replica.listenerCount, 0);
      {
        using closed = replica.watch(Theme);
        await closed.next();
        const waiting = closed.next();
        closed.close();
        assert.deepEqual(await waiting, { value: undefined, done: true });
      }
      replica.close();
      await replica.closed;
      assert.deepEqual(await watch.next(), { value: 503, done: false }, "the last one, then the end");
      assert.equal((await watch.next()).done, true);
      await site.listeners(0);
    });

    test("who waits for a value is woken by each write", async () => {
      await using site = await Served.at(endpoint());
      const replicas = [await site.replica(), await site.replica()];
      const end = 100;
      await Promise.all(
        replicas.map(async (replica, turn) => {
          for await (const written of replica.watch(Count)) {
            const count = written ?? 0;
            if (count === end) break;
            if (count % 2 === turn) await replica.set(Count, count + 1);
          }
        }),
      );
      assert.equal((await site.rust.held()).revision, end);
    });

    test("a listener of changes reads the state after them, in the order of their revisions", async () => {
      await using site = await Served.at(endpoint());
      const replica = await site.replica();
      const seen: [number, number | undefined, number][] = [];
      const listening = replica.changes().on(({ key, revision }) => seen.push([revision, replica.revisionOf({ key }), replica.revision]));
      const writing = replica.changes().on((change) => {
        const count = change.of(Count)?.value;
        if (count !== undefined) void replica.set(Theme, `${count}`);
      });
      assert.equal(replica.listenerCount, 2);
      for (let number = 0; number < 30; number++) await replica.set(Count, number);
      await until(replica, () => replica.revision === 60);
      assert.equal(replica.get(Theme), "29");
      for (const [revision, ofKey, all] of seen) assert.ok((ofKey ?? 0) >= revision && all >= revision);
      assert.deepEqual(seen.map(([revision]) => revision), seen.map(([revision]) => revision).sort((a, b) => a - b));
      listening.dispose();
      writing.dispose();
      assert.equal(replica.listenerCount, 0);
      await replica.remove(Count);
    });

    test("own scopes are apart and gone with their window", async () => {
      await using site = await Served.at(endpoint());
      const [first, second] = [await site.client(), await site.client()];
      const [one, two] = [await site.own(first), await site.own(second)];
      const shared = await store(first);
      await one.replica.set(Theme, "dark");
      await two.replica.set(Theme, "light");
      assert.deepEqual([one.replica.get(Theme), two.replica.get(Theme), shared.get(Theme)], ["dark", "light", undefined]);
      assert.equal((await site.rust.held()).revision, 0);
      const written = await one.rust.setOwn(5);
      await until(one.replica, () => one.replica.revision >= written);
      assert.deepEqual([one.replica.get(Count), two.replica.get(Count)], [5, undefined]);
      assert.deepEqual((await two.rust.heldOwn()).values.map(({ key, value }) => [key, value]), [["theme", "light"]]);
      await first.close();
      const again = await site.own(await site.client());
      assert.equal(again.replica.get(Theme), undefined);
      await two.replica.set(Count, 1);
    });

    test("a closed replica leaves no listeners, on either side", async () => {
      await using site = await Served.at(endpoint());
      const ipc = await site.client();
      for (let n = 0; n < 10; n++) (await store(ipc)).close();
      await site.listeners(0);
      {
        using replica = await store(ipc);
        await site.listeners(1);
        await replica.set(Count, 1);
      }
      await site.listeners(0);
      const replica = await store(ipc);
      const waiting = replica.watch(Theme);
      await waiting.next();
      const end = waiting.next();
      replica.close();
      assert.equal((await end).done, true);
      assert.equal(replica.listenerCount, 0);
      assert.equal(replica.get(Count), 1);
      await assert.rejects(replica.set(Count, 2), { kind: "notConnected", message: /closed by this side/ });
      assert.equal((await replica.closed).kind, "notConnected");
      await site.listeners(0);
    });

    test("a lost connection ends a replica and leaves its values", async () => {
      await using site = await Served.at(endpoint());
      const replica = await site.replica();
      await replica.set(Theme, "dark");
      const watches = [replica.watch(Theme), replica.watch(Count)];
      for (const watch of watches) await watch.next();
      let changes = 0;
      replica.changes().on(() => changes++);
      const ends = watches.map((watch) => watch.next());
      site.backend.kill();
      for (const end of ends) assert.equal((await end).done, true);
      const reason = await replica.closed;
      assert.equal(reason.kind, "disconnected");
      assert.ok(replica.isClosed);
      assert.equal(replica.listenerCount, 0);
      assert.equal(replica.get(Theme), "dark");
      assert.equal(replica.snapshot().size, 1);
      const late = replica.watch(Theme);
      assert.deepEqual([await late.next(), await late.next()], [{ value: "dark", done: false }, { value: undefined, done: true }]);
      for (const write of [replica.set(Count, 2), replica.compareAndSet(Count, undefined, 2), replica.remove(Theme)]) {
        await assert.rejects(write, (error: IpcError) => error.kind === "notConnected" && !error.mayHaveRun && /^ipc\.store\./.test(error.method ?? ""));
      }
      assert.equal(changes, 0);
    });

    test("replicas survive the store being unregistered", async () => {
      await using site = await Served.at(endpoint());
      const replica = await site.replica();
      await site.rust.withdraw();
      const written = await site.rust.burst(1);
      await until(replica, () => replica.revision >= written);
      await assert.rejects(replica.set(Count, 2), { kind: "notFound" });
      await assert.rejects(site.replica(), { kind: "notFound" });
      assert.ok(!replica.isClosed);
    });

    test("a value that is too large for a frontend is told there, and nowhere else", async () => {
      await using site = await Served.at(endpoint());
      const [small, large] = [await site.replica({ maxMessageBytes: 4_096 }), await site.replica()];
      await large.set(Theme, "x".repeat(10_000));
      await large.set(Count, 1);
      await until(small, () => small.get(Count) === 1);
      assert.throws(() => small.get(Theme), (error: IpcError) => error.kind === "tooLarge" && (error.data as { size: number }).size > 10_000);
      assert.equal(small.revisionOf(Theme), large.revisionOf(Theme));
      assert.equal(small.snapshot().size, 2);
      assert.equal(large.get(Theme)?.length, 10_000);
      await large.set(Theme, "short");
      await until(small, () => small.revision === 3);
      assert.equal(small.get(Theme), "short");
    });

    test("a store of many parts is shown as a whole", async () => {
      await using site = await Served.at(endpoint());
      const writer = await site.replica();
      // More than one message's worth, and more than the window has items.
      await Promise.all(Array.from({ length: 600 }, (_, n) => writer.set<string>({ key: `key.${n}` }, "ü".repeat(5_000))));
      const replica = await site.replica({ window: 2 });
      assert.equal(replica.snapshot().size, 600);
      await site.allTheSame(replica);
    });
  });
}
