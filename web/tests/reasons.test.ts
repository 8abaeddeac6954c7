// Why a connection ends, and why it doesn't.
import assert from "node:assert/strict";
import { test } from "node:test";
import { connect, type IpcError } from "ipc-runtime";
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
