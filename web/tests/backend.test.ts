// Against the real backend, over each carrier.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { connect, connectLazily, differences, exposed, handler, stdio, VersionMismatchError, webSocket, type Codec, type ConnectOptions, type Dial, type Ipc, type IpcError, type Socket } from "ipc-runtime/node";
import { msgpack } from "ipc-runtime/msgpack";
import { WebSocket } from "ws";
import { build, program, start, type Backend } from "./support/backend.js";
import { EverythingApi as Wide } from "./support/everything-bigint.js";
import { EverythingApi as Everything, Functions, Window } from "./support/everything.js";

const token = "0123456789abcdef0123456789abcdef";
let backend: Backend;
let guarded: Backend;
before(async () => {
  build();
  backend = await start(`local:web-test-${process.pid}`, "ws://127.0.0.1:0");
  guarded = await start("--token", token, "ws://127.0.0.1:0");
});
after(async () => {
  await backend[Symbol.asyncDispose]();
  await guarded[Symbol.asyncDispose]();
});

const carriers: [name: string, to: () => string | Dial, encoding?: Codec][] = [
  ["a local socket", () => backend.endpoints[0] as string],
  ["a local socket in MessagePack", () => backend.endpoints[0] as string, msgpack],
  ["a WebSocket", () => backend.endpoints[1] as string],
  ["a WebSocket in MessagePack", () => backend.endpoints[1] as string, msgpack],
  ["standard input and output", () => stdio(program, ["stdio:"])],
  ["standard input and output in MessagePack", () => stdio(program, ["stdio:"]), msgpack],
];

async function opened(to: string | Dial, options: ConnectOptions = {}) {
  const ipc = await connect(to, options);
  return { ipc, all: await ipc.open(Everything), wide: await ipc.open(Wide) };
}

/** Asks until it is so: each answer is a reason to ask again. */
async function until<T>(ask: () => Promise<T>, so: (answer: T) => boolean): Promise<T> {
  for (;;) {
    const answer = await ask();
    if (so(answer)) return answer;
  }
}

const pane = {
  show: (text: string, call: { fail(data: string): Error }) => {
    if (text === "fail") throw call.fail("not now");
    return text.length;
  },
  async *ticks(count: number) {
    for (let n = 0; n < count; n++) yield n;
  },
  async sum(numbers: AsyncIterable<number>) {
    let all = 0;
    for await (const one of numbers) all += one;
    return all;
  },
};

