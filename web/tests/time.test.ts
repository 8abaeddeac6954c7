import assert from "node:assert/strict";
import { test } from "node:test";
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { toDate, toMillis } from "ipc-runtime";

test("times of Rust become milliseconds and dates", () => {
  assert.equal(toMillis({ secs: 2, nanos: 500_000 }), 2_000.5);
  assert.equal(toMillis({ secs: 3n, nanos: 0 }), 3_000);
  assert.equal(toDate({ secs_since_epoch: 1_700_000_000, nanos_since_epoch: 123_999_999 }).toISOString(), "2023-11-14T22:13:20.123Z");
});

test("where `Symbol.dispose` is missing, the polyfill sets it to what helpers look for, and the client alone sets nothing", () => {
  const root = fileURLToPath(new URL("..", import.meta.url));
  const script = `
    const own = Symbol, bare = (text) => own(text);
    for (const name of Object.getOwnPropertyNames(own)) if (!["dispose", "prototype", "length", "name"].includes(name)) bare[name] = own[name];
    globalThis.Symbol = bare;
    const { connectLazily } = await import("ipc-runtime");
    const before = "dispose" in Symbol;
    const ipc = connectLazily({ endpoint: "x", dial: () => Promise.reject(new Error("none")) });
    const disposes = typeof ipc[Symbol.for("Symbol.dispose")];
    await import("ipc-runtime/polyfill");
    console.log(before, disposes, Symbol.dispose === Symbol.for("Symbol.dispose"));`;
  const { stdout, stderr } = spawnSync(process.execPath, ["--input-type=module", "-e", script], { cwd: root, encoding: "utf8" });
  assert.equal(stdout.trim(), "false function true", stderr);
});
