// The npm client behind nginx: neither side says anything for longer than nginx waits, but for the
// heartbeat.

import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as passed } from "node:timers/promises";

import { connect, listener } from "../../web/dist/node/index.js";
import { inTime } from "./backend.mjs";

test("the npm client stays for 65 s behind nginx, and is told things then", { skip: !process.env.INTEROP_NGINX && "INTEROP_NGINX has no address" }, async () => {
  const ipc = await inTime(connect(process.env.INTEROP_NGINX), "the connection");
  try {
    const states = [];
    ipc.state.subscribe(() => states.push(ipc.state.get().status));
    assert.equal(await ipc.call("add", [1, 2]), 3);
    await passed(65_000);
    const told = new Promise((resolve) => ipc.serve(listener("demo.desk.told", resolve)));
    await inTime(ipc.call("demo.archive.tell", ["hello"]), "the answer");
    assert.equal(await inTime(told, "the notification"), "hello");
    assert.deepEqual(states, []);
  } finally {
    await ipc.close();
  }
});
