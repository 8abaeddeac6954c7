import assert from "node:assert/strict";
import { test } from "node:test";
import { exposed, handler, listener, subscribing, type CallContext, type Interface, type IpcError, type Note, type Request, type Subscribe } from "ipc-runtime";
import { connect } from "./support/connect.js";
import { Events, Window, type WindowMethods } from "./support/docs.js";
import { Peer, Refusal, SILENCE } from "./support/peer.js";
import { quiet, serving } from "./support/serving.js";

test("a handler answers a call of the backend, by its plans", async () => {
  const { peer } = await serving({ show: (text) => text.length, big: (n) => n * 2n });
  assert.equal((await peer.ask("a", "demo.window.show", ["four"])).result, 4);
  peer.say('{"jsonrpc":"2.0","id":"b","method":"demo.window.big","params":[4611686018427387904]}');
  assert.equal((await peer.until(() => peer.received.find(({ id }) => id === "b"))).result, 2 ** 63);
});

test("a handler is called by a method's old names too, and items have the name that was asked for", async () => {
  const noted: string[] = [];
  interface LibraryMethods {
    search: Request<[dir: string], string>;
    note: Note<[line: string]>;
    follow: Subscribe<[from: number], number>;
  }
  const Library: Interface<LibraryMethods> = {
    channel: "demo.library", version: "1.1.0", fingerprint: "2:9c3e41d2a07b55fb", format: 1,
    methods: { search: { n: 1, w: "find", was: ["list", "look"], f: "0" }, note: { n: 1, k: "note", was: ["log"], f: "0" }, follow: { n: 1, k: subscribing, was: ["watch"], f: "0" } },
  };
  const serve = [handler(Library, { search: (dir) => `in ${dir}`, note: (line) => void noted.push(line), async *follow(from) { yield from; } })];
  const peer = new Peer();
  await connect(peer, { serve });
  for (const name of ["find", "list", "look"]) assert.equal((await peer.ask(name, `demo.library.${name}`, ["a"])).result, "in a");
  peer.say({ method: "demo.library.log", params: ["old"] });
  await peer.until(() => noted.length);
  assert.deepEqual(noted, ["old"]);
  const { result } = await peer.ask(1, "demo.library.watch", [7]);
  const item = await peer.get("demo.library.watch");
  assert.deepEqual(item.params, { subscription: result, result: 7, ...item.params });
  assert.equal((await peer.ask(2, "demo.library.search", ["a"])).error.code, -32601);
});

test("the handshake tells what is served, both ways", async () => {
  const { peer } = await serving({});
  const told = { channel: "demo.window", version: "1.1.0", fingerprint: "2:9c3e41d2a07b55f9" };
  assert.deepEqual((await peer.get("rpc.handshake")).params.exposes, [told]);
  const uses = [{ ...told, version: "1.0.0" }, { ...told, version: "1.2.0" }, { ...told, fingerprint: "2:0" }, { ...told, channel: "none" }];
  const { result } = await peer.ask(1, "rpc.handshake", { protocol: 1, uses });
  assert.deepEqual(result.exposes, [told]);
  assert.deepEqual(result.uses.map((one: any) => one.error?.code ?? one.version), ["1.1.0", -32003, -32003, -32601]);
});

test("a side that serves nothing answers so", async () => {
  const peer = new Peer();
  await connect(peer);
  assert.equal((await peer.ask(1, "rpc.ping")).result, null);
  assert.equal((await peer.ask(2, "x.y")).error.code, -32601);
  assert.equal((await peer.ask(3, "rpc.handshake", { protocol: 1, uses: [{ channel: "c" }] })).result.uses[0].error.code, -32601);
  peer.say({ method: "x.y", params: [] });
});

