import assert from "node:assert/strict";
import { test } from "node:test";
import { connect, exposed, listener } from "ipc-runtime";
import { Peer, SILENCE } from "./support/peer.js";

const request = (id: unknown, method: string, params?: unknown): object => ({ jsonrpc: "2.0", id, method, ...(params === undefined ? {} : { params }) });
const result = (id: unknown, value: unknown): object => ({ jsonrpc: "2.0", id, result: value });

/** A client that serves two functions: one answers at once, one when it is let go. */
async function serving() {
  const peer = new Peer();
  const gates = new Map<string, () => void>();
  const ipc = await connect(peer, {
    serve: [
      exposed("echo", (value: unknown) => value),
      exposed("later", (name: string) => new Promise((resolve) => gates.set(name, () => resolve(name)))),
    ],
  });
  /** Sends a batch, and waits for its answers. */
  const ask = async (batch: unknown): Promise<any[]> => {
    const before = peer.received.length;
    peer.say(JSON.stringify(batch));
    return (await peer.until(() => peer.received.slice(before).find(Array.isArray))) as unknown as any[];
  };
  return { peer, ipc, gates, ask };
}

const codes = (answers: any[]): unknown[] => answers.map(({ id, error }) => [id, error?.code ?? 0]);

test("a batch is answered with one array, when the last of its requests is done", async () => {
  const { peer, gates, ask } = await serving();
  const heard = peer.received.length;
  const answers = ask([request(1, "later", ["a"]), request("two", "echo", [7]), request(3, "none"), request(4, "rpc.ping")]);
  await peer.until(() => gates.has("a") || undefined);
  assert.equal(peer.received.length, heard);
  gates.get("a")?.();
  // In the order in which they finish: even a function that answers at once ends in a later turn.
  assert.deepEqual(codes(await answers), [[3, -32601], [4, 0], ["two", 0], [1, 0]]);
});

test("an empty batch and one that is too long get one error", async () => {
  const { peer } = await serving();
  peer.say("[]");
  assert.equal((await peer.until(() => peer.received.find(({ id }) => id === null))).error.code, -32600);
  peer.received.length = 0;
  peer.say(JSON.stringify(Array.from({ length: 1_025 }, (_, id) => request(id, "echo", [id]))));
  const { error } = await peer.until(() => peer.received.find(({ id }) => id === null));
  assert.deepEqual([error.code, error.data], [-32009, { limit: "maxBatchLength", value: 1_024 }]);
});

test("a batch of notifications alone isn't answered", async () => {
  const { peer, ipc, ask } = await serving();
  const lines: string[] = [];
  ipc.serve(listener("log", (line: string) => lines.push(line)));
  const before = peer.received.length;
  peer.say(JSON.stringify(["a", "b"].map((line) => ({ jsonrpc: "2.0", method: "log", params: [line] }))));
  assert.deepEqual(await ask([request(1, "echo", ["x"])]), [result(1, "x")]);
  assert.deepEqual(lines, ["a", "b"]);
  assert.equal(peer.received.length, before + 1);
});

test("messages that are none are errors inside", async () => {
  const { ask } = await serving();
  const answers = await ask([
    1, "x", null, true, [], {}, { jsonrpc: "2.0" }, { jsonrpc: "2.0", id: 1 }, { jsonrpc: "1.0", id: 2, method: "echo" },
    { jsonrpc: "2.0", id: [], method: "echo" }, { jsonrpc: "2.0", id: 5, method: 7 }, { jsonrpc: "2.0", id: 6, method: "echo", params: 7 },
    request(7, "echo", [7]),
  ]);
  assert.deepEqual(codes(answers.slice(0, -1)), [...Array(7).fill([null, -32600]), [1, -32600], [2, -32600], [null, -32600], [5, -32600], [6, -32600]]);
  assert.deepEqual(answers.at(-1), result(7, 7));
});

test("a batch may cancel its own request", async () => {
  const { ask } = await serving();
  const answers = await ask([request(1, "later", ["a"]), { jsonrpc: "2.0", method: "$/cancelRequest", params: { id: 1 } }]);
  assert.deepEqual(codes(answers), [[1, -32800]]);
});

test("an id beyond 2^53 comes back as it was written", async () => {
  const { peer } = await serving();
  const texts: string[] = [];
  peer.heard = (text) => texts.push(text);
  peer.say('[{"jsonrpc":"2.0","id":9007199254740993,"method":"echo","params":[1]}]');
  peer.say('{"jsonrpc":"2.0","id":9007199254740993,"method":"rpc.ping"}');
  await peer.until(() => texts.length === 2);
  for (const text of texts) assert.match(text, /"id":9007199254740993,/);
});

test("replies that are too large together are errors inside", async () => {
  const { peer, ask } = await serving();
  peer.hello = { ...peer.hello, limits: { maxMessageBytes: 1_024, maxInFlight: 64 } };
  const ipc = await connect(peer, { serve: [exposed("fill", () => "x".repeat(400))] });
  assert.deepEqual(codes(await ask([1, 2, 3].map((id) => request(id, "fill")))), [[1, -32008], [2, -32008], [3, -32008]]);
  ipc.close();
});

test("replies and items may come in a batch", async () => {
  const { peer, ipc } = await serving();
  peer.answers.set("silence", () => SILENCE);
  const calls = [ipc.call("silence"), ipc.call("silence")];
  await peer.get("silence", 2);
  peer.say(JSON.stringify(peer.of("silence").map(({ id }) => result(id, id))));
  assert.deepEqual(await Promise.all(calls), peer.of("silence").map(({ id }) => id));
});

test("a side that serves nothing answers a batch too", async () => {
  const peer = new Peer();
  await connect(peer);
  peer.say(JSON.stringify([request(1, "echo"), request(2, "rpc.ping")]));
  const answers = await peer.until(() => peer.received.find(Array.isArray));
  assert.deepEqual(codes(answers as unknown as any[]), [[1, -32601], [2, 0]]);
});
