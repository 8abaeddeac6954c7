// Where a WebSocket's address leads, in a page, in a worker, and where there is neither.
import assert from "node:assert/strict";
import { test } from "node:test";
import { connect, connectLazily, webSocket } from "ipc-runtime";

/** What is dialed for an address where this is the location. */
async function dialed(address: string, location: string | undefined): Promise<string> {
  const before = Object.getOwnPropertyDescriptor(globalThis, "location");
  if (location !== undefined) Object.defineProperty(globalThis, "location", { value: new URL(location), configurable: true });
  try {
    return await new Promise<string>((resolve, reject) => {
      const open = (url: string): never => {
        resolve(url);
        throw new Error("not here");
      };
      connect(webSocket(address, { open })).catch(reject);
    });
  } finally {
    if (before) Object.defineProperty(globalThis, "location", before);
    else delete (globalThis as { location?: unknown }).location;
  }
}

test("a path is one of the page's or the worker's own origin", async () => {
  assert.equal(await dialed("/ipc", "http://localhost:5173/page/?a#b"), "ws://localhost:5173/ipc");
  assert.equal(await dialed("ipc", "https://example.test/app/worker.js"), "wss://example.test/app/ipc");
  assert.equal(await dialed("/ipc", "blob:https://example.test/0b7d1f2c"), "wss://example.test/ipc");
  assert.equal(await dialed("wss://other.test/ipc", "https://example.test/"), "wss://other.test/ipc");
  assert.equal(await dialed("http://127.0.0.1:7000/ipc", undefined), "ws://127.0.0.1:7000/ipc");
});

test("what is no WebSocket's address is told, when it is dialed", async () => {
  for (const [address, location] of [["/ipc", undefined], ["/ipc", "file:///app/index.html"], ["mailto:x", undefined], ["/ipc", "about:blank"]] as const) {
    await assert.rejects(dialed(address, location), { kind: "notConnected", message: /is no URL of a WebSocket.*in a page/ });
  }
});

test("a client that connects lazily looks at nothing before its first call", async () => {
  const looked: string[] = [];
  for (const name of ["location", "WebSocket", "document"]) {
    Object.defineProperty(globalThis, name, { get: () => void looked.push(name), configurable: true });
  }
  const ipc = connectLazily("/ipc");
  ipc.state.subscribe(() => {})();
  await new Promise((resolve) => setTimeout(resolve));
  assert.deepEqual(looked, []);
  await assert.rejects(ipc.call("x"), { kind: "notConnected" });
  assert.deepEqual(looked, ["location"]);
});