for (const [carrier, to, encoding] of carriers) {
  describe(`over ${carrier}`, () => {
    let ipc: Ipc;
    let all: Awaited<ReturnType<typeof opened>>["all"];
    let wide: Awaited<ReturnType<typeof opened>>["wide"];
    before(async () => {
      ({ ipc, all, wide } = await opened(to(), { encoding, serve: [handler(Window, pane)] }));
    });
    after(() => ipc.close());

    test("values are the same after they went there and back", async () => {
      for (const value of [0n, 1n, 2n ** 53n, 2n ** 53n + 1n, 2n ** 64n - 1n]) assert.equal(await wide.integer(value), value);
      for (const value of [0n, 2n ** 64n, 2n ** 128n - 1n]) assert.equal(await all.widest(value), value);
      for (const value of [0, 7, 2 ** 53 - 1]) assert.equal(await all.integer(value), value);
      for (const value of [0, -0, 1.5, 1e300, -5e-324, 1e20, 2 ** 53]) assert.ok(Object.is(await all.float(value), value), `${value}`);
      for (const size of [0, 1, 2, 3, 100_000]) {
        const value = Uint8Array.from({ length: size }, (_, n) => n * 7);
        assert.deepEqual(Buffer.compare(await all.bytes(value), value), 0);
      }
      for (const value of [null, [1, 2n ** 63n, { "ü\u0000\u2028": "\\\"" }], "__proto__", JSON.parse('{"__proto__":{"a":1}}')]) {
        assert.deepEqual(await all.any(value), value);
      }
      const map = JSON.parse('{"__proto__":1,"":2,"constructor":3}');
      assert.deepEqual(Object.entries(await wide.map(map)), [["", 2n], ["__proto__", 1n], ["constructor", 3n]]);
    });

    test("a number that would change is refused, in both directions", async () => {
      await assert.rejects(all.integer(2 ** 53), { kind: "invalidArguments" });
      for (const value of [NaN, Infinity, -Infinity]) {
        if (encoding) assert.equal(await all.float(value), value);
        else await assert.rejects(all.float(value), { kind: "invalidArguments" });
        await assert.rejects(all.any({ value }), { kind: "invalidArguments" });
      }
      for (const value of [-1n, 2n ** 128n]) await assert.rejects(all.widest(value), { kind: "invalidArguments" });
      await assert.rejects(wide.integer(2n ** 64n), { kind: "invalidArguments" });
      assert.equal(await all.optional(0), true);
      assert.equal(await all.optional(), false);
      assert.equal(await ipc.call("test.everything.integer", [2n ** 64n - 1n]), 2n ** 64n - 1n);
    });

    test("results and errors have their types", async () => {
      await assert.rejects(all.find("x"), { kind: "inexact", message: /result\[1\]\.inode: 18446744073709551615 is beyond/ });
      assert.deepEqual(await wide.find("x"), [
        { name: "x", size: 5n, inode: 1n, head: null },
        { name: "ü", size: 0n, inode: 2n ** 64n - 1n, head: Uint8Array.from([0, 1, 255]) },
      ]);
      for (const [name, data, text] of [["none", { NotFound: "none" }, "there is no `none`"], ["large", { TooLarge: { path: "large", limit: 3 } }, "`large` is larger than 3"], ["busy", "Busy", "busy"]] as const) {
        await assert.rejects(all.find(name), { kind: "method", data, message: text });
      }
      await assert.rejects(ipc.call("test.everything.nope"), { kind: "notFound", message: /no method `nope`/ });
      await assert.rejects(ipc.call("test.everything.find", [7]), { kind: "invalidArguments", message: /argument `name`/ });
    });

    test("a cancelled call, one past its deadline: the handler is dropped", async () => {
      const dropped = await all.dropped();
      const stop = new AbortController();
      const call = all.wait({ signal: stop.signal });
      await all.dropped();
      stop.abort();
      await assert.rejects(call, { kind: "cancelled" });
      await assert.rejects(all.wait({ timeout: 20 }), { kind: "deadline" });
      await until(() => all.dropped(), (now) => now === dropped + 2);
    });

    test("progress comes before the result", async () => {
      const heard: number[] = [];
      assert.equal(await all.index(["a", "b", "c"], { onProgress: ({ files }) => heard.push(files) }), 3);
      assert.deepEqual(heard, [1, 2, 3]);
    });

    test("an upload of many chunks arrives whole", async () => {
      async function* chunks() {
        for (let n = 0; n < 10_000; n++) yield new Uint8Array(n % 700);
      }
      const sizes = await all.store(20_000, chunks());
      assert.equal(sizes.length, 10_000);
      assert.ok(sizes.every((size, n) => size === n % 700));
    });

    test("an upload is read no further than its handler reads it", async () => {
      let made = 0;
      let isTold = false;
      function* chunks() {
        try {
          for (;;) {
            made++;
            yield new Uint8Array(10_000);
          }
        } finally {
          isTold = true;
        }
      }
      assert.equal((await all.store(3, chunks())).length, 3);
      await all.dropped();
      assert.ok(isTold && made < 1_000, `${made}`);
    });

    test("an upload that fails tells its handler", async () => {
      const broken = (async function* () {
        yield new Uint8Array(1);
        throw new Error("the disk is gone");
      })();
      await assert.rejects(all.store(9, broken), { kind: "method", message: /the disk is gone/ });
    });

    test("all items of a subscription come, in order, with credit", async () => {
      let expected = 20_000;
      for await (const n of all.countdown(20_000)) assert.equal(n, --expected);
      assert.equal(expected, 0);
      await assert.rejects(async () => {
        for await (const _ of all.countdown(1e9));
      }, { kind: "method", data: "that takes too long" });
    });

    test("a stream's own error ends it, typed", async () => {
      const got: number[] = [];
      await assert.rejects(async () => {
        for await (const n of all.measure()) got.push(n);
      }, { kind: "method", data: { TooLarge: { path: "it", limit: 7 } } });
      assert.deepEqual(got, [7]);
    });

    test("a reader that stops holds its producer within a window, and leaving drops it", async () => {
      const [dropped, produced] = [await all.dropped(), await all.produced()];
      const endless = await all.endless({ window: 10 });
      for (let n = 0; n < 3; n++) assert.equal((await endless.next()).value, n);
      await until(() => all.produced(), (now) => now - produced >= 10);
      for (let n = 0; n < 20; n++) assert.ok((await all.produced()) - produced <= 14);
      endless.close();
      await until(() => all.dropped(), (now) => now === dropped + 1);
    });

    test("items that were missed are told", async () => {
      const loud = await all.fired({ window: 1 });
      await all.fire(100);
      const got: number[] = [];
      await assert.rejects(async () => {
        for await (const n of loud) got.push(n);
      }, (error: IpcError) => error.kind === "missed");

      const missed: number[] = [];
      const quiet = await all.fired({ window: 1, onMissed: (one) => missed.push(one.kind === "lagged" ? one.count : 0) });
      await all.fire(100);
      let last: number | undefined;
      let count = 0;
      while (last !== 99) {
        last = (await quiet.next()).value;
        count++;
      }
      quiet.close();
      assert.equal(count + missed.reduce((sum, one) => sum + one, 0), 100);
    });

    test("notifications arrive in their order", async () => {
      const lines = Array.from({ length: 100 }, (_, n) => `${carrier} ${n}`);
      for (const line of lines) all.log(line);
      const logged = await until(() => all.logged(), (now) => now.filter((line) => line.startsWith(carrier)).length === 100);
      assert.deepEqual(logged.filter((line) => line.startsWith(carrier)), lines);
    });

    test("a notification arrives though the connection is closed right behind it", async () => {
      const own = await opened(to(), { encoding });
      // A backend on standard input and output is this connection's alone: there the line is only sent.
      const line = `${carrier} closing ${"x".repeat(500_000)}`;
      own.all.log(line);
      await own.ipc.close();
      if (!carrier.startsWith("standard input and output")) await until(() => all.logged(), (lines) => lines.includes(line));
    });

    test("a mebibyte travels both ways, and text keeps every character", async () => {
      const bytes = new Uint8Array(1024 * 1024).map((_, at) => at * 31);
      assert.equal(Buffer.compare(await all.bytes(bytes), bytes), 0);
      const text = Array.from({ length: 0x300 }, (_, code) => String.fromCodePoint(code)).join("") + "\u2028\ufeff\uffff😀\u{10ffff}";
      assert.equal(await all.any(text), text);
    });

    test("replies come out of order, and a call that waits holds back no other", async () => {
      const stop = new AbortController();
      const slow = all.wait({ signal: stop.signal }).result();
      assert.equal(await all.integer(1), 1);
      stop.abort();
      const outcome = await slow;
      assert.ok(!outcome.ok && outcome.error.kind === "cancelled");
    });

    test("an opening and an upload can be left, and the upload's source is told", async () => {
      const stop = new AbortController();
      const opening = all.endless({ signal: stop.signal }).result();
      stop.abort();
      const outcome = await opening;
      assert.ok(!outcome.ok && outcome.error.kind === "cancelled");
      let isEnded = false;
      async function* chunks(): AsyncGenerator<Uint8Array> {
        try {
          for (;;) yield new Uint8Array(10);
        } finally {
          isEnded = true;
        }
      }
      const leave = new AbortController();
      const upload = all.store(1_000_000, chunks(), { signal: leave.signal }).result();
      await all.integer(1);
      leave.abort();
      assert.equal((await upload).ok, false);
      await until(() => all.produced(), () => isEnded);
    });

    test("the backend calls, subscribes and uploads to a handler here", async () => {
      assert.equal(await all.show("four"), 4);
      await assert.rejects(all.show("fail"), { kind: "method" });
      assert.equal(await all.sumTicks(20_000), 199_990_000);
      assert.equal(await all.upload(20_000), 199_990_000);
    });

    test("functions by name", async () => {
      assert.equal(await ipc.call("add", [2, 3]), 5);
      assert.equal(await ipc.call("length", { text: "üü" }), 2);
      const functions = ipc.functions(Functions);
      assert.deepEqual(await Promise.all([functions.add(2, 3), functions.length({ text: "üü" })]), [5, 2]);
      ipc.serve(exposed("title", () => "editor"));
    });

    test("a thousand calls at once are all answered", async () => {
      const values = Array.from({ length: 3_000 }, (_, n) => n);
      assert.deepEqual(await Promise.all(values.map((value) => all.integer(value))), values);
    });
  });
}

