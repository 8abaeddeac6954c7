import assert from "node:assert/strict";
import { test } from "node:test";
import { differences, IpcError, match, MethodError, VersionMismatchError, type Interface, type Request } from "ipc-runtime";
import { connect, connectLazily } from "./support/connect.js";
import { Docs, Events, Functions, type FileError } from "./support/docs.js";
import { Peer, Refusal, SILENCE } from "./support/peer.js";

async function docs(options: Parameters<typeof connect>[1] = {}) {
  const peer = new Peer();
  const ipc = await connect(peer, options);
  return { peer, ipc, docs: await ipc.open(Docs) };
}

test("a call sends its arguments by position and gets its typed result", async () => {
  const { peer, docs: client } = await docs();
  peer.answers.set("demo.docs.list", () => [{ name: "a", kind: "File", size: 5, inode: 7 }]);
  assert.deepEqual(await client.list("."), [{ name: "a", kind: "File", size: 5, inode: 7n }]);
  const sent = await peer.get("demo.docs.list");
  assert.deepEqual(sent.params, ["."]);
  assert.ok(sent.ipc.timeoutMs > 50_000 && sent.ipc.timeoutMs <= 60_000);
});

test("an integer beyond 2^53 fails the call where the bindings say number, and is exact where they say bigint", async () => {
  const { peer, docs: client } = await docs();
  peer.answers.set("demo.docs.list", (_params, { id }) => {
    peer.say(`{"jsonrpc":"2.0","id":${id},"result":[{"name":"a","kind":"File","size":9007199254740993,"inode":18446744073709551615}]}`);
    return SILENCE;
  });
  await assert.rejects(client.list("."), { kind: "inexact", message: /demo\.docs\.list: result\[0\]\.size: 9007199254740993/ });
  peer.answers.set("demo.docs.list", (_params, { id }) => {
    peer.say(`{"jsonrpc":"2.0","id":${id},"result":[{"name":"a","kind":"File","size":1,"inode":18446744073709551615}]}`);
    return SILENCE;
  });
  assert.equal((await client.list("."))[0]?.inode, 2n ** 64n - 1n);
});

test("optional arguments at the end are left out, others are null", async () => {
  const { peer, docs: client } = await docs();
  peer.answers.set("demo.docs.find", () => []);
  await client.find("x");
  await client.find("x", undefined, { timeout: null });
  await client.find("x", null);
  assert.deepEqual(peer.of("demo.docs.find").map((one) => one.params), [["x"], ["x"], ["x", null]]);
});

test("a method named `then` is called by `then_`, and a client isn't a thenable", async () => {
  const { peer, docs: client } = await docs();
  peer.answers.set("demo.docs.then", () => "after");
  assert.equal(await client.then_(), "after");
  assert.equal("then" in client, false);
});

test("a method's own error is a MethodError, and `match` finds its variant", async () => {
  const { peer, docs: client } = await docs();
  const errors: FileError[] = ["Busy", { NotFound: "x" }, { TooLarge: { path: "p", limit: 3 } }];
  const texts: string[] = [];
  for (const error of errors) {
    peer.answers.set("demo.docs.list", () => {
      throw new Refusal(1, "the text", error);
    });
    const outcome = await client.list("none").result();
    assert.ok(!outcome.ok && outcome.error.kind === "method");
    assert.ok(outcome.error instanceof MethodError);
    assert.equal(outcome.error.message, "the text");
    texts.push(match(outcome.error.data, { Busy: () => "busy", NotFound: (path) => path, TooLarge: ({ limit }) => `${limit}` }));
  }
  assert.deepEqual(texts, ["busy", "x", "3"]);
});

test("a variant that a newer backend has added is the method's own error", async () => {
  const { peer, docs: client } = await docs();
  peer.answers.set("demo.docs.list", () => {
    throw new Refusal(1, "the disk is locked", { Locked: { until: 7 } });
  });
  await assert.rejects(client.list("."), { kind: "method", message: "the disk is locked", data: { Locked: { until: 7 } } });
});

