// A backend in a process of its own, on a Unix socket.

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

export class Backend {
  static async start() {
    const backend = new Backend();
    backend.directory = await mkdtemp(path.join(tmpdir(), "ipc-js-"));
    backend.socket = path.join(backend.directory, "s");
    backend.process = spawn(program("ipc-test-backend"), [`unix:${backend.socket}`], {
      stdio: ["pipe", "pipe", "inherit"],
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
    if (!line.startsWith("ready unix:")) throw new Error(line);
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
    await rm(this.directory, { recursive: true, force: true });
  }
}
