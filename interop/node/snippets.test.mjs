// The programs that docs/interop.md shows.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

import { Backend, inTime } from "./backend.mjs";

const LINES = ["7 bytes", '1 there is no `none` {"NotFound":"none"}', "yes: delete it?", "told: hello", "1", "0", "done"];

/** The clients, how they connect, and whether the backend can call them. */
const programs = [
  ["vscode-jsonrpc", undefined, true],
  ["vscode-ws-jsonrpc", "ws://127.0.0.1:0/", true],
  ["json-rpc-2.0", "ws://127.0.0.1:0/", true],
  ["rpc-websockets", "ws://127.0.0.1:0/", false],
  ["open-rpc", "ws://127.0.0.1:0/", false],
];

for (const [name, endpoint, isCalled] of programs) {
  test(`the guide's program for ${name} says what the guide says`, async () => {
    const backend = await Backend.start(endpoint);
    try {
      const file = fileURLToPath(new URL(`snippets/${name}.mjs`, import.meta.url));
      const running = promisify(execFile)(process.execPath, [file, backend.socket]);
      const { stdout, stderr } = await inTime(running, "the program's end");
      assert.equal(stderr, "");
      assert.deepEqual(stdout.trimEnd().split("\n"), LINES.filter((line) => isCalled || !line.startsWith("yes")));
    } finally {
      await backend.kill();
    }
  });
}
