// One conversation with calls, progress, a subscription, an upload and handlers, cut after every byte.
import assert from "node:assert/strict";
import { createHook } from "node:async_hooks";
import { getEventListeners } from "node:events";
import { test } from "node:test";
import { connect, handler, type Codec, type Handler, type Ipc, type IpcError } from "ipc-runtime";
import { msgpack } from "ipc-runtime/msgpack";
import { json } from "#dist/codec.js";
import { Docs, Window, type WindowMethods } from "./support/docs.js";
import { scripted, type Cut, type Traffic } from "./support/scripted-peer.js";

/** What a conversation leaves behind: nothing of it may stay. */
interface Left {
  /** Signals of handlers that were neither answered nor aborted. */
  handlers: number;
  /** Sources and streams that were begun and not ended. */
  sources: number;
}

/** The conversation: how each part of it ended. */
async function converse(codec: Codec, cut: Cut, traffic: Traffic, left: Left): Promise<string[]> {
  const stop = new AbortController();
  const { signal } = stop;
  async function* source<T>(items: T[]): AsyncGenerator<T> {
    left.sources++;
    try {
      yield* items;
      // It would go on for ever: only its end stops it.
      for (;;) yield items[0] as T;
    } finally {
      left.sources--;
    }
  }
  const window: Handler<WindowMethods> = {
    show: (_text, call) => {
      left.handlers++;
      return new Promise((resolve) => {
        const done = (): void => {
          left.handlers--;
          resolve(1);
        };
        call.signal.addEventListener("abort", done);
      });
    },
    moved() {},
    ticks: () => source([1n]),
    sum: async (numbers) => {
      left.handlers++;
      let sum = 0;
      try {
        for await (const number of numbers) sum += number;
      } finally {
        left.handlers--;
      }
      return sum;
    },
    big: (n) => n,
  };
  let ipc: Ipc | undefined;
  const ends: string[] = [];
  const end = (name: string, promise: Promise<unknown>): Promise<unknown> =>
    promise.then(
      () => ends.push(`${name} ok`),
      (error: IpcError) => ends.push(`${name} ${error.kind}`),
    );
  try {
    ipc = await connect(scripted(cut, traffic, codec), { encoding: codec, serve: [handler(Window, window)], heartbeat: 60_000, callTimeout: 60_000 });
    const docs = ipc.client(Docs);
    const changes = async (): Promise<void> => {
      for await (const _ of docs.changed(".", { signal, window: 2 }));
    };
    const parts = [
      end("read", docs.read("x", { signal, timeout: 60_000 })),
      end("index", docs.index([], { signal, onProgress: () => {} })),
      end("changed", changes()),
      end("store", docs.store("x", source([new Uint8Array(3)]))),
      end("find", docs.find("x", null, { signal })),
    ];
    await Promise.all(parts.filter((_, at) => at !== 3));
    await ipc.close();
    await Promise.all(parts);
  } catch (error) {
    ends.push(`connect ${(error as IpcError).kind}`);
  }
  if (ipc) {
    assert.equal(ipc.state.get().status, "closed");
    await assert.rejects(ipc.call("later"), { kind: "notConnected" });
  }
  assert.equal(getEventListeners(signal, "abort").length, 0, "a listener is left");
  return ends;
}

for (const codec of [json, msgpack]) {
  test(`a conversation in ${codec.name} that is cut after any byte, in either direction, leaves no promise, listener, timer or stream`, { timeout: 240_000 }, async () => {
    const timers = new Set<number>();
    const hook = createHook({
      init: (id, type) => type === "Timeout" && timers.add(id),
      destroy: (id) => timers.delete(id),
    }).enable();
    const left: Left = { handlers: 0, sources: 0 };
    const whole: Traffic = { down: 0, up: 0 };
    const ends = await converse(codec, { down: Infinity, up: Infinity }, whole, left);
    assert.deepEqual(ends.sort(), ["changed missed", "find ok", "index ok", "read ok", "store disconnected"]);
    assert.ok(whole.down > 1_000 && whole.up > 1_000, JSON.stringify(whole));
    for (const way of ["down", "up"] as const) {
      for (let at = 1; at <= whole[way]; at++) {
        const before = new Set(timers);
        await converse(codec, { down: Infinity, up: Infinity, [way]: at }, { down: 0, up: 0 }, left);
        // What is destroyed is told in a later turn.
        for (let turn = 0; turn < 100 && (left.handlers || left.sources || [...timers].some((id) => !before.has(id))); turn++) await new Promise(setImmediate);
        assert.deepEqual({ ...left, timers: [...timers].filter((id) => !before.has(id)).length }, { handlers: 0, sources: 0, timers: 0 }, `cut after ${at} bytes ${way}`);
      }
    }
    hook.disable();
  });
}