test("what doesn't fit is told with the backend's own signatures", async () => {
  const ipc = await connect(backend.endpoints[1] as string);
  await assert.rejects(ipc.open({ ...Everything, version: "2.0.0", methods: { ...Everything.methods, find: { ...Everything.methods.find, f: "0" } } }), (error) => {
    assert.ok(error instanceof VersionMismatchError);
    const { newer, theirs } = error.mismatch;
    const methods = differences(error.mismatch);
    assert.equal(newer, "page");
    assert.equal(theirs.version, "1.2.0");
    assert.deepEqual(methods.map(({ name, reason }) => [name, reason]), [["find", "differs"]]);
    assert.match(methods[0]?.theirs ?? "", /find\(name/);
    return true;
  });
  await ipc.open({ ...Everything, version: "1.1.0" });
  const state = ipc.state.get();
  assert.ok(state.status === "connected");
  assert.equal(state.backend.exposes.find(({ channel }) => channel === Everything.channel)?.fingerprint, Everything.fingerprint);
  await ipc.open({ ...Everything, fingerprint: "0:0000000000000000" });
  await assert.rejects(ipc.open({ ...Everything, fingerprint: "2:0000000000000000" }), { kind: "versionMismatch" });
  await assert.rejects(ipc.open({ ...Everything, channel: "none" }), { kind: "notFound" });
  ipc.close();
});

test("the backend takes the numbers that are chosen for subscriptions", async () => {
  const { dial, endpoint } = webSocket(backend.endpoints[1] as string, { open: (url, protocols) => new WebSocket(url, protocols) as unknown as Socket });
  const requests = new Map<unknown, unknown>();
  let replies = 0;
  const { ipc, all } = await opened({
    endpoint,
    async dial(encoding, signal, maxMessageBytes) {
      const transport = await dial(encoding, signal, maxMessageBytes);
      const { send } = transport;
      transport.send = (message) => {
        const sent = JSON.parse(String(message));
        if (sent.ipc?.subscription !== undefined) requests.set(sent.id, sent.ipc.subscription);
        send(message);
      };
      return new Proxy(transport, {
        set(on, name, value) {
          const heard = (message: string): void => {
            const { id, result } = JSON.parse(message);
            if (requests.has(id)) assert.equal(result, requests.get(id), String(++replies));
            value(message);
          };
          return Reflect.set(on, name, name === "onmessage" ? heard : value);
        },
      });
    },
  });
  for (const from of [1, 2, 3]) {
    let items = 0;
    for await (const _ of all.countdown(from)) items++;
    assert.equal(items, from);
  }
  await Promise.all([1, 2, 3].map(async () => (await all.endless()).close()));
  assert.equal(replies, 6);
  await ipc.close();
});

test("a page of this machine is told that its origin isn't allowed, before any token is asked for", async () => {
  for (const to of [backend.endpoints[1], guarded.endpoints[0]] as string[]) {
    const page = (origin: string): Dial => webSocket(to, { open: (url, protocols) => new WebSocket(url, protocols, { origin }) as unknown as Socket });
    const told = { kind: "unauthorized", code: 4403, message: /pages of http:\/\/localhost:5173 may not connect: allow it by OriginPolicy::allow/ };
    // A token that nobody gives holds nothing up.
    for (const token of ["wrong", () => new Promise<string>(() => {})]) await assert.rejects(connect(page("http://localhost:5173"), { token, handshakeTimeout: 600_000 }), told);

    const lazy = connectLazily(page("http://localhost:5173"));
    await assert.rejects(lazy.client(Everything).integer(1), told);
    const state = lazy.state.get();
    assert.ok(state.status === "closed");
    assert.equal(state.reason.kind, "unauthorized");
    await assert.rejects(lazy.client(Everything).integer(1), { kind: "notConnected", message: told.message });

    await assert.rejects(connect(page("https://panel.example")), { kind: "notConnected", message: /a WebSocket isn't told which/ });
  }
});

test("a token lets in, a wrong one or none doesn't, and the reason is told", async () => {
  const to = guarded.endpoints[0] as string;
  const { ipc, all } = await opened(to, { token });
  assert.equal(await all.integer(1), 1);
  ipc.close();
  await assert.rejects(connect(to, { token: "wrong" }), { kind: "unauthorized" });
  await assert.rejects(connect(to), { kind: "unauthorized" });
});

describe("a backend that is killed fails calls, which may have run", () => {
  for (const [carrier, which] of [["a local socket", `local:web-kill-${process.pid}`], ["a WebSocket", "ws://127.0.0.1:0"]] as const) {
    test(`over ${carrier}`, async () => {
      const own = await start(which);
      const { ipc, all } = await opened(own.endpoints[0] as string);
      const wait = all.wait();
      const items = await all.endless();
      await all.dropped();
      own.kill();
      await assert.rejects(wait, { kind: "disconnected", mayHaveRun: true });
      await assert.rejects(async () => {
        for await (const _ of items);
      }, { kind: "disconnected" });
      await assert.rejects(all.dropped(), { kind: "notConnected" });
      assert.equal(ipc.state.get().status, "closed");
      await own[Symbol.asyncDispose]();
    });
  }
});

describe("a message that the backend finds too large, or can't read, fails its call alone in MessagePack too", () => {
  for (const [nth, carrier] of ["a local socket", "a WebSocket"].entries()) {
    test(`over ${carrier}`, async () => {
      const { ipc, all } = await opened(backend.endpoints[nth] as string, { encoding: msgpack, maxMessageBytes: 100_000 });
      await assert.rejects(all.bytes(new Uint8Array(200_000)), { method: "test.everything.bytes" });
      assert.equal(await all.integer(1), 1);
      await ipc.close();
    });
  }
});