test("a method's own error that doesn't fit its type keeps code, message and data", async () => {
  const { peer, docs: client } = await docs();
  const data = { TooLarge: { path: "p", limit: 2n ** 64n - 1n } };
  peer.answers.set("demo.docs.list", (_params, { id }) => {
    peer.say(`{"jsonrpc":"2.0","id":${id},"error":{"code":1,"message":"it is too large","data":{"TooLarge":{"path":"p","limit":18446744073709551615}}}}`);
    return SILENCE;
  });
  const outcome = await client.list(".").result();
  assert.ok(!outcome.ok && outcome.error instanceof IpcError);
  const { kind, code, method, message } = outcome.error;
  assert.deepEqual([kind, code, method, outcome.error.data], ["remote", 1, "demo.docs.list", data]);
  assert.equal(message, "it is too large; its data isn't an error that this side knows (error.TooLarge.limit: 18446744073709551615 is beyond what a number can hold: ask for a bigint with `#[ipc(integer = \"bigint\")]`)");
});

test("a method's own error that fits its type in part comes as it was sent, also by a call with progress", async () => {
  const { peer, ipc } = await docs();
  type Odd = { Both: { first: bigint; bytes: Uint8Array; second: bigint } };
  const odd: Interface<{ odd: Request<[], null, Odd, number> }> = {
    channel: "demo.odd", version: "1.0.0", fingerprint: "2:9c3e41d2a07b55fa", format: 1,
    methods: { odd: { e: { s: { Both: { s: { first: "big", bytes: "bytes", second: "big" } } } }, f: "2015cfc8e2897650" } },
  };
  const data = { Both: { first: 5, bytes: "AAEC", second: "x" } };
  peer.answers.set("demo.odd.odd", () => {
    throw new Refusal(1, "odd", data);
  });
  await assert.rejects(ipc.client(odd).odd({ onProgress() {} }), { kind: "remote", code: 1, data, message: /^odd; .*Both\.second: a number was expected/ });
});

for (const [code, kind] of [[-32601, "notFound"], [-32602, "invalidArguments"], [-32603, "handlerFailed"], [-32800, "cancelled"], [-32001, "unauthorized"], [-32005, "closing"], [-32007, "tooLarge"], [-32008, "tooLarge"], [-32009, "limit"], [42, "remote"]] as const) {
  test(`the code ${code} is the kind ${kind}`, async () => {
    const { peer, docs: client } = await docs();
    peer.answers.set("demo.docs.ping", () => {
      throw new Refusal(code, "why", { limit: "x" });
    });
    await assert.rejects(client.ping(), { kind, code, message: "why", data: { limit: "x" }, method: "demo.docs.ping" });
  });
}

test("an argument that can't be sent fails its call before anything is sent", async () => {
  const { peer, docs: client } = await docs();
  await assert.rejects(client.search({ text: "x", limit: 0.5 }), { kind: "invalidArguments", message: /demo\.docs\.search: argument 1\.limit: 0\.5/ });
  assert.equal(peer.of("demo.docs.search").length, 0);
  assert.throws(() => client.log("\ud800"), { kind: "invalidArguments" });
});

test("an abort cancels the call at once, with the signal's reason", async () => {
  const { peer, docs: client } = await docs();
  peer.answers.set("demo.docs.ping", () => SILENCE);
  const stop = new AbortController();
  const call = client.ping({ signal: stop.signal });
  const { id } = await peer.get("demo.docs.ping");
  stop.abort("enough");
  await assert.rejects(call, { kind: "cancelled", cause: "enough" });
  assert.deepEqual((await peer.get("$/cancelRequest")).params, { id });
});

test("a signal that is aborted already sends nothing", async () => {
  const { peer, docs: client } = await docs();
  await assert.rejects(client.ping({ signal: AbortSignal.abort() }), { kind: "cancelled" });
  peer.answers.set("demo.docs.find", () => []);
  await client.find("after");
  assert.equal(peer.of("demo.docs.ping").length + peer.of("$/cancelRequest").length, 0);
});

