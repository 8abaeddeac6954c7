// A backend that this process starts, on its standard input and output.
import { spawn, type SpawnOptions } from "node:child_process";
import { setTimeout as later } from "node:timers/promises";
import { IpcError } from "../errors.js";
import { byteDial, type ByteDial } from "./byte-stream.js";

/** How long a backend may take to end, in milliseconds. */
const PATIENCE = 2_000;

/** How a backend is started. */
export type StdioOptions = Omit<SpawnOptions, "stdio">;

/**
 * A program to be started as a backend on `stdio:`. What it writes to standard error comes out of
 * this process. It ends when the connection does: its input ends, and it is given 2 s to end by
 * itself, then 2 s more after it was asked to (`SIGTERM`).
 */
export function stdio(command: string, args: readonly string[] = [], options: StdioOptions = {}): ByteDial {
  const endpoint = `stdio:${command}`;
  return byteDial(endpoint, async () => {
    const child = spawn(command, args, { ...options, stdio: ["pipe", "pipe", "inherit"] });
    const { stdin, stdout } = child;
    if (!stdin || !stdout) throw new IpcError("notConnected", `${endpoint}: it has no pipes`);
    let ending: Promise<void> | undefined;
    // Its output may end a little before the system tells how it ended; or a process that it left
    // behind holds the pipes.
    const gone = new Promise<string>((resolve) => {
      child.once("error", (error) => {
        resolve(error.message);
        stdout.destroy();
      });
      child.once("exit", (code, by) => resolve(code === null ? `the backend was ended by ${by}` : `the backend has ended with ${code}`));
    });
    await new Promise((resolve, reject) => {
      child.once("spawn", resolve);
      child.once("error", (cause) => reject(new IpcError("notConnected", `${endpoint} can't be started: ${cause.message}`, { cause })));
    });
    const end = async (): Promise<void> => {
      // First it is asked. Who doesn't listen is ended.
      const timers = ["SIGTERM", "SIGKILL"].map((by, at) => setTimeout(() => child.kill(by as NodeJS.Signals), PATIENCE * (at + 1)));
      stdin.end();
      await gone;
      timers.forEach(clearTimeout);
    };
    return {
      input: stdout,
      output: stdin,
      why: () => Promise.race([gone, later(1_000, undefined, { ref: false })]),
      end: () => (ending ??= end()),
    };
  });
}
