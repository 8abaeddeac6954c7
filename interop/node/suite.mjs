// What every client is asked to do with a backend. Each test records its cell of the table.
//
// A client is told to the suite by
//
// - `name`, and `carrier`: `unix` or `ws`;
// - `connect(address, { exact })`, which gives a link. `exact` asks for integers beyond 2^53;
// - `byHand`: for which features the app has to help, and how;
// - `cannot`: what it can't do, why, and `proof`, which shows it;
// - `reconnects`, if it does that by itself.
//
// A link has `call`, `notify`, `hear`, `serve`, `begin` (a call that can be cancelled), `report` (one
// with progress), `batch`, `closed` (a promise), `close`, and `api`, the
// client's own object.

import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as passed } from "node:timers/promises";

import { Backend, eventually, inTime } from "./backend.mjs";
import { record } from "./record.mjs";

/** The time after which nginx ends a WebSocket that is silent is 60 s. */
const SILENCE = 65_000;

const WIDE = 2n ** 64n - 1n;

const failure = (promise) =>
  promise.then(
    (value) => assert.fail(`it succeeded: ${JSON.stringify(value)}`),
    (error) => error,
  );

const features = {
  async calls({ call }) {
    assert.equal(await call("demo.archive.seek", [10, 3]), 7);
    assert.equal(await call("demo.archive.seek", { back: 4, offset: 10 }), 6);
    assert.equal(await call("add", [2, 3]), 5);
    const numbers = Array.from({ length: 500 }, (_, number) => number);
    const sums = await Promise.all(numbers.map((number) => call("add", [number, 1])));
    assert.deepEqual(sums, numbers.map((number) => number + 1));
  },

  async errors({ call }) {
    const own = await failure(call("demo.archive.size", ["none"]));
    assert.deepEqual([own.code, own.message, own.data], [1, "there is no `none`", { NotFound: "none" }]);
    assert.equal((await failure(call("demo.archive.nope", []))).code, -32601);
    const wrong = await failure(call("demo.archive.size", [7]));
    assert.equal(wrong.code, -32602);
    assert.match(wrong.message, /argument `name`/);
  },

  async notify({ call, notify }) {
    await notify("demo.archive.log", ["one"]);
    await notify("demo.archive.log", ["two"]);
    await eventually(async () => (await call("demo.archive.logged", [])).length === 2, "both lines");
    assert.deepEqual(await call("demo.archive.logged", []), ["one", "two"]);
  },

  async notified({ call, hear }) {
    const told = new Promise((resolve) => hear("demo.desk.told", resolve));
    await call("demo.archive.tell", ["hello"]);
    assert.deepEqual(await told, ["hello"]);
  },

  async subscriptions({ call, hear }) {
    const items = [];
    hear("demo.archive.countdown", (item) => items.push(item));
    const subscription = await call("demo.archive.countdown", [3]);
    await eventually(() => items.length === 4, "all items");
    const expected = [2, 1, 0].map((result) => ({ subscription, result }));
    assert.deepEqual(items, [...expected, { subscription, done: true }]);
    const change = new Promise((resolve) => hear("demo.archive.changes", resolve));
    const changes = await call("demo.archive.changes", []);
    assert.deepEqual(await change, { subscription: changes, result: 1 });
    assert.equal(await call("demo.archive.waiting", []), 1);
    assert.equal(await call("rpc.unsubscribe", [changes]), true);
    await eventually(async () => (await call("demo.archive.waiting", [])) === 0, "the stream's end");
  },

  async called({ call, serve }) {
    serve("demo.desk.confirm", ([question]) => `yes: ${question}`);
    assert.equal(await call("demo.archive.ask", ["delete it?"]), "yes: delete it?");
  },

  async cancel({ call, begin }) {
    const waiting = begin("demo.archive.wait", []);
    const failed = failure(waiting.answer);
    await eventually(async () => (await call("demo.archive.waiting", [])) === 1, "the handler");
    await waiting.cancel();
    assert.equal((await failed).code, -32800);
    await eventually(async () => (await call("demo.archive.waiting", [])) === 0, "the handler's end");
  },

  async progress({ report }) {
    const reports = [];
    assert.equal(await report("demo.archive.index", [3], (value) => reports.push(value)), 3);
    await eventually(() => reports.length === 3, "all reports");
    assert.deepEqual(reports, [{ files: 1 }, { files: 2 }, { files: 3 }]);
  },

  async upload({ call }) {
    const pieces = ["ab", "c"].map((piece) => Buffer.from(piece).toString("base64"));
    assert.equal(await call("demo.archive.upload", ["c.txt", pieces]), 3);
    assert.equal(await call("demo.archive.size", ["c.txt"]), 3);
  },

  async batch({ batch }) {
    const [size, none, sum] = await batch([
      { method: "demo.archive.size", params: ["a.txt"] },
      { method: "demo.archive.size", params: ["none"] },
      { method: "add", params: [1, 2] },
    ]);
    assert.deepEqual([size.result, sum.result], [7, 3]);
    assert.deepEqual([none.error.code, none.error.data], [1, { NotFound: "none" }]);
  },

  async integers({ address, client, finally: after }) {
    const link = await client.connect(address, { exact: true });
    after(() => link.close());
    assert.equal(BigInt(await link.call("demo.archive.seek", [WIDE])), WIDE);
    assert.equal(await link.call("demo.archive.seek", [7]), 7);
  },

  async bytes({ call }) {
    assert.equal(Buffer.from(await call("demo.archive.read", ["a.txt"]), "base64").toString(), "Grüße");
    const bytes = Buffer.from([0, 1, 250, 255]);
    assert.equal(await call("demo.archive.write", ["d", bytes.toString("base64")]), 4);
    assert.deepEqual(Buffer.from(await call("demo.archive.read", ["d"]), "base64"), bytes);
  },

  async token({ client, finally: after }) {
    const token = "correct-horse-battery-staple";
    const guarded = await Backend.start(client.carrier === "ws" ? "ws://127.0.0.1:0/" : undefined, token);
    after(() => guarded.kill());
    const stranger = await client.connect(guarded.socket);
    after(() => stranger.close());
    assert.equal((await failure(stranger.call("add", [1, 2]))).code, -32002);
    const intruder = await client.connect(guarded.socket);
    after(() => intruder.close());
    assert.equal((await failure(intruder.call("rpc.handshake", { protocol: 1, token: "guess" }))).code, -32001);
    const link = await client.connect(guarded.socket);
    after(() => link.close());
    await link.call("rpc.handshake", { protocol: 1, token });
    assert.equal(await link.call("add", [1, 2]), 3);
  },

  async handshake({ call }) {
    const asked = (version) => ({ channel: "demo.archive", version, fingerprint: "0:0000000000000000" });
    const { uses } = await call("rpc.handshake", { protocol: 1, uses: [asked("1.1.0"), asked("2.0.0")] });
    assert.deepEqual([uses[0].version, uses[1].error.code], ["1.2.0", -32003]);
    assert.equal(await call("add", [1, 2]), 3);
  },

  async closing({ backend, call, hear, closed }) {
    await call("add", [1, 2]);
    const closing = new Promise((resolve) => hear("rpc.closing", resolve));
    backend.stop();
    const { restart, reason } = await closing;
    assert.equal(restart, false);
    assert.match(reason, /stopping/);
    await closed;
  },

  async reconnect({ backend, client, link, finally: after }) {
    await link.call("add", [1, 2]);
    const opened = client.reconnects && link.opened();
    backend.process.kill("SIGKILL");
    await link.closed;
    const again = await Backend.start(backend.endpoint);
    after(() => again.kill());
    if (client.reconnects) {
      await opened;
      assert.equal(await link.call("add", [1, 2]), 3);
      return;
    }
    const other = await client.connect(backend.socket);
    after(() => other.close());
    assert.equal(await other.call("add", [1, 2]), 3);
  },
};