test("a deadline ends the call and cancels it", async () => {
  const { peer, docs: client } = await docs();
  peer.answers.set("demo.docs.ping", () => SILENCE);
  await assert.rejects(client.ping({ timeout: 5 }), { kind: "deadline", message: /demo\.docs\.ping: no answer within 5 ms/ });
  await peer.get("$/cancelRequest");
});

test("a method that can't be stopped isn't cancelled", async () => {
  const { peer, docs: client } = await docs();
  peer.answers.set("demo.docs.save", () => SILENCE);
  await assert.rejects(client.save({ timeout: 1 }), { kind: "deadline" });
  peer.answers.set("demo.docs.find", () => []);
  await client.find("after");
  assert.equal(peer.of("$/cancelRequest").length, 0);
});

test("deadlines: of the call, else the method, else the connection", async () => {
  const { peer, docs: client } = await docs({ callTimeout: null });
  for (const name of ["ping", "index"]) peer.answers.set(`demo.docs.${name}`, () => 1);
  await client.ping();
  await client.index([]);
  await client.index([], { timeout: 1e12 });
  assert.equal((await peer.get("demo.docs.ping")).ipc, undefined);
  const [own, asked] = peer.of("demo.docs.index").map((one) => one.ipc.timeoutMs as number);
  assert.ok(own && own > 299_000 && own <= 300_000 && asked && asked > 1e11);
  await assert.rejects(client.ping({ timeout: NaN }), { kind: "invalidArguments" });
});

test("progress is heard until the call ends", async () => {
  const { peer, docs: client } = await docs();
  peer.answers.set("demo.docs.index", (_params, { id, ipc }) => {
    peer.say({ method: "$/progress", params: { token: ipc.progress, value: { files: 1 } } });
    peer.say({ method: "$/progress", params: [ipc.progress, { files: 2 }] });
    peer.say({ id, result: 2 });
    peer.say({ method: "$/progress", params: { token: ipc.progress, value: { files: 3 } } });
    return SILENCE;
  });
  const heard: number[] = [];
  assert.equal(await client.index([], { onProgress: ({ files }) => heard.push(files) }), 2);
  assert.deepEqual(heard, [1, 2]);
});

test("calls beyond the backend's limit wait for a place, and those that were given up don't take it", async () => {
  const { peer, docs: client } = await docs();
  peer.hello["limits"] = { maxInFlight: 2 };
  const ipc = await connect(peer);
  const limited = await ipc.open(Docs);
  peer.answers.set("demo.docs.ping", () => SILENCE);
  void client;
  const stop = new AbortController();
  const calls = [limited.ping(), limited.ping({ timeout: null }), limited.ping({ signal: stop.signal }), limited.ping()];
  const second = await peer.get("demo.docs.ping", 2);
  stop.abort();
  await assert.rejects(calls[2] as Promise<unknown>, { kind: "cancelled" });
  assert.equal(peer.of("demo.docs.ping").length, 2);
  peer.say({ id: second.id, result: 2 });
  assert.equal(await calls[1], 2);
  const third = await peer.get("demo.docs.ping", 3);
  peer.say({ id: third.id, result: 3 });
  assert.equal(await calls[3], 3);
  assert.equal(peer.of("$/cancelRequest").length, 0);
  peer.end();
  await assert.rejects(calls[0] as Promise<unknown>, { kind: "disconnected" });
});

