// What keeps a client behind nginx is the backend's heartbeat: a server without one is cut off.

import assert from "node:assert/strict";
import { once } from "node:events";
import { test } from "node:test";
import WebSocket from "ws";

test("nginx ends a WebSocket that is silent for 60 s", { skip: !process.env.INTEROP_NGINX && "INTEROP_NGINX has no address" }, async () => {
  const socket = new WebSocket(new URL("silent/", process.env.INTEROP_NGINX));
  try {
    await once(socket, "open");
    const opened = Date.now();
    const [code] = await once(socket, "close", { signal: AbortSignal.timeout(120_000) });
    // Cut, without a word.
    assert.equal(code, 1006);
    assert.ok(Date.now() - opened > 55_000, "it was something else");
  } finally {
    socket.terminate();
  }
});
