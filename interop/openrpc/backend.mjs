// A backend that tells everybody what there is to call, in a process of its own, on a WebSocket.

import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import readline from "node:readline";
import { fileURLToPath } from "node:url";

import { inTime, program } from "../node/backend.mjs";

const root = fileURLToPath(new URL("../../", import.meta.url));

/** Builds a program of the workspace, unless somebody has built all of them. */
export function build(...args) {
  if (process.env.IPC_TEST_BINARIES) return;
  const { status } = spawnSync("cargo", ["build", "-q", "--locked", ...args], { cwd: root, stdio: "inherit" });
  if (status !== 0) throw new Error(`cargo build ${args.join(" ")} has ended with ${status}`);
}

/** What a program prints. */
export function printed(name, ...args) {
  const { status, stdout, stderr } = spawnSync(program(name), args, { encoding: "utf8", maxBuffer: 2 ** 30 });
  if (status !== 0) throw new Error(`${name} ${args.join(" ")} has ended with ${status}: ${stderr}`);
  return stdout;
}

export class Backend {
  static async start(...options) {
    const backend = new Backend();
    // Without the interface by which a test ends the backend.
    const args = ["--version", "none", ...options, "ws://127.0.0.1:0"];
    backend.process = spawn(program("web-backend"), args, { stdio: ["pipe", "pipe", "inherit"] });
    backend.exited = once(backend.process, "exit");
    const failed = once(backend.process, "error").then(([error]) => Promise.reject(error));
    const gone = backend.exited.then(([code]) => Promise.reject(new Error(`the backend has ended with ${code}`)));
    failed.catch(() => {});
    gone.catch(() => {});
    const lines = readline.createInterface({ input: backend.process.stdout });
    const [line] = await inTime(Promise.race([once(lines, "line"), gone, failed]), "the backend");
    backend.url = line.replace("listening on ", "");
    if (!backend.url.startsWith("ws://")) throw new Error(line);
    return backend;
  }

  /** Ends it at once. */
  async kill() {
    this.process.kill("SIGKILL");
    await inTime(this.exited, "the backend's end");
  }
}