test("the connection's end fails calls in flight, which may have run, and later calls say why", async () => {
  const { peer, ipc, docs: client } = await docs();
  peer.answers.set("demo.docs.ping", () => SILENCE);
  const call = client.ping();
  await peer.get("demo.docs.ping");
  peer.say({ method: "rpc.closing", params: { reason: "it is late", restart: false } });
  await assert.rejects(client.ping(), { kind: "closing", mayHaveRun: false });
  peer.end();
  await assert.rejects(call, { kind: "disconnected", mayHaveRun: true, message: /it is late/ });
  await assert.rejects(client.ping(), { kind: "notConnected", mayHaveRun: false, message: /demo\.docs\.ping: it is late/ });
  assert.throws(() => client.log("x"), { kind: "notConnected" });
  assert.equal(ipc.state.get().status, "closed");
});

test("closing tells the backend that this side won't come back", async () => {
  const { peer, ipc, docs: client } = await docs();
  peer.answers.set("demo.docs.ping", () => SILENCE);
  const call = client.ping();
  await peer.get("demo.docs.ping");
  ipc.close();
  await assert.rejects(call, { kind: "disconnected" });
  assert.deepEqual((await peer.get("rpc.closing")).params.final, true);
});

test("a message that is larger than the backend takes fails before it is sent", async () => {
  const { peer, docs: client } = await docs();
  await assert.rejects(client.find("x".repeat(1_000_000)), { kind: "tooLarge", message: /demo\.docs\.find/ });
  await assert.rejects(client.find("ü".repeat(500_000)), { kind: "tooLarge" });
  assert.equal(peer.of("demo.docs.find").length, 0);
});

test("the token is shown in the handshake, and its refusal is told", async () => {
  const peer = new Peer();
  peer.answers.set("rpc.handshake", ({ token }) => {
    queueMicrotask(() => peer.end());
    throw new Refusal(-32001, `not ${token}`);
  });
  await assert.rejects(connect(peer, { token: async () => "secret" }), { kind: "unauthorized", message: "not secret" });
});

test("a token that never comes is given up after the handshake's timeout", async () => {
  await assert.rejects(connect(new Peer(), { token: () => new Promise(() => {}), handshakeTimeout: 5 }), { kind: "notConnected", message: /within 5 ms/ });
});

test("a first message with id null says why a connection ends", async () => {
  const peer = new Peer();
  peer.answers.set("rpc.handshake", () => {
    peer.say({ id: null, error: { code: -32001, message: "you are somebody else" } });
    peer.end();
    return SILENCE;
  });
  await assert.rejects(connect(peer), { kind: "unauthorized", message: "you are somebody else" });
});

test("what says nothing is given up after the handshake's timeout", async () => {
  const peer = new Peer();
  peer.answers.set("rpc.handshake", () => SILENCE);
  await assert.rejects(connect(peer, { handshakeTimeout: 5 }), { message: /within 5 ms/ });
});

test("an echo is no backend", async () => {
  const peer = new Peer();
  peer.answers.set("rpc.handshake", (_params, message) => {
    peer.say(message);
    return SILENCE;
  });
  await assert.rejects(connect(peer), { kind: "protocol", message: /sends back/ });
});

test("the first handshake asks for all interfaces that are known, and no other follows", async () => {
  const peer = new Peer();
  const ipc = connectLazily(peer);
  const client = ipc.client(Docs);
  peer.answers.set("demo.docs.ping", () => 1);
  assert.equal(await client.ping(), 1);
  const handshakes = peer.of("rpc.handshake");
  assert.equal(handshakes.length, 1);
  assert.deepEqual(handshakes[0]?.params.uses, [{ channel: "demo.docs", version: "1.2.0", fingerprint: "2:9c3e41d2a07b55f8" }]);
});

test("calls of a lazy connection keep their order, and a failure reaches them", async () => {
  const peer = new Peer();
  const ipc = connectLazily(peer);
  const client = ipc.client(Docs);
  peer.answers.set("demo.docs.find", () => []);
  client.log("1");
  await Promise.all([client.find("2"), client.find("3")]);
  assert.deepEqual(peer.received.slice(1).map((one) => one.params[0]), ["1", "2", "3"]);

  const nobody = connectLazily({ endpoint: "test:nobody", dial: () => Promise.reject(new IpcError("notConnected", "nobody is there")) });
  await assert.rejects(nobody.client(Docs).ping(), { kind: "notConnected", message: /demo\.docs\.ping: nobody is there/ });
});

