// A server in a process of its own: the backend of this library, or socket.io's.

import { spawn } from "node:child_process";
import { once } from "node:events";
import readline from "node:readline";
import { fileURLToPath } from "node:url";

import { inTime, program } from "../node/backend.mjs";

const kinds = {
  oracle: () => [process.execPath, [fileURLToPath(new URL("oracle.mjs", import.meta.url))]],
  ours: () => [program("ipc-test-socket-io"), []],
};

/** Which servers the tests are for: both, or the one that `SOCKET_IO_SERVER` names. */
export const servers = process.env.SOCKET_IO_SERVER ? [process.env.SOCKET_IO_SERVER] : Object.keys(kinds);
for (const name of servers) if (!Object.hasOwn(kinds, name)) throw new Error(`there is no server ${name}`);

/** So large may a message be, if a test doesn't ask for something else. */
export const MAX_PAYLOAD = 1_000_000;

export class Server {
  /**
   * Starts one.
   *
   * @param kind `ours` or `oracle`.
   * @param options by their names on the command line: `{ "ping-interval": 300 }`.
   */
  static async start(kind, options = {}) {
    const server = new Server();
    server.kind = kind;
    server.options = { "max-payload": MAX_PAYLOAD, ...options };
    await server.#start();
    return server;
  }

  async #start() {
    const [command, args] = kinds[this.kind]();
    const options = Object.entries(this.options).flatMap(([name, value]) => [`--${name}`, String(value)]);
    this.process = spawn(command, [...args, ...options], { stdio: ["pipe", "pipe", "inherit"] });
    this.exited = once(this.process, "exit");
    const failed = once(this.process, "error").then(([error]) => Promise.reject(error));
    const gone = this.exited.then(([code]) => Promise.reject(new Error(`the server has ended with ${code}`)));
    failed.catch(() => {});
    gone.catch(() => {});
    const lines = readline.createInterface({ input: this.process.stdout });
    const [line] = await inTime(Promise.race([once(lines, "line"), gone, failed]), "the server");
    if (!/^ready https?:\/\//.test(line)) throw new Error(line);
    this.url = line.replace("ready ", "");
    this.port = Number(new URL(this.url).port);
  }

  /** Lets it stop by itself. */
  async stop() {
    this.process.stdin.end();
    await inTime(this.exited, "the server's end");
  }

  /** Ends it at once. */
  async kill() {
    this.process.kill("SIGKILL");
    await inTime(this.exited, "the server's end");
  }

  /** Starts another one where it was. */
  async restart() {
    this.options = { ...this.options, port: this.port };
    await this.#start();
  }
}
