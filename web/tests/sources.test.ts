// Sources of streams that can't be read, or whose end can't be sent as it is.
import assert from "node:assert/strict";
import { test } from "node:test";
import { handler, type Handler, type IpcError } from "ipc-runtime";
import { connect } from "./support/connect.js";
import { Docs, Window, type WindowMethods } from "./support/docs.js";
import { Peer, SILENCE } from "./support/peer.js";
import { quiet } from "./support/serving.js";

const STORE = "demo.docs.store";

async function both(impl: Partial<Handler<WindowMethods>> = {}) {
  const peer = new Peer();
  peer.answers.set(STORE, () => SILENCE);
  const errors: IpcError[] = [];
  const ipc = await connect(peer, { callTimeout: null, onError: (error) => errors.push(error), serve: [handler(Window, { ...quiet, ...impl })] });
  return { peer, ipc, errors, docs: await ipc.open(Docs) };
}

const nothing = (): never => Object.assign(Object.create(null), {}) as never;

/** A source that ends by an error. */
async function* failing(error: () => unknown): AsyncGenerator<Uint8Array> {
  yield new Uint8Array(1);
  throw error();
}

test("a source that somebody reads already, or that throws, is the call's error, and nothing is sent", async () => {
  const { peer, docs } = await both();
  const stream = new ReadableStream<Uint8Array>();
  stream.getReader();
  const bug = (): never => {
    throw new Error("a bug");
  };
  for (const source of [stream, { [Symbol.asyncIterator]: bug }]) {
    await assert.rejects(docs.store("name", source), { kind: "invalidArguments", method: STORE });
  }
  assert.equal(peer.of(STORE).length, 0);
});

test("a source is left as it was when another argument doesn't fit", async () => {
  const { docs } = await both();
  const stream = new ReadableStream<Uint8Array>();
  await assert.rejects(docs.store(Symbol() as never, stream), { kind: "invalidArguments" });
  assert.equal(stream.locked, false);
});

test("a source whose call isn't sent is ended", async () => {
  const { peer, docs, ipc } = await both();
  const store = (): Promise<unknown> => new Promise((resolve) => void docs.store("x".repeat(1_000_000), new ReadableStream({ cancel: resolve })).catch(() => {}));
  await store();
  await ipc.close();
  await store();
  assert.equal(peer.of(STORE).length, 0);
});

test("a source's error is told, whatever was thrown and however long its text is", async () => {
  const { peer, docs, errors } = await both();
  for (const [at, error] of [() => new Error("\u0000".repeat(2_000_000)), nothing].entries()) {
    void docs.store("name", failing(error)).result();
    peer.say({ method: "rpc.credit", params: { stream: (await peer.get(STORE, at + 1)).params[1].$stream, n: 1 } });
    const { params } = await peer.get("$/stream", 2 * at + 2);
    assert.equal(params.error.code, 1);
    assert.ok(params.error.message.length <= 1_025);
  }
  assert.deepEqual(errors, []);
});

test("a text that is cut in a character is one that others can read", async () => {
  const { peer, docs } = await both({
    show(_text, call) {
      throw call.fail("own", "\ud83d");
    },
  });
  assert.equal((await peer.ask(1, "demo.window.show", [""])).error.message, "\ufffd");
  void docs.store("name", failing(() => new Error(`${"x".repeat(1_023)}😀`))).result();
  peer.say({ method: "rpc.credit", params: { stream: (await peer.get(STORE)).params[1].$stream, n: 1 } });
  assert.equal((await peer.get("$/stream", 2)).params.error.message, `${"x".repeat(1_023)}\ufffd…`);
});

test("a handler that throws something without a text has failed", async () => {
  const { peer, errors } = await both({ show: () => { throw nothing(); } });
  assert.equal((await peer.ask(1, "demo.window.show", [""])).error.code, -32603);
  assert.match(errors[0]?.message ?? "", /demo\.window\.show: the handler failed/);
});

test("a subscription whose own error is too large ends all the same", async () => {
  const { peer, errors } = await both({
    async *ticks(_from, call) {
      throw call.fail("x".repeat(1_000_000));
    },
  });
  await peer.ask(1, "demo.window.ticks", [0]);
  assert.deepEqual((await peer.get("demo.window.ticks")).params.error, { code: -32603, message: "the handler failed" });
  assert.match(errors[0]?.message ?? "", /larger than the 1000000/);
});

test("what is no stream is a handler's failure", async () => {
  const { peer } = await both({ ticks: () => null as never });
  assert.equal((await peer.ask(1, "demo.window.ticks", [0])).error.code, -32603);
});