const mismatched = { channel: "demo.docs", version: "2.0.0", fingerprint: "2:0000000000000000" };

test("a version mismatch names versions, methods, and what to do", async () => {
  const peer = new Peer();
  peer.use = () => ({
    channel: "demo.docs",
    error: {
      code: -32003,
      message: "no",
      data: {
        ...mismatched,
        methods: {
          list: { signature: "list(dir: &Path) -> Vec<FileInfo>", fingerprint: "2:ffffffffffffffff" },
          ping: { signature: "ping() -> u32", fingerprint: "2:2015cfc8e2897645" },
          added: { signature: "added()", fingerprint: "2:1" },
        },
        types: { FileInfo: "struct { name: String }" },
      },
    },
  });
  const heard: string[] = [];
  const ipc = await connect(peer, { onVersionMismatch: (one) => heard.push(one.summary) });
  const error = await ipc.open(Docs).then(
    () => assert.fail("it opened"),
    (thrown: unknown) => thrown,
  );
  assert.ok(error instanceof VersionMismatchError);
  const { mismatch } = error;
  assert.equal(error.kind, "versionMismatch");
  assert.equal(mismatch.newer, "backend");
  const { version, fingerprint, types } = mismatch.theirs;
  assert.deepEqual([version, fingerprint, types?.["FileInfo"]], ["2.0.0", "2:0000000000000000", "struct { name: String }"]);
  const methods = differences(mismatch);
  assert.deepEqual(methods.find(({ name }) => name === "list"), { name: "list", theirs: "list(dir: &Path) -> Vec<FileInfo>", reason: "differs" });
  assert.deepEqual(methods.find(({ name }) => name === "added"), { name: "added", theirs: "added()", reason: "missingHere" });
  assert.equal(methods.find(({ name }) => name === "read")?.reason, "missingThere");
  assert.equal(methods.some(({ name }) => name === "ping"), false);
  assert.match(mismatch.text, /1\.2\.0.*2\.0\.0/);
  assert.deepEqual(heard, [typeof location === "undefined" ? "The backend is newer than this program. Update the program." : "A new version is there. Reload the page."]);
  await assert.rejects(ipc.client(Docs).ping(), { kind: "versionMismatch" });
});

test("a method that a side has under another name differs, and isn't missing", () => {
  const methods = { list: { f: "1" }, found: { w: "find", was: ["look"], f: "2" }, gone: { f: "3" } };
  const ours = { channel: "c", version: "1.0.0", fingerprint: "2:0", format: 1, methods } as Interface<unknown>;
  const there = { search: { signature: "search()", fingerprint: "2:4", aliases: ["list"] }, look: { signature: "look()", fingerprint: "2:5" } };
  const theirs = { version: "2.0.0", fingerprint: "2:1", methods: there };
  assert.deepEqual(differences({ channel: "c", ours, theirs, newer: "backend", summary: "", text: "" }), [
    { name: "list", theirs: "search()", reason: "differs" },
    { name: "find", theirs: "look()", reason: "differs" },
    { name: "gone", reason: "missingThere" },
  ]);
});

for (const [where, isPage] of [["a page", true], ["a program", false]] as const) {
  test(`what to do about a mismatch fits ${where}`, async (t) => {
    if (isPage) {
      Object.assign(globalThis, { location: { href: "http://localhost/" } });
      t.after(() => Reflect.deleteProperty(globalThis, "location"));
    }
    const summaries: string[] = [];
    for (const version of ["2.0.0", "1.0.0", Docs.version]) {
      const peer = new Peer();
      peer.use = () => ({ channel: "demo.docs", error: { code: -32003, message: "no", data: { ...mismatched, version } } });
      const ipc = await connect(peer);
      await assert.rejects(ipc.open(Docs), (error: VersionMismatchError) => {
        assert.ok(error.message.endsWith(error.mismatch.summary));
        summaries.push(error.mismatch.summary);
        return true;
      });
    }
    const [newer, older, same] = summaries as [string, string, string];
    for (const one of [older, same]) assert.match(one, isPage ? /this page/i : /this program/i);
    for (const one of [newer, same]) assert.match(one, isPage ? /Reload the page/ : /^(?!.*[Rr]eload)(?!.*page)/);
    assert.match(older, /Update the backend/);
  });
}

