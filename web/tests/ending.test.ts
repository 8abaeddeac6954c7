// Handlers whose caller has gone: they hear of it, and what they read ends.
import assert from "node:assert/strict";
import { once } from "node:events";
import { test } from "node:test";
import { listener, type CallContext, type IpcError } from "ipc-runtime";
import type { Peer } from "./support/peer.js";
import { serving } from "./support/serving.js";

/** Settled with what it was called with. */
function hearing<T>(): [heard: Promise<T>, hear: (value: T) => void] {
  let hear!: (value: T) => void;
  return [new Promise<T>((resolve) => (hear = resolve)), hear];
}

const forever = (signal: AbortSignal): Promise<never> => new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));

const ways: [string, (peer: Peer, subscription: unknown) => unknown, string][] = [
  ["unsubscribing", (peer, subscription) => peer.ask("u", "rpc.unsubscribe", [subscription]), "cancelled"],
  ["the connection's end", (peer) => peer.end(), "disconnected"],
];

for (const [way, end, kind] of ways) {
  test(`${way} ends a stream that waits for something else`, async () => {
    const [heard, hear] = hearing<AbortSignal>();
    const { peer } = await serving({
      async *ticks(_from, { signal }) {
        try {
          yield 1n;
          await forever(signal);
        } finally {
          hear(signal);
        }
      },
    });
    const { result } = await peer.ask(1, "demo.window.ticks", [0]);
    await peer.get("demo.window.ticks");
    await end(peer, result);
    assert.equal(((await heard).reason as IpcError).kind, kind);
  });

  test(`${way} ends the stream argument that a subscription reads`, async () => {
    const [heard, hear] = hearing<unknown>();
    const { peer } = await serving({
      async *ticks(numbers) {
        try {
          for await (const one of numbers as unknown as AsyncIterable<bigint>) yield one;
        } catch (error) {
          hear(error);
        }
      },
    }, { ticks: { a: [{ stream: "big" }] } });
    const { result } = await peer.ask(1, "demo.window.ticks", [{ $stream: 9 }]);
    peer.say({ method: "$/stream", params: { stream: 9, item: 5 } });
    assert.equal((await peer.get("demo.window.ticks")).params.result, 5);
    await end(peer, result);
    assert.equal(((await heard) as IpcError).kind, kind);
    if (kind === "cancelled") assert.deepEqual((await peer.get("rpc.closeStream")).params, [9]);
  });
}

test("the connection's end is told to what handles a notification, whether it is a method or a listener", async () => {
  const signals: AbortSignal[] = [];
  const wait = ({ signal }: CallContext): Promise<void> => {
    signals.push(signal);
    return new Promise(() => {});
  };
  const { peer, ipc } = await serving({ moved: (_x, _y, call) => wait(call) });
  ipc.serve(listener<[CallContext]>("theme", (call) => wait(call) as unknown as void));
  peer.say({ method: "demo.window.moved", params: [1, 2] });
  peer.say({ method: "theme" });
  await ipc.close();
  assert.deepEqual(signals.map(({ aborted }) => aborted), [true, true]);
});

test("a stream argument ends when its call is cancelled, also if items wait unread", async () => {
  const ends: unknown[] = [];
  const { peer } = await serving({
    async sum(numbers, { signal }) {
      if (ends.length) await once(signal, "abort");
      try {
        for await (const _ of numbers);
        ends.push("the end");
      } catch (error) {
        ends.push((error as IpcError).kind);
      }
      return 0;
    },
  });
  for (const stream of [1, 2]) {
    const reply = peer.ask(stream, "demo.window.sum", [{ $stream: stream }]);
    peer.say({ method: "$/stream", params: { stream, item: 5 } });
    if (stream === 2) peer.say({ method: "$/stream", params: { stream, done: true } });
    peer.say({ method: "$/cancelRequest", params: { id: stream } });
    assert.equal((await reply).error.code, -32800);
    await peer.ask(`ping ${stream}`, "rpc.ping");
    await peer.until(() => ends.length === stream || (setImmediate(() => peer.say({ id: "again", method: "rpc.ping" })), undefined));
  }
  assert.deepEqual(ends, ["cancelled", "cancelled"]);
  await peer.get("rpc.closeStream");
});

test("streams of cancelled calls leave no place taken", async () => {
  const { peer } = await serving({
    async sum(numbers) {
      let all = 0;
      for await (const one of numbers) all += one;
      return all;
    },
  });
  for (let n = 0; n < 1_100; n++) {
    const reply = peer.ask(n, "demo.window.sum", [{ $stream: n }]);
    peer.say({ method: "$/cancelRequest", params: { id: n } });
    assert.equal((await reply).error.code, -32800, String(n));
  }
});

test("handlers that go on after they were cancelled keep their places", async () => {
  let running = 0;
  const go: (() => void)[] = [];
  const { peer } = await serving({
    async show() {
      running++;
      await new Promise<void>((resolve) => go.push(resolve));
      running--;
      return 0;
    },
  });
  for (let id = 0; id < 1_030; id++) {
    peer.say({ id, method: "demo.window.show", params: [""] });
    peer.say({ method: "$/cancelRequest", params: { id } });
  }
  assert.equal(running, 1_024);
  assert.equal((await peer.ask("more", "demo.window.show", [""])).error.code, -32009);
  for (const one of go) one();
  await peer.ask("ping", "rpc.ping");
  const reply = peer.ask("room", "demo.window.show", [""]);
  assert.equal(running, 1);
  go.at(-1)?.();
  assert.equal((await reply).result, 0);
});

test("a handler that can't be cancelled runs to its end, and answers", async () => {
  let call!: CallContext<number, string>;
  const go: ((value: number) => void)[] = [];
  const show = (_text: string, its: CallContext<number, string>): Promise<number> => ((call = its), new Promise((resolve) => go.push(resolve)));
  const { peer } = await serving({ show }, { show: { keep: 1 } });
  const reply = peer.ask(1, "demo.window.show", [""]);
  peer.say({ method: "$/cancelRequest", params: { id: 1 } });
  assert.equal(call.signal.aborted, false);
  go[0]?.(7);
  assert.equal((await reply).result, 7);
});
