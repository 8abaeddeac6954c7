// Why a connection ends, and why it doesn't.
import assert from "node:assert/strict";
import { test } from "node:test";
import { connect, type Dial, type IpcError, type Transport, type VersionMismatchError } from "ipc-runtime";
import { Docs } from "./support/docs.js";
import { Peer, SILENCE } from "./support/peer.js";

const refuse = { id: null, error: { code: -32600, message: "an id is text" } };

test("an error without an id is told, and is the reason only of an end that follows it", async () => {
  for (const [isLast, kind] of [[true, "protocol"], [false, "disconnected"]] as const) {
    const peer = new Peer();
    const errors: IpcError[] = [];
    const ipc = await connect(peer, { onError: (error) => errors.push(error) });
    peer.say(refuse);
    assert.deepEqual(errors.map(({ message }) => message), ["an id is text"]);
    if (!isLast) await peer.ask(1, "rpc.ping");
    peer.end();
    await new Promise<void>((resolve) => ipc.state.subscribe(resolve));
    const state = ipc.state.get();
    assert.equal(state.status === "closed" && state.reason.kind, kind);
  }
});

test("a backend that drains is asked whether it is there, and what it still does is waited for", async () => {
  const peer = new Peer();
  const ipc = await connect(peer, { heartbeat: 20, callTimeout: null });
  let answer = (): void => {};
  peer.answers.set("slow", (_params, { id }) => ((answer = () => peer.say({ id, result: 7 })), SILENCE));
  peer.answers.set("rpc.ping", () => null);
  const call = ipc.call("slow");
  await peer.get("slow");
  peer.say({ method: "rpc.closing", params: { reason: "it restarts" } });
  await assert.rejects(ipc.call("other"), { kind: "closing" });
  const alive = setInterval(() => {}, 1_000);
  await peer.get("rpc.ping", 3);
  clearInterval(alive);
  answer();
  assert.equal(await call, 7);
  await ipc.close();
});

test("a token that can't be got is `unauthorized`, whatever the backend would say", async () => {
  const cause = new Error("no token file");
  const token = (): never => {
    throw cause;
  };
  await assert.rejects(connect(new Peer(), { token }), { kind: "unauthorized", message: "there is no token: no token file", cause });
});

test("a carrier that never connects is given up, and what it makes too late is closed", async () => {
  let connected!: (transport: Transport) => void;
  const dial: Dial = { endpoint: "test:late", dial: () => new Promise((resolve) => (connected = resolve)) };
  await assert.rejects(connect(dial, { handshakeTimeout: 5 }), { kind: "notConnected", message: /within 5 ms/ });
  await new Promise<void>((close) => connected({ send() {}, close, bufferedAmount: 0, onmessage() {}, onclose() {} }));
});

test("a release is newer than what was tried before it", async () => {
  const peer = new Peer();
  peer.use = (used) => ({ channel: used.channel, error: { code: -32003, message: "no", data: { ...used, version: "1.2.0-rc.1" } } });
  const ipc = await connect(peer);
  await assert.rejects(ipc.open(Docs), (error: VersionMismatchError) => error.mismatch.newer === "page");
});
