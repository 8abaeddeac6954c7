// The option `check`: what is sent and what comes is of its type, or its call fails with what is wrong.
import assert from "node:assert/strict";
import { test } from "node:test";
import { connect, handler, listener, type Handler, type Ipc, type IpcError } from "ipc-runtime";
import { check } from "ipc-runtime/check";
import { $Types, Docs, Events, Functions, Window, type WindowMethods } from "./support/docs.js";
import { Peer, Refusal, SILENCE } from "./support/peer.js";
import { quiet } from "./support/serving.js";

const FILE = { name: "a", kind: "File", size: 1, inode: 2 };

async function connected(impl: Partial<Handler<WindowMethods>> = {}): Promise<{ peer: Peer; ipc: Ipc; told: IpcError[] }> {
  const peer = new Peer();
  const told: IpcError[] = [];
  const serve = [handler(Window, { ...quiet, ...impl })];
  const ipc = await connect(peer, { check: check($Types), serve, onError: (error) => told.push(error) });
  return { peer, ipc, told };
}

test("what is of its type goes and comes as it does without a check", async () => {
  const { peer, ipc } = await connected();
  const docs = await ipc.open(Docs);
  peer.answers.set("demo.docs.list", () => [FILE]);
  peer.answers.set("demo.docs.find", (params) => params);
  peer.answers.set("demo.docs.read", () => "aGk=");
  assert.deepEqual(await docs.list("."), [{ ...FILE, inode: 2n }]);
  assert.deepEqual(await docs.find("x"), ["x"]);
  assert.deepEqual(await docs.find("x", "y"), ["x", "y"]);
  assert.deepEqual(await docs.read("x"), Uint8Array.of(104, 105));
  docs.log("line");
  assert.deepEqual((await peer.get("demo.docs.log")).params, ["line"]);
});

const WRONG_ARGUMENTS: [what: string, call: (ipc: Ipc) => unknown, message: RegExp][] = [
  ["an argument of another kind", (ipc) => ipc.client(Docs).list(7 as never), /^demo\.docs\.list: argument 1: text is expected, not 7$/],
  ["a missing argument", (ipc) => (ipc.client(Docs).list as () => unknown)(), /^demo\.docs\.list: argument 1: text is expected, not null$/],
  ["a member beyond its range", (ipc) => ipc.client(Docs).search({ text: "x", limit: -1 }), /^demo\.docs\.search: argument 1\.limit: an integer from 0 to 18446744073709551615 is expected, not -1$/],
  ["a missing member", (ipc) => ipc.client(Docs).search({} as never), /argument 1\.text: text is expected, and there is none$/],
  ["an argument of a function", (ipc) => ipc.functions(Functions).add(1, "2" as never), /^add: argument 2: an integer from -9223372036854775808 to 9223372036854775807 is expected, not "2"$/],
  ["an argument that is `params` itself", (ipc) => ipc.functions(Functions).find({ text: 1 as never }), /^find: argument 1\.text: text is expected, not 1$/],
];

for (const [what, call, message] of WRONG_ARGUMENTS) {
  test(`${what} isn't sent`, async () => {
    const { peer, ipc } = await connected();
    await assert.rejects(async () => call(ipc), { kind: "invalidArguments", message });
    await ipc.call("later").catch(() => {});
    assert.deepEqual(peer.received.map(({ method }) => method), ["rpc.handshake", "later"]);
  });
}

test("a wrong notification throws", async () => {
  const { ipc } = await connected();
  assert.throws(() => ipc.client(Docs).log(7 as never), { kind: "invalidArguments", message: /demo\.docs\.log: argument 1: text is expected, not 7/ });
  assert.throws(() => ipc.notify(Events.resized, { width: 1 as never }), { kind: "invalidArguments", message: /resized: argument 1\.width: a bigint from 0/ });
});

test("a wrong result fails its call, with what is expected", async () => {
  const { peer, ipc } = await connected();
  const docs = await ipc.open(Docs);
  peer.answers.set("demo.docs.list", () => [FILE, { ...FILE, kind: "Link" }]);
  await assert.rejects(docs.list("."), { kind: "protocol", method: "demo.docs.list", message: 'demo.docs.list: result[1].kind: "File" or "Directory" or "Other" is expected, not "Link"' });
  peer.answers.set("demo.docs.save", () => 7);
  await assert.rejects(docs.save(), { kind: "protocol", message: "demo.docs.save: result: null is expected, not 7" });
});

test("a wrong error of a method is no error of the method, and keeps what was sent", async () => {
  const { peer, ipc } = await connected();
  peer.answers.set("demo.docs.list", () => {
    throw new Refusal(1, "it", { TooLarge: { path: "x" } });
  });
  await assert.rejects(ipc.client(Docs).list("."), {
    kind: "remote",
    code: 1,
    data: { TooLarge: { path: "x" } },
    message: /^it; its data isn't an error that this side knows \(error\.TooLarge\.limit: an integer from 0 to \d+ is expected, and there is none\)$/,
  });
});