test("a handler's own error travels typed, any other without its text", async (t) => {
  const { peer } = await serving({
    show(text, call) {
      if (text === "own") throw call.fail("typed", "for people");
      throw new Error("a secret");
    },
  });
  const log = t.mock.method(console, "error", () => {});
  assert.deepEqual((await peer.ask(1, "demo.window.show", ["own"])).error, { code: 1, message: "for people", data: "typed" });
  assert.equal(log.mock.callCount(), 0);
  const { error } = await peer.ask(2, "demo.window.show", ["other"]);
  assert.equal(error.code, -32603);
  assert.doesNotMatch(JSON.stringify(error), /secret/);
  assert.equal(log.mock.callCount(), 1, "this side's console has it");
});

test("another call's error isn't the handler's own", async (t) => {
  t.mock.method(console, "error", () => {});
  const { peer } = await serving({
    show: (text, call) => call.peer.call("back", [text]),
    async *ticks(_from, call) {
      yield* await call.peer.call<bigint[]>("back", ["a stream"]);
    },
  });
  peer.answers.set("back", () => {
    throw new Refusal(1, "a secret", { NotFound: "/secret/path" });
  });
  const failed = { code: -32603, message: "the handler failed" };
  assert.deepEqual((await peer.ask("a", "demo.window.show", [""])).error, failed);
  await peer.ask("b", "demo.window.ticks", [0]);
  assert.deepEqual((await peer.get("demo.window.ticks")).params.error, failed);
});

test("a result that can't be sent is the call's error", async (t) => {
  const { peer } = await serving({ show: () => new Date(0) as never });
  t.mock.method(console, "error", () => {});
  assert.equal((await peer.ask(1, "demo.window.show", [""])).error.code, -32603);
});

test("a reply that is larger than the peer takes is a -32008", async () => {
  const peer = new Peer();
  await connect(peer, { serve: [exposed("long", () => "x".repeat(1_000_001))] });
  assert.equal((await peer.ask(1, "long")).error.code, -32008);
});

test("wrong arguments and unknown methods are told", async () => {
  const { peer } = await serving({});
  assert.match((await peer.ask(1, "demo.window.show", ["a", "b"])).error.message, /1 arguments are taken, 2 came/);
  assert.match((await peer.ask(2, "demo.window.show", { text: "a" })).error.message, /by position/);
  assert.match((await peer.ask(3, "demo.window.nope", [])).error.message, /`demo\.window` \(version 1\.1\.0\) has no method `nope`/);
  assert.match((await peer.ask(4, "constructor", [])).error.message, /no method or function/);
});

test("a cancelled request is answered at once, and its handler hears of it", async () => {
  let hear = (): void => {};
  const heard = new Promise<void>((resolve) => (hear = resolve));
  const { peer } = await serving({
    show: (_text, { signal }) =>
      new Promise((resolve) => {
        signal.addEventListener("abort", () => {
          hear();
          resolve(1);
        });
      }),
  });
  const reply = peer.ask(5, "demo.window.show", [""]);
  peer.say({ method: "$/cancelRequest", params: { id: "5" } });
  peer.say({ method: "$/cancelRequest", params: { id: 5 } });
  assert.equal((await reply).error.code, -32800);
  await heard;
  await peer.ask(6, "rpc.ping");
  assert.equal(peer.received.filter(({ id }) => id === 5).length, 1, "it is answered once");
});

test("the connection's end aborts handlers", async () => {
  let hear = (_reason: unknown): void => {};
  const heard = new Promise((resolve) => (hear = resolve));
  const { peer } = await serving({ show: (_text, { signal }) => new Promise(() => signal.addEventListener("abort", () => hear(signal.reason))) });
  peer.say({ id: 1, method: "demo.window.show", params: [""] });
  peer.end();
  assert.equal(((await heard) as { kind: string }).kind, "disconnected");
});

test("an id that is in flight is refused, and the first one goes on", async () => {
  let release = (): void => {};
  const { peer } = await serving({ show: () => new Promise((resolve) => (release = () => resolve(1))) });
  peer.say({ id: 1, method: "demo.window.show", params: [""] });
  peer.say({ id: 1, method: "demo.window.show", params: [""] });
  await peer.until(() => peer.received.some(({ error }) => error?.code === -32600));
  release();
  await peer.until(() => peer.received.some(({ result }) => result === 1));
});

