// A backend in a process of its own, on a Unix socket or a WebSocket.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import net from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import readline from "node:readline";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../../", import.meta.url));

/** Where a program of the tests lies. */
export function program(name) {
  return path.join(process.env.IPC_TEST_BINARIES ?? path.join(root, "target/debug"), name);
}

/** Only a hang takes that long. */
const PATIENCE = 45_000;

/** Gives what `promise` gives, or fails. */
export async function inTime(promise, what) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${what} never came`)), PATIENCE);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

/** Waits until it holds. */
export async function eventually(holds, what) {
  const until = Date.now() + PATIENCE;
  while (!(await holds())) {
    if (Date.now() > until) throw new Error(`it never came to this: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

export class Backend {
  /**
   * Starts one.
   *
   * @param endpoint default: a Unix socket in a directory of its own.
   * @param token what it asks for.
   */
  static async start(endpoint, token) {
    const backend = new Backend();
    if (!endpoint) {
      backend.directory = await mkdtemp(path.join(tmpdir(), "ipc-js-"));
      endpoint = `unix:${path.join(backend.directory, "s")}`;
    }
    const env = token ? { ...process.env, IPC_TEST_TOKEN: token } : process.env;
    backend.process = spawn(program("ipc-test-backend"), [endpoint], {
      stdio: ["pipe", "pipe", "inherit"],
      env,
    });
    backend.exited = once(backend.process, "exit");
    // A program that is missing is told by this, before it could exit.
    const failed = once(backend.process, "error").then(([error]) => Promise.reject(error));
    backend.exited.catch(() => {});
    failed.catch(() => {});
    const lines = readline.createInterface({ input: backend.process.stdout });
    const ready = once(lines, "line").then(([line]) => line);
    const gone = backend.exited.then(([code]) => {
      throw new Error(`the backend has ended with ${code}`);
    });
    gone.catch(() => {});
    const line = await inTime(Promise.race([ready, gone, failed]), "the backend");
    if (!line.startsWith("ready ")) throw new Error(line);
    backend.endpoint = line.replace("ready ", "");
    // As the clients have it: a path, or an URL.
    backend.socket = backend.endpoint.replace("unix:", "");
    return backend;
  }

  /** A socket that is connected. */
  async connect() {
    const socket = net.connect(this.socket);
    await inTime(once(socket, "connect"), "the connection");
    return socket;
  }

  /** Lets it stop: it drains first. */
  stop() {
    this.process.stdin.end();
  }

  /** Ends it at once. */
  async kill() {
    this.process.kill("SIGKILL");
    await inTime(this.exited, "the backend's end");
    if (this.directory) await rm(this.directory, { recursive: true, force: true });
  }
}