test("one version with two fingerprints doesn't fit, other algorithms aren't compared", async () => {
  for (const [fingerprint, fits] of [["2:0000000000000000", false], ["3:0000000000000000", true]] as const) {
    const peer = new Peer();
    peer.use = (used) => ({ ...used, fingerprint });
    const opened = (await connect(peer)).open(Docs);
    if (fits) await opened;
    else await assert.rejects(opened, (error: VersionMismatchError) => error.mismatch.newer === "same");
  }
});

test("bindings of another form are refused, with what to update", async () => {
  const ipc = await connect(new Peer());
  await assert.rejects(ipc.open({ ...Docs, format: 2 }), { kind: "versionMismatch", message: /form 2.*form 1/ });
  assert.throws(() => ipc.functions({ ...Functions, format: 2 }), { kind: "versionMismatch", message: /form 2.*form 1/ });
});

test("functions by name: typed, untyped, by position and by name", async () => {
  const { peer, ipc } = await docs();
  peer.answers.set("add", ([a, b]) => a + b);
  peer.answers.set("find", ({ text }) => text);
  assert.equal(await ipc.functions(Functions).add(2, 3), 5);
  assert.equal(await ipc.functions(Functions).find({ text: "needle" }), "needle");
  assert.equal(await ipc.call<number>("add", [2, 3]), 5);
  assert.equal(await ipc.call<string>("find", { text: "x" }), "x");
  ipc.notify("theme", ["dark"]);
  assert.deepEqual((await peer.get("theme")).params, ["dark"]);
  ipc.notify(Events.theme, "light");
  assert.deepEqual((await peer.get("theme", 2)).params, ["light"]);
  ipc.notify(Events.resized, { width: 7n });
  assert.deepEqual((await peer.get("resized")).params, { width: 7 });
});

test("what is no message is answered, and the connection goes on", async () => {
  const { peer, docs: client } = await docs();
  peer.say("[]");
  peer.say("7");
  await peer.until(() => peer.received.filter((one) => one.error).length === 2);
  assert.deepEqual(peer.received.filter((one) => one.error).map((one) => [one.id, one.error.code]), [[null, -32600], [null, -32600]]);
  peer.answers.set("demo.docs.ping", () => 1);
  assert.equal(await client.ping(), 1);
});

test("replies to nobody are dropped", async () => {
  const { peer, docs: client } = await docs();
  for (const id of [999, "x", null]) peer.say({ id, result: 1 });
  peer.answers.set("demo.docs.ping", () => 1);
  assert.equal(await client.ping(), 1);
});

test("state is the same object until it changes, and listeners hear of each change", async () => {
  const peer = new Peer();
  const ipc = connectLazily(peer);
  const heard: string[] = [];
  const stop = ipc.state.subscribe(() => heard.push(ipc.state.get().status));
  assert.equal(ipc.state.get().status, "connecting");
  await ipc.open(Docs);
  assert.equal(ipc.state.get(), ipc.state.get());
  ipc.close();
  stop();
  assert.deepEqual(heard, ["connected", "closed"]);
});

test("a backend that is silent is asked, and what it says keeps the connection", async () => {
  const peer = new Peer();
  peer.answers.set("rpc.ping", () => null);
  const ipc = await connect(peer, { heartbeat: 20 });
  assert.equal((await peer.get("rpc.handshake")).params.heartbeatMs, 20);
  const alive = setInterval(() => {}, 1_000);
  await peer.get("rpc.ping", 3);
  clearInterval(alive);
  assert.equal(ipc.state.get().status, "connected");
  ipc.close();
});