test("a handler reports progress to who asked for it", async () => {
  const { peer } = await serving({
    show(_text, call) {
      call.progress(50);
      return 1;
    },
  });
  await peer.ask(1, "demo.window.show", [""]);
  await peer.ask(2, "demo.window.show", [""], { progress: "token" });
  assert.deepEqual(peer.of("$/progress").map(({ params }) => params), [{ token: "token", value: 50 }]);
});

test("notifications of one channel run one after another", async () => {
  const order: string[] = [];
  let release = (): void => {};
  const { peer } = await serving({
    async moved(x) {
      order.push(`begin ${x}`);
      if (x === 1) await new Promise<void>((resolve) => (release = resolve));
      order.push(`end ${x}`);
    },
  });
  peer.say({ method: "demo.window.moved", params: [1, 0] });
  peer.say({ method: "demo.window.moved", params: [2, 0] });
  await peer.ask(1, "rpc.ping");
  release();
  await peer.ask(2, "rpc.ping");
  assert.deepEqual(order, ["begin 1", "end 1", "begin 2", "end 2"]);
});

test("notifications beyond 1,024 that wait are dropped, and both sides are told", async (t) => {
  let release = (): void => {};
  const { peer } = await serving({ moved: (x) => (x === 0 ? new Promise<void>((resolve) => (release = resolve)) : undefined) });
  const log = t.mock.method(console, "error", () => {});
  for (let n = 0; n < 1 + 1024 + 3; n++) peer.say({ method: "demo.window.moved", params: [n, 0] });
  assert.deepEqual((await peer.get("rpc.dropped")).params, { channel: "demo.window", n: 1 }, "also if its handler never ends");
  assert.match(String(log.mock.calls[0]?.arguments[0]), /demo\.window: 1 notifications were dropped/);
  release();
  assert.deepEqual((await peer.get("rpc.dropped", 2)).params, { channel: "demo.window", n: 2 });
});

test("a subscription to a handler keeps to the peer's window, and its end waits too", async () => {
  const { peer } = await serving({
    async *ticks(from, call) {
      for (let n = BigInt(from); n < 6n; n++) yield n;
      throw call.fail("over");
    },
  });
  const { result: subscription } = await peer.ask(1, "demo.window.ticks", [0]);
  await peer.get("demo.window.ticks", 4);
  await peer.ask(2, "rpc.ping");
  assert.deepEqual(peer.of("demo.window.ticks").map(({ params }) => params), [0, 1, 2, 3].map((result) => ({ subscription, result })));
  peer.say({ method: "rpc.credit", params: { subscription, n: 3 } });
  assert.deepEqual((await peer.get("demo.window.ticks", 7)).params, { subscription, error: { code: 1, message: "the method failed", data: "over" } });
});

test("a request may narrow the window", async () => {
  const { peer } = await serving({ async *ticks() { for (let n = 0n; ; n++) yield n; } });
  await peer.ask(1, "demo.window.ticks", [0], { window: 2 });
  await peer.get("demo.window.ticks", 2);
  await peer.ask(2, "rpc.ping");
  assert.equal(peer.of("demo.window.ticks").length, 2);
});

test("unsubscribing returns from the handler's stream", async () => {
  let hear = (): void => {};
  const heard = new Promise<void>((resolve) => (hear = resolve));
  const { peer } = await serving({
    async *ticks() {
      try {
        for (let n = 0n; ; n++) yield n;
      } finally {
        hear();
      }
    },
  });
  const { result } = await peer.ask(1, "demo.window.ticks", [0]);
  await peer.get("demo.window.ticks", 4);
  assert.equal((await peer.ask(2, "rpc.unsubscribe", [result])).result, true);
  await heard;
  assert.equal((await peer.ask(3, "rpc.unsubscribe", [result])).result, false);
});

