// Frontends of this project behind nginx: neither side says anything for longer than nginx waits, but
// for the heartbeat.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import readline from "node:readline";
import { test } from "node:test";
import { setTimeout as passed } from "node:timers/promises";

import { connect, listener } from "../../web/dist/node/index.js";
import { inTime, program } from "./backend.mjs";

const SILENCE = 65_000;
const together = { concurrency: true, skip: !process.env.INTEROP_NGINX && "INTEROP_NGINX has no address" };

test("behind nginx, for 65 s", together, async (t) => {
  await Promise.all([
    t.test("the npm client stays, and is told things then", async () => {
      const ipc = await inTime(connect(process.env.INTEROP_NGINX), "the connection");
      try {
        const states = [];
        ipc.state.subscribe(() => states.push(ipc.state.get().status));
        assert.equal(await ipc.call("add", [1, 2]), 3);
        await passed(SILENCE);
        const told = new Promise((resolve) => ipc.serve(listener("demo.desk.told", resolve)));
        await inTime(ipc.call("demo.archive.tell", ["hello"]), "the answer");
        assert.equal(await inTime(told, "the notification"), "hello");
        assert.deepEqual(states, []);
      } finally {
        await ipc.close();
      }
    }),
    t.test("a `Frontend` stays", async () => {
      const frontend = spawn(program("ipc-test-peer"), ["stay", process.env.INTEROP_NGINX], {
        stdio: ["pipe", "pipe", "inherit"],
      });
      const ended = once(frontend, "exit");
      try {
        const lines = readline.createInterface({ input: frontend.stdout })[Symbol.asyncIterator]();
        const line = async (what) => (await inTime(lines.next(), what)).value;
        assert.equal(await line("the connection"), "connected");
        await passed(SILENCE);
        frontend.stdin.end();
        assert.equal(await line("the answer"), "ok");
        await inTime(ended, "its end");
      } finally {
        frontend.kill("SIGKILL");
      }
    }),
  ]);
});
