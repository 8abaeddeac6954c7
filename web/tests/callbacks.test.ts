// Functions of the app's that throw where nobody waits for them: they are told, and nothing else fails by them.
import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import { event, listener, type ConnectOptions, type IpcError, type Missed } from "ipc-runtime";
import { connectLazily } from "ipc-runtime/node";
import { connect } from "./support/connect.js";
import { Docs, Window } from "./support/docs.js";
import { Peer, SILENCE } from "./support/peer.js";

const bug = (): never => {
  throw new Error("a bug");
};
/** Both ways in which a function can fail. */
const bugs: [string, () => never][] = [["throws", bug], ["rejects", (async () => bug()) as unknown as () => never]];

function told(): { errors: IpcError[]; onError: (error: IpcError) => void; texts: () => string[] } {
  const errors: IpcError[] = [];
  return { errors, onError: (error) => errors.push(error), texts: () => errors.map(({ kind, message }) => `${kind}: ${message}`) };
}

/** What is reported as uncaught. */
function uncaught(t: TestContext): unknown[] {
  const errors: unknown[] = [];
  const scope = globalThis as { reportError?: (error: unknown) => void };
  const before = scope.reportError;
  scope.reportError = (error) => errors.push((error as Error).message);
  t.after(() => before ? (scope.reportError = before) : delete scope.reportError);
  return errors;
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

async function docs(options: ConnectOptions = {}) {
  const peer = new Peer();
  peer.answers.set("demo.docs.changed", () => 7);
  const ipc = await connect(peer, options);
  return { peer, ipc, docs: await ipc.open(Docs) };
}

for (const [how, fails] of bugs) {
  test(`a listener of the state that ${how} keeps no connection from opening or closing`, async () => {
    const { onError, texts } = told();
    const peer = new Peer();
    const ipc = connectLazily("unix:/nowhere", { onError });
    const states: string[] = [];
    ipc.state.subscribe(fails);
    ipc.state.subscribe(() => void states.push(ipc.state.get().status));
    await assert.rejects(ipc.call("x"), { kind: "notConnected" });
    assert.deepEqual([states, texts()], [["closed"], ["handlerFailed: a listener of `state` failed: a bug"]]);
    const connected = await connect(peer, { onError });
    connected.state.subscribe(fails);
    connected.state.subscribe(() => void states.push(connected.state.get().status));
    await connected.close();
    assert.deepEqual([states, texts().length], [["closed", "closed"], 2]);
  });

  test(`an \`onVersionMismatch\` that ${how} hides no mismatch`, async () => {
    const { onError, texts } = told();
    const peer = new Peer();
    peer.use = (used) => ({ ...used, fingerprint: "2:0" });
    const ipc = await connect(peer, { onError, onVersionMismatch: fails });
    await assert.rejects(ipc.open(Docs), { kind: "versionMismatch" });
    await turn();
    assert.deepEqual(texts(), ["handlerFailed: `onVersionMismatch` failed: a bug"]);
  });

  test(`an \`onProgress\` or \`onMissed\` that ${how} is told, and the call goes on`, async () => {
    const { onError, texts } = told();
    const { peer, docs: client } = await docs({ onError });
    peer.answers.set("demo.docs.index", (_params, { ipc }) => {
      peer.say({ method: "$/progress", params: { token: ipc.progress, value: { files: 1 } } });
      return 5;
    });
    assert.equal(await client.index([], { onProgress: fails }), 5);
    const changes = await client.changed(".", { onMissed: fails as (missed: Missed) => void });
    peer.say({ method: "demo.docs.changed", params: { subscription: 7, gap: true } });
    peer.say({ method: "demo.docs.changed", params: { subscription: 7, done: true } });
    assert.deepEqual(await changes.next(), { value: undefined, done: true });
    await turn();
    assert.deepEqual(texts(), ["handlerFailed: demo.docs.index: `onProgress` failed: a bug", "handlerFailed: demo.docs.changed: `onMissed` failed: a bug"]);
  });

  test(`an \`onDropped\`, or a listener of notifications, that ${how} is told`, async () => {
    const { onError, texts } = told();
    const { peer } = await docs({ onError, onDropped: fails, serve: [listener("theme", fails)] });
    peer.say({ method: "rpc.dropped", params: { channel: "c", n: 1 } });
    peer.say({ method: "theme", params: [] });
    await turn();
    assert.deepEqual(texts(), ["handlerFailed: `onDropped` failed: a bug", "handlerFailed: theme: a listener failed: a bug"]);
  });

  test(`an \`onError\` that ${how} is an uncaught error, and the connection goes on`, async (t) => {
    const errors = uncaught(t);
    const { peer, ipc } = await docs({ onError: fails, serve: [listener("theme", bug)] });
    peer.say({ method: "theme", params: [] });
    await turn();
    assert.deepEqual(errors, ["a bug"]);
    peer.answers.set("echo", ([value]) => value);
    assert.equal(await ipc.call("echo", [1]), 1);
  });

  test(`an event's listener, or its \`onEnd\`, that ${how} is an uncaught error, and others hear`, async (t) => {
    const errors = uncaught(t);
    const { peer, docs: client } = await docs();
    const heard: string[] = [];
    const changes = event(() => client.changed("."), fails);
    changes.on(fails);
    changes.on(({ name }) => heard.push(name));
    await peer.get("demo.docs.changed");
    await turn();
    peer.say({ method: "demo.docs.changed", params: { subscription: 7, result: { name: "a", kind: "File", size: 1, inode: 1 } } });
    peer.say({ method: "demo.docs.changed", params: { subscription: 7, done: true } });
    await turn();
    assert.deepEqual([heard, errors], [["a"], ["a bug", "a bug"]]);
  });
}

for (const [what, value, kind] of [["of another kind", "7", "protocol"], ["that a number can't hold", '{"files":1152921504606846977}', "inexact"]] as const) {
  test(`progress ${what} is the call's error, and its handler is asked to stop`, async () => {
    const { errors, onError } = told();
    const { peer, docs: client } = await docs({ onError });
    peer.answers.set("demo.docs.index", (_params, { ipc }) => {
      peer.say(`{"jsonrpc":"2.0","method":"$/progress","params":{"token":${ipc.progress},"value":${value}}}`);
      return SILENCE;
    });
    await assert.rejects(client.index([], { onProgress: () => assert.fail("it doesn't fit") }), { kind, method: "demo.docs.index", message: /progress/ });
    await peer.get("$/cancelRequest");
    assert.deepEqual(errors, []);
  });
}

test("a notification that can't be sent once it could be is told", async () => {
  const { errors, onError } = told();
  const ipc = connectLazily("unix:/nowhere", { onError });
  ipc.notify("theme", ["dark"]);
  ipc.client(Window).moved(1, 2);
  await assert.rejects(ipc.call("x"), { kind: "notConnected" });
  await turn();
  assert.deepEqual(errors.map(({ kind, method }) => [kind, method]), [["notConnected", "theme"], ["notConnected", "demo.window.moved"]]);
});