const sum = async (numbers: AsyncIterable<number>): Promise<number> => {
  let all = 0;
  for await (const one of numbers) all += one;
  return all;
};

test("a stream argument is read with credit, up to its end", async () => {
  const { peer } = await serving({ sum });
  peer.say({ id: 1, method: "demo.window.sum", params: [{ $stream: 9 }] });
  for (let n = 0; n < 200; n++) peer.say({ method: "$/stream", params: { stream: 9, item: n } });
  assert.deepEqual((await peer.get("rpc.credit")).params, { stream: 9, n: 128 });
  peer.say({ method: "$/stream", params: { stream: 9, done: true } });
  const { result } = await peer.until(() => peer.received.find(({ id, method }) => id === 1 && !method));
  assert.equal(result, 19_900);
  assert.equal(peer.of("rpc.closeStream").length, 0);
});

test("a stream argument may be a list, and its error reaches the handler", async (t) => {
  t.mock.method(console, "error", () => {});
  const { peer } = await serving({ sum });
  assert.equal((await peer.ask(1, "demo.window.sum", [[1, 2, 3]])).result, 6);
  const reply = peer.ask(2, "demo.window.sum", [{ $stream: 9 }]);
  peer.say({ method: "$/stream", params: { stream: 9, error: { code: 1, message: "gone" } } });
  assert.equal((await reply).error.code, -32603);
});

test("an item of another kind ends a stream argument", async () => {
  const errors: IpcError[] = [];
  const [peer, method] = [new Peer(), { sum: { n: 1, a: [{ stream: "int" as const }] } }];
  await connect(peer, { onError: (error) => errors.push(error), serve: [handler<{ sum: WindowMethods["sum"] }>({ ...Window, methods: method }, { sum })] });
  const reply = peer.ask(1, "demo.window.sum", [{ $stream: 9 }]);
  peer.say({ method: "$/stream", params: { stream: 9, item: "x" } });
  assert.equal((await reply).error.code, -32603);
  const cause = errors[0]?.cause as IpcError;
  assert.deepEqual([cause.kind, cause.method], ["protocol", "demo.window.sum"]);
});

test("a notification opens no subscription, and an id is a number that JSON has", async () => {
  let opened = 0;
  const { peer } = await serving({ ticks: () => (opened++, (async function* () {})()) });
  peer.say({ method: "demo.window.ticks", params: [1] });
  peer.say('{"jsonrpc":"2.0","id":1e400,"method":"demo.window.ticks","params":[1]}');
  await peer.until(() => peer.received.some(({ id, error }) => id === null && error?.code === -32600));
  assert.equal(opened, 0);
});

test("a stream argument that its handler leaves is closed", async () => {
  const { peer } = await serving({ sum: () => 0 });
  await peer.ask(1, "demo.window.sum", [{ $stream: 9 }]);
  assert.deepEqual((await peer.get("rpc.closeStream")).params, [9]);
});

test("things can be served at any time, and no longer when they are disposed of", async () => {
  const peer = new Peer();
  const ipc = await connect(peer);
  const served = ipc.serve(handler(Window, { ...quiet, show: (text) => text.length }));
  assert.equal((await peer.ask(1, "demo.window.show", ["abc"])).result, 3);
  assert.throws(() => ipc.serve(handler(Window, quiet)), /demo\.window is served already/);
  served[Symbol.dispose]();
  assert.equal((await peer.ask(2, "demo.window.show", ["abc"])).error.code, -32601);
  ipc.serve(handler(Window, quiet));
});

test("what is disposed of twice doesn't end what is served anew", async () => {
  const peer = new Peer();
  const ipc = await connect(peer);
  const before = ipc.serve(handler(Window, quiet));
  before.dispose();
  ipc.serve(handler(Window, { ...quiet, show: () => 7 }));
  before.dispose();
  assert.equal((await peer.ask(1, "demo.window.show", [""])).result, 7);
});