/** What several clients can't do. */
const general = {
  noBatches: {
    why: "it has no batches",
    async proof({ api }) {
      hasNo(api, /batch/i);
    },
  },

  rounded: {
    why: "its `JSON.parse` rounds them to the nearest double",
    async proof({ link }) {
      // 2^60 − 1 comes as 2^60.
      assert.equal(await link.call("demo.archive.seek", [2 ** 60, 1]), 2 ** 60);
    },
  },
};

/** Fails if the client has a member of such a name after all. */
export function hasNo(api, name) {
  for (let object = api; object && object !== Object.prototype; object = Object.getPrototypeOf(object)) {
    assert.deepEqual(Object.getOwnPropertyNames(object).filter((member) => name.test(member)), []);
  }
}

/** Tests a client. */
export function suite(client) {
  const byHand = { ...(client.reconnects ? {} : { reconnect: "the app connects anew" }), ...client.byHand };
  for (const [feature, body] of Object.entries(features)) {
    const refusal = client.cannot[feature];
    const cannot = typeof refusal === "string" ? general[refusal] : refusal;
    test(`${client.name}, ${feature}${cannot ? ": it can't" : ""}`, async () => {
      const endings = [];
      const anywhere = client.carrier === "ws" ? "ws://127.0.0.1:0/" : undefined;
      const backend = await (feature === "reconnect" && anywhere ? lasting() : Backend.start(anywhere));
      try {
        const link = await inTime(client.connect(backend.socket), "the connection");
        endings.push(() => link.close());
        const context = { ...link, link, client, backend, address: backend.socket, finally: (end) => endings.push(end) };
        await inTime((cannot?.proof ?? body)(context), feature);
      } finally {
        for (const end of endings.reverse()) await end();
        await backend.kill();
      }
      if (cannot) record(client.name, feature, "–", cannot.why);
      else record(client.name, feature, byHand[feature] ? "by hand" : "yes", byHand[feature]);
    });
  }
  if (client.carrier !== "ws") {
    test(`${client.name}, idle: there is no nginx before a Unix socket`, async () => {
      await assert.rejects(client.connect(process.env.INTEROP_NGINX ?? "ws://127.0.0.1:1/"));
      record(client.name, "idle", "–", "it has no WebSockets");
    });
    return;
  }
  // It begins before the other tests do, which run meanwhile.
  const idle = process.env.INTEROP_NGINX && stays(client, process.env.INTEROP_NGINX);
  idle?.catch(() => {});
  test(`${client.name}, idle: 65 s behind nginx`, { skip: !idle && "INTEROP_NGINX has no address" }, async () => {
    await idle;
    record(client.name, "idle", "yes");
  });
}

/** A backend on a port that the system gives to nobody else, so that another one finds it free. */
async function lasting() {
  for (let attempt = 1; ; attempt++) {
    const port = 20_000 + Math.floor(Math.random() * 10_000);
    try {
      return await Backend.start(`ws://127.0.0.1:${port}/`);
    } catch (error) {
      if (attempt === 5) throw error;
    }
  }
}

/** Connects, says nothing for a while, and is answered after it. */
async function stays(client, address) {
  const link = await inTime(client.connect(address), "the connection");
  try {
    await link.call("add", [1, 2]);
    await Promise.race([passed(SILENCE), link.closed.then(() => assert.fail("nginx has ended it"))]);
    assert.equal(await inTime(link.call("add", [1, 2]), "the answer"), 3);
  } finally {
    await link.close();
  }
}