test("a backend that stays silent is given up, and calls and subscriptions end", async () => {
  const { peer, ipc, docs: client } = await docs({ heartbeat: 50 });
  for (const name of ["demo.docs.ping", "rpc.ping"]) peer.answers.set(name, () => SILENCE);
  peer.answers.set("demo.docs.changed", () => 7);
  const changes = await client.changed(".");
  const [call, item] = [client.ping(), changes.next()];
  await assert.rejects(call, { kind: "disconnected", mayHaveRun: true, message: /silent for 100 ms/ });
  await assert.rejects(item, { kind: "disconnected" });
  assert.equal(peer.of("rpc.ping").length, 1);
  assert.equal(ipc.state.get().status, "closed");
});

test("a reply that is none fails its call", async () => {
  const peer = new Peer();
  const ipc = await connect(peer);
  peer.answers.set("odd", (_params, { id }) => {
    peer.say({ id });
    return SILENCE;
  });
  await assert.rejects(ipc.call("odd"), { kind: "protocol", method: "odd" });
});

test("closing settles when the connection is closed, and again at once; closing before it is open gives it up", async () => {
  const peer = new Peer();
  const ipc = await connect(peer);
  await ipc.close();
  assert.equal(peer.isClosed, true);
  await ipc.close();
  const lazy = connectLazily(new Peer());
  const call = lazy.call("x");
  await lazy.close();
  await assert.rejects(call, { kind: "notConnected" });
  await assert.rejects(lazy.call("x"), { kind: "notConnected", message: /this side has closed/ });
});

test("a variant without an arm is an error of the protocol that names it", () => {
  const arms = { Busy: () => 1, NotFound: () => 2 };
  for (const [value, name] of [["New", "New"], [{ Newer: 1 }, "Newer"], [{}, "undefined"], [null, "undefined"], ["toString", "toString"]] as const) {
    assert.throws(() => match(value as "Known", arms as unknown as { Known: () => number }), { kind: "protocol", message: new RegExp(`variant \`${name}\`, beside Busy, NotFound`) });
  }
});

test("cancelling a thousand calls frees their places, once they are answered", async () => {
  const { peer, docs: client } = await docs();
  peer.answers.set("demo.docs.read", () => SILENCE);
  const stop = new AbortController();
  const calls = Array.from({ length: 1_000 }, () => client.read("x", { signal: stop.signal }).result());
  await peer.get("demo.docs.read", 64);
  stop.abort();
  for (const outcome of await Promise.all(calls)) assert.ok(!outcome.ok && outcome.error.kind === "cancelled");
  assert.equal(peer.of("demo.docs.read").length, 64, "the others were never sent");
  for (const { id } of peer.of("demo.docs.read")) peer.say({ id, error: { code: -32800, message: "cancelled" } });
  peer.answers.set("demo.docs.ping", () => 7);
  assert.equal(await client.ping(), 7);
});

test("a deadline counts before the call could be sent", async () => {
  const { peer, docs: client } = await docs();
  peer.answers.set("demo.docs.read", () => SILENCE);
  const taken = Array.from({ length: 64 }, () => client.read("x", { timeout: null }).result());
  await peer.get("demo.docs.read", 64);
  await assert.rejects(client.read("late", { timeout: 20 }), { kind: "deadline" });
  assert.equal(peer.of("demo.docs.read").length, 64);
  await assert.rejects(client.read("x", { timeout: NaN }), { kind: "invalidArguments" });
  peer.end();
  await Promise.all(taken);
});

test("the longest time is no deadline", async () => {
  const { peer, docs: client } = await docs();
  peer.answers.set("demo.docs.ping", () => 7);
  for (const timeout of [2 ** 31, Number.MAX_VALUE, Infinity]) assert.equal(await client.ping({ timeout }), 7);
});