test("an implementation without one of the methods, or of bindings of another form, isn't served", () => {
  const { show: _, ...rest } = quiet;
  assert.throws(() => handler(Window, rest as typeof quiet), /demo\.window can't be served: .* no method `show`/);
  assert.throws(() => handler<WindowMethods>({ ...Window, format: 2 }, quiet), { kind: "versionMismatch", message: /form 2.*form 1/ });
});

test("functions by name take positions or one object", async () => {
  const peer = new Peer();
  const ipc = await connect(peer, { serve: [exposed("title", () => "editor"), exposed("add", (a: number, b: number) => a + b)] });
  const search = ipc.serve(exposed("search", ({ text }: { text: string }) => text));
  assert.equal((await peer.ask(1, "title")).result, "editor");
  assert.equal((await peer.ask(2, "add", [2, 3])).result, 5);
  assert.equal((await peer.ask(3, "search", { text: "x" })).result, "x");
  for (const name of ["", "rpc.x", "$/x", "title"]) assert.throws(() => ipc.serve(exposed(name, () => 0)), name);
  search[Symbol.dispose]();
  assert.equal((await peer.ask(4, "search", {})).error.code, -32601);
});

test("listeners hear notifications by name, typed by bindings or not, each with values of its own", async (t) => {
  t.mock.method(console, "error", () => {});
  const heard: unknown[] = [];
  const peer = new Peer();
  const first = listener("theme", (name: string) => heard.push(["a", name]));
  const ipc = await connect(peer, { serve: [listener(Events.resized, ({ width }) => heard.push(width)), listener(Events.resized, ({ width }) => heard.push(width))] });
  const listening = ipc.serve(first);
  ipc.serve(listener("theme", () => assert.fail("it fails alone")));
  ipc.serve(listener(Events.theme, (name) => heard.push(["b", name])));
  peer.say({ method: "theme", params: ["dark"] });
  peer.say({ method: "resized", params: { width: 3 } });
  listening.dispose();
  peer.say({ method: "theme", params: ["light"] });
  assert.deepEqual(heard, [["a", "dark"], ["b", "dark"], 3n, 3n, ["b", "light"]]);
});

test("a handler can call back through its call", async () => {
  const { peer } = await serving({ show: async (text, call) => (await call.peer.call<number>("back", [text])) + 1 });
  peer.answers.set("back", ([text]) => text.length);
  assert.equal((await peer.ask("x", "demo.window.show", ["abc"])).result, 4);
});

test("whatever a peer sends, the connection goes on", async (t) => {
  t.mock.method(console, "error", () => {});
  t.mock.method(console, "warn", () => {});
  const { peer, ipc } = await serving({});
  const values = [undefined, null, 0, -1, 1e400, "", "x", [], [null], [7], {}, { id: null }, { subscription: {} }, { token: 1, value: 1 }, { stream: 1 }, { stream: 1, item: 1 }, { n: "x", bytes: "x", stream: 1 }, { protocol: 1, uses: [null, 7, {}, { channel: "demo.window" }] }];
  const methods = ["rpc.handshake", "rpc.ping", "rpc.unsubscribe", "rpc.credit", "rpc.closeStream", "rpc.dropped", "$/stream", "$/progress", "$/cancelRequest", "rpc.unknown", "demo.window.show", "demo.window.sum", "demo.window.moved", "demo.window.ticks", "", 7, null, {}];
  let id = 1_000;
  for (const method of methods) {
    for (const params of values) {
      peer.say({ method, params });
      peer.say({ id: id++, method, params });
      peer.say({ id: {}, method, params });
    }
  }
  for (const one of values) {
    for (const member of ["result", "error"]) for (const to of [1, "x", null, {}, []]) peer.say({ id: to, [member]: one });
  }
  peer.answers.set("echo", ([value]) => value);
  assert.equal(await ipc.call("echo", ["still here"]), "still here");
});

test("a notification whose arguments don't fit is told, and the ones behind it come", async () => {
  const peer = new Peer();
  const errors: IpcError[] = [];
  const heard: unknown[] = [];
  const options = { onError: (error: IpcError) => errors.push(error), serve: [handler(Window, { ...quiet, moved: (x, y) => void heard.push([x, y]) }), listener(Events.resized, ({ width }) => heard.push(width))] };
  await connect(peer, options);
  peer.say({ method: "demo.window.moved", params: [1, 2, 3] });
  peer.say({ method: "demo.window.moved", params: [1, 2] });
  peer.say({ method: "resized", params: { width: "wide" } });
  await peer.until(() => (heard.length && errors.length === 2 ? true : (peer.say({ id: heard.length, method: "rpc.ping" }), undefined)));
  assert.deepEqual(heard, [[1, 2]]);
  assert.deepEqual(errors.map(({ kind, method }) => [kind, method]).sort(), [["invalidArguments", "demo.window.moved"], ["protocol", "resized"]]);
  assert.match(errors.map(({ message }) => message).join(), /resized: .*argument 1\.width: a number was expected/);
});

test("calls within calls tell how deep they are, and wait for no place of others", async () => {
  const peer = new Peer();
  peer.hello = { limits: { maxMessageBytes: 1_000_000, maxInFlight: 1 } };
  const ipc = await connect(peer, { serve: [exposed("back", (text: string, call: CallContext) => call.peer.call("deep", [text]))] });
  peer.answers.set("outer", () => SILENCE);
  peer.answers.set("deep", ([text], { ipc: extras }) => [text, extras.depth]);
  void ipc.call("outer").catch(() => {});
  void ipc.call("outer").catch(() => {});
  await peer.get("outer");
  assert.deepEqual((await peer.ask(1, "back", ["a"], { depth: 4 })).result, ["a", 5]);
  assert.deepEqual((await peer.ask(2, "back", ["b"])).result, ["b", 1]);
  assert.equal(peer.of("outer").length, 1, "the second waits for its place");
  assert.equal(peer.of("outer")[0]?.ipc.depth, undefined);
  await ipc.close();
});

test("waiting notifications are limited in bytes", async () => {
  const peer = new Peer();
  let release = (): void => {};
  const lines: number[] = [];
  await connect(peer, {
    serve: [
      exposed("page", (text: string) => {
        lines.push(text.length);
        return text === "hold" ? new Promise<void>((resolve) => (release = resolve)) : undefined;
      }),
    ],
  });
  peer.say({ method: "page", params: ["hold"] });
  for (const size of [3_000_000, 2_000_000, 1_000_000]) peer.say({ method: "page", params: ["x".repeat(size)] });
  release();
  assert.deepEqual((await peer.get("rpc.dropped")).params, { channel: "page", n: 1 });
  await peer.until(() => lines.length === 3 || (peer.say({ id: 1, method: "rpc.ping" }), undefined));
  assert.deepEqual(lines, [4, 3_000_000, 1_000_000]);
});

test("a pending notification holds back neither requests nor other channels", async () => {
  const peer = new Peer();
  const heard: string[] = [];
  await connect(peer, {
    serve: [exposed("hold", () => new Promise(() => {})), exposed("other", (text: string) => void heard.push(text)), exposed("ask", () => 1)],
  });
  peer.say({ method: "hold" });
  peer.say({ method: "hold" });
  peer.say({ method: "other", params: ["a"] });
  assert.equal((await peer.ask(1, "ask")).result, 1);
  assert.deepEqual(heard, ["a"]);
});

test("a subscription beyond the limit is refused before its method runs", async () => {
  let runs = 0;
  const { peer } = await serving({
    async *ticks() {
      runs++;
      await new Promise(() => {});
      yield 1n;
    },
  });
  for (let id = 0; id < 1_024; id++) peer.say({ id, method: "demo.window.ticks", params: [0] });
  await peer.until(() => peer.received.find(({ id }) => id === 1_023));
  const refused = await peer.ask(1_024, "demo.window.ticks", [0]);
  assert.deepEqual([refused.id, refused.error.code, refused.error.data], [1_024, -32009, { limit: "maxSubscriptions", value: 1_024 }]);
  assert.equal(runs, 1_024);
});

test("a request beyond the limit is refused, and one that is nested deeper has places of its own", async () => {
  const { peer } = await serving({ show: () => new Promise<number>(() => {}) });
  for (let id = 0; id < 1_024; id++) peer.say({ id, method: "demo.window.show", params: ["x"] });
  const { error } = await peer.ask("one more", "demo.window.show", ["x"]);
  assert.deepEqual([error.code, error.data], [-32009, { limit: "maxInFlight", value: 1_024 }]);
  peer.say({ id: "deeper", method: "demo.window.show", params: ["x"], ipc: { depth: 1 } });
  peer.say({ id: "deeper", method: "demo.window.show", params: ["x"], ipc: { depth: 1 } });
  const twice = await peer.until(() => peer.received.find(({ id }) => id === "deeper"));
  assert.equal(twice.error.code, -32600, "the first one runs");
});

test("names of the runtime and none are refused", async () => {
  const ipc = await connect(new Peer());
  for (const name of ["", "rpc.mine", "$/mine"]) assert.throws(() => ipc.serve(exposed(name, () => 1)), /can't be the name/);
  ipc.serve(exposed("mine", () => 1));
  assert.throws(() => ipc.serve(exposed("mine", () => 2)), /already/);
  ipc.serve(handler(Window, quiet));
  assert.throws(() => ipc.serve(handler(Window, quiet)), /is served already/);
});

test("handlers begin in the order of arrival", async () => {
  const began: string[] = [];
  const { peer } = await serving({ show: (text) => (began.push(text), text.length) });
  for (let id = 0; id < 50; id++) peer.say({ id, method: "demo.window.show", params: [`${id}`] });
  await peer.until(() => peer.received.find(({ id }) => id === 49));
  assert.deepEqual(began, Array.from({ length: 50 }, (_, id) => `${id}`));
});

test("the backend may choose the number of its subscription, unless one has it", async () => {
  const go: (() => void)[] = [];
  const { peer } = await serving({
    async *ticks(count) {
      yield BigInt(count);
      await new Promise<void>((resolve) => go.push(resolve));
    },
  });
  const TICKS = "demo.window.ticks";
  const items = (): unknown[] => peer.of(TICKS).map(({ params }) => [params.subscription, params.result ?? "done"]);
  assert.equal((await peer.ask("a", TICKS, [1], { subscription: 1 })).result, 1);
  await peer.get(TICKS);
  assert.equal((await peer.ask("b", TICKS, [2])).result, 2, "its own numbers are others");
  await peer.get(TICKS, 2);
  for (const [at, number] of [1, 2, -1, 1.5, 2 ** 53, "3"].entries()) {
    const { error } = await peer.ask(`refused ${at}`, TICKS, [9], { subscription: number });
    assert.equal(error?.code, -32600, String(number));
  }
  assert.equal((await peer.ask("unsubscribe", "rpc.unsubscribe", [1])).result, true);
  assert.equal((await peer.ask("again", TICKS, [3], { subscription: 1 })).result, 1, "it is free again");
  await peer.get(TICKS, 3);
  // The producer of the first one ends only now, and touches nothing of the next one.
  go[0]?.();
  await new Promise((resolve) => setImmediate(resolve));
  assert.equal((await peer.ask("taken", TICKS, [9], { subscription: 1 })).error.code, -32600);
  go[2]?.();
  await peer.get(TICKS, 4);
  assert.deepEqual(items(), [[1, 1], [2, 2], [1, 3], [1, "done"]]);
  assert.equal((await peer.ask("last", TICKS, [4], { subscription: 0 })).result, 0);
});
