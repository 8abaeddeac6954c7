// Runs the interop tests side by side, a backend behind nginx among them, and then looks at the tables
// in docs/interop.md. What was installed and built before is told by .ci/interop.
//
// node interop/run.mjs [--write]    --write: the tables are written instead

import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { createWriteStream, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import net from "node:net";
import path from "node:path";
import { fileURLToPath } from "node:url";

import { Backend } from "./node/backend.mjs";
import { silent } from "./node/silent.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));
const target = path.join(root, "target/interop");
const cells = path.join(target, "cells");
const logs = path.join(target, "logs");

/** A port that is free. */
async function port() {
  const server = net.createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port: free } = server.address();
  server.close();
  await once(server, "close");
  return free;
}

/** Puts nginx before a backend, and before the port of what has no heartbeat. */
async function nginx(backend, heartless) {
  const folder = path.join(target, "nginx");
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const listens = await port();
  const ports = { PORT: listens, BACKEND: new URL(backend).port, SILENT: heartless };
  const template = readFileSync(path.join(root, "interop/nginx.conf"), "utf8");
  writeFileSync(path.join(folder, "nginx.conf"), template.replace(/@(\w+)@/gu, (_, name) => ports[name]));
  const running = spawn("nginx", ["-p", folder, "-e", "stderr", "-c", "nginx.conf"], { stdio: ["ignore", "inherit", "inherit"] });
  const failed = new Promise((_, reject) => {
    running.once("error", reject);
    running.once("exit", (code) => reject(new Error(`nginx has ended with ${code}`)));
  });
  failed.catch(() => {});
  for (const until = Date.now() + 45_000; ; ) {
    if (Date.now() > until) throw new Error("nginx has started, and nobody listens");
    const socket = net.connect(listens, "127.0.0.1");
    const isThere = await Promise.race([
      failed,
      new Promise((resolve) => {
        socket.once("connect", () => resolve(true));
        socket.once("error", () => resolve(false));
      }),
    ]);
    socket.destroy();
    if (isThere) break;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return { url: `ws://127.0.0.1:${listens}/`, running };
}

/** nginx takes no port of the system's choice: another process may have the one that was free. */
async function proxied() {
  for (let attempt = 1; ; attempt++) {
    try {
      return await nginx(backend.endpoint, heartless.port);
    } catch (error) {
      if (attempt === 5) throw error;
      console.log(`${error.message}: on another port once more`);
    }
  }
}

/** In milliseconds: how long a suite may take. Those that wait for a minute take two. */
const PATIENCE = 600_000;

/** Runs one suite, whose output goes to a file and comes out of here when it fails. */
async function suite(name, command, args, options, env) {
  const began = Date.now();
  const log = path.join(logs, `${name}.log`);
  const output = createWriteStream(log);
  const child = spawn(command, args, { ...options, env: { ...process.env, ...env }, stdio: ["ignore", "pipe", "pipe"], detached: true });
  let isLate = false;
  const late = setTimeout(() => {
    isLate = true;
    // With all that it has started: that would hold the pipes.
    process.kill(-child.pid, "SIGKILL");
  }, PATIENCE);
  child.stdout.pipe(output, { end: false });
  child.stderr.pipe(output, { end: false });
  const [code, signal] = await once(child, "close").finally(() => clearTimeout(late));
  output.end();
  await once(output, "close");
  const said = readFileSync(log, "utf8");
  const seconds = Math.round((Date.now() - began) / 1000);
  const closing = said.split("\n").filter((line) => /^# (tests|pass|fail|skipped) |^Ran |^OK|^test result/u.test(line));
  console.log(`${name}: ${code === 0 ? "passed" : isLate ? "FAILED: it hangs, and was ended" : `FAILED with ${code ?? signal}`} in ${seconds} s\n  ${closing.join("\n  ")}`);
  if (code !== 0) console.log(said);
  return code === 0;
}

rmSync(cells, { recursive: true, force: true });
mkdirSync(logs, { recursive: true });
const backend = await Backend.start("ws://127.0.0.1:0/");
const heartless = await silent();
const proxy = await proxied();
const env = {
  INTEROP_CELLS: cells,
  INTEROP_NGINX: proxy.url,
  PYTHONDONTWRITEBYTECODE: "1",
  // What .ci/interop has installed and built.
  CARGO_TARGET_DIR: path.join(target, "jsonrpsee"),
};
const python = path.join(target, "python/bin/python");
const at = (folder) => ({ cwd: path.join(root, "interop", folder) });
let passed = false;
try {
  const results = await Promise.all([
    suite("node", "npm", ["test", "--silent"], at("node"), env),
    // Those that wait for a minute have processes of their own.
    ...["jsonrpcclient", "pygls"].flatMap((name) => [
      suite(name, python, ["-m", "unittest", `test_${name}`], at("python"), { ...env, INTEROP_NGINX: "" }),
      suite(`${name}-idle`, python, ["-m", "unittest", "-k", "behind_nginx", `test_${name}`], at("python"), env),
    ]),
    suite("jsonrpsee", "cargo", ["test", "--locked", "--", "--test-threads=16"], at("jsonrpsee"), env),
  ]);
  passed = results.every(Boolean);
} finally {
  proxy.running.removeAllListeners("exit");
  proxy.running.kill();
  heartless.close();
  await backend.kill();
}
if (!passed) process.exit(1);
const table = fileURLToPath(new URL("table.mjs", import.meta.url));
process.exit(spawnSync(process.execPath, [table, ...process.argv.slice(2)], { stdio: "inherit" }).status ?? 1);
