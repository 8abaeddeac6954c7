// What a peer says that it takes, and messages of forms that nobody expects.
import assert from "node:assert/strict";
import { test } from "node:test";
import { exposed, handler, type ConnectOptions, type IpcError } from "ipc-runtime";
import { connect, isPacked } from "./support/connect.js";
import { Window } from "./support/docs.js";
import { Peer, SILENCE } from "./support/peer.js";
import { quiet, serving } from "./support/serving.js";

/** A peer that takes so much, as it is written. */
function taking(limits: string, more = ""): Peer {
  const peer = new Peer();
  peer.answers.set("rpc.handshake", (_params, { id }) => {
    peer.say(`{"jsonrpc":"2.0","id":${id},"result":{"protocol":1,"exposes":[],"uses":[],"limits":${limits}${more}}}`);
    return SILENCE;
  });
  return peer;
}

async function told(peer: Peer, options: ConnectOptions = {}) {
  const errors: IpcError[] = [];
  const ipc = await connect(peer, { callTimeout: null, onError: (error) => errors.push(error), ...options });
  return { peer, ipc, errors };
}

test("a handshake is answered, also if it has integers that a number can't hold", async () => {
  const { peer } = await serving({});
  peer.say('{"jsonrpc":"2.0","id":"h","method":"rpc.handshake","params":{"protocol":1,"limits":{"maxInFlight":18446744073709551615},"uses":[]}}');
  const { result } = await peer.until(() => peer.received.find(({ id }) => id === "h"));
  assert.equal(result.protocol, 1);
});

test("limits beyond what a number can hold are limits", async () => {
  const { peer, ipc } = await told(taking('{"maxMessageBytes":18446744073709551615,"maxInFlight":18446744073709551615}', ',"window":18446744073709551615,"windowBytes":18446744073709551615'), {
    serve: [exposed("long", () => "x".repeat(17 * 1024 * 1024))],
  });
  peer.answers.set("slow", () => SILENCE);
  const calls = Array.from({ length: 1_100 }, () => ipc.call("slow").result());
  await peer.get("slow", 1_100);
  assert.equal((await peer.ask("long", "long")).result.length, 17 * 1024 * 1024);
  await ipc.close();
  await Promise.all(calls);
});

test("a request of a form that nobody expects is answered, in a batch too", async () => {
  const errors: IpcError[] = [];
  const peer = new Peer();
  await connect(peer, { onError: (error) => errors.push(error), serve: [handler(Window, quiet)] });
  const params = { protocol: 1, uses: [{ channel: "demo.window", version: { toString: 1 } }] };
  assert.equal((await peer.ask("odd", "rpc.handshake", params)).error.code, -32603);
  assert.equal(errors[0]?.kind, "protocol");
  if (isPacked()) return;
  peer.say(JSON.stringify([{ jsonrpc: "2.0", id: "a", method: "rpc.handshake", params }, { jsonrpc: "2.0", id: "b", method: "rpc.ping" }]));
  const both = await peer.until(() => peer.received.find((one) => Array.isArray(one))) as unknown as { id: string }[];
  assert.deepEqual(both.map(({ id }) => id), ["a", "b"]);
});

test("a handshake of another protocol, or for too many interfaces, is refused", async () => {
  const { peer } = await serving({});
  assert.deepEqual((await peer.ask("p", "rpc.handshake", { protocol: 2 })).error.data, { protocol: 1 });
  const uses = Array.from({ length: 257 }, (_, n) => ({ channel: `c${n}`, version: "1.0.0", fingerprint: "2:0" }));
  assert.deepEqual((await peer.ask("u", "rpc.handshake", { protocol: 1, uses })).error.data, { limit: "uses", value: 256 });
  assert.equal((await peer.ask("f", "rpc.handshake", { protocol: 1, uses: uses.slice(1) })).result.uses.length, 256);
});

for (const bytes of [-1, 0, 1, 1023]) {
  test(`nothing can be said to a peer that takes ${bytes} bytes`, async () => {
    await assert.rejects(connect(taking(`{"maxMessageBytes":${bytes}}`)), { kind: "protocol", message: /1024 are needed/ });
  });
}

test("to a peer that takes little, what the runtime says is said, and too large replies are told", async () => {
  const peer = taking('{"maxMessageBytes":1024}');
  const { ipc, errors } = await told(peer, { serve: [exposed("long", () => "x".repeat(1_024)), exposed("fail", () => 1)] });
  const id = "\u0001".repeat(1_000);
  assert.equal((await peer.ask(id, "long")).error.code, -32008);
  assert.equal((await peer.ask(id, "nobody has this")).error.code, -32008);
  if (!isPacked()) {
    peer.say(JSON.stringify([{ jsonrpc: "2.0", id, method: "fail" }]));
    await peer.until(() => peer.received.find((one) => Array.isArray(one)));
  }
  peer.answers.set("slow", () => SILENCE);
  await assert.rejects(ipc.call("slow", [], { timeout: 1 }), { kind: "deadline" });
  await peer.get("$/cancelRequest");
  await assert.rejects(ipc.call("slow", ["x".repeat(1_024)]), { kind: "tooLarge" });
  assert.deepEqual(errors, []);
});