test("a wrong report of progress ends its call", async () => {
  const { peer, ipc } = await connected();
  peer.answers.set("demo.docs.index", (_params, { ipc }) => {
    peer.say({ method: "$/progress", params: { token: ipc.progress, value: { files: "many" } } });
    return 1;
  });
  await assert.rejects(ipc.client(Docs).index([], { onProgress() {} }), { kind: "protocol", message: /progress\.files: an integer from 0/ });
});

test("a wrong item ends its subscription, and so does a wrong error", async () => {
  const { peer, ipc } = await connected();
  peer.answers.set("demo.docs.changed", (_params, { ipc, id }) => ipc?.subscription ?? id);
  for (const [kind, member, message] of [
    ["protocol", { result: { ...FILE, size: -1 } }, /item\.size: an integer from 0/],
    ["remote", { error: { code: 1, message: "it", data: "busy" } }, /^it; .*error: \{ NotFound \} or \{ TooLarge \} or "Busy" is expected, not "busy"/],
  ] as const) {
    const changed = await ipc.client(Docs).changed(".");
    const { ipc: asked, id } = peer.of("demo.docs.changed").at(-1) as { ipc?: { subscription?: number }; id: number };
    peer.say({ method: "demo.docs.changed", params: { subscription: asked?.subscription ?? id, ...member } });
    await assert.rejects(changed.next(), { kind, message });
  }
});

test("a wrong item of an upload isn't sent", async () => {
  const { peer, ipc } = await connected();
  peer.answers.set("demo.docs.store", () => SILENCE);
  const items: unknown[] = [Uint8Array.of(1), "x"];
  const stored = ipc.client(Docs).store("name", items as Uint8Array[]);
  const { params } = await peer.get("$/stream", 2);
  assert.equal(params.error.message, 'an item: a Uint8Array is expected, not "x"');
  peer.say({ id: peer.of("demo.docs.store")[0]?.id, result: 1 });
  await stored;
  assert.equal(peer.of("$/stream").length, 2);
});

test("a handler doesn't run for wrong arguments, and a listener isn't called", async () => {
  let calls = 0;
  const { peer, ipc, told } = await connected({ show: () => ++calls, moved: () => void calls++ });
  ipc.serve(listener(Events.theme, (name) => void (calls += name.length)));
  const { error } = await peer.ask(1, "demo.window.show", [7]);
  assert.deepEqual(error, { code: -32602, message: "demo.window.show: argument 1: text is expected, not 7" });
  peer.say({ method: "demo.window.moved", params: [1, 2 ** 31] });
  peer.say({ method: "theme", params: [null] });
  await peer.ask(2, "rpc.ping");
  assert.deepEqual(told.map(({ message }) => message), [
    "demo.window.moved: a notification was dropped: argument 2: an integer from -2147483648 to 2147483647 is expected, not 2147483648",
    "theme: a notification was dropped: argument 1: text is expected, not null",
  ]);
  assert.equal(calls, 0);
});

test("what a handler gives is looked at, and this side hears what is wrong", async () => {
  const { peer, told } = await connected({
    show(text, call) {
      if (text === "error") throw call.fail(7 as never);
      if (text === "progress") call.progress("half" as never);
      return "four" as never;
    },
    async *ticks() {
      yield 7 as never;
    },
  });
  for (const text of ["result", "error", "progress"]) assert.equal((await peer.ask(text, "demo.window.show", [text], { progress: 1 })).error.code, -32603);
  await peer.ask("ticks", "demo.window.ticks", [1], { subscription: 9 });
  await peer.get("demo.window.ticks");
  assert.deepEqual(told.map(({ message }) => message.replace(/^demo\.window\./, "")), [
    "show: the handler failed: the result: an integer from 0 to 4294967295 is expected, not \"four\"",
    "show: the handler failed: the error: text is expected, not 7",
    "show: the handler failed: the progress: an integer from 0 to 4294967295 is expected, not \"half\"",
    "ticks: the stream failed: an item: a bigint from 0 to 18446744073709551615 is expected, not 7",
  ]);
});

test("wrong items of a handler's stream argument end it", async () => {
  let failed: unknown;
  const { peer } = await connected({
    async sum(numbers) {
      let sum = 0;
      try {
        for await (const n of numbers) sum += n;
      } catch (error) {
        failed = error;
      }
      return sum;
    },
  });
  assert.equal((await peer.ask(1, "demo.window.sum", [[1, 2]])).result, 3);
  const asked = peer.ask(2, "demo.window.sum", [{ $stream: 5 }]);
  peer.say({ method: "$/stream", params: { stream: 5, item: "x" } });
  assert.deepEqual((await asked).result, 0);
  assert.match((failed as Error).message, /demo\.window\.sum: item: an integer from 0 to 4294967295 is expected, not "x"/);
});

test("an interface that isn't in the types isn't checked", async () => {
  const peer = new Peer();
  const ipc = await connect(peer, { check: check({ types: {} }) });
  peer.answers.set("demo.docs.save", () => 7);
  assert.equal(await ipc.client(Docs).save(), 7);
});
