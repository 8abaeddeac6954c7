// The real backend: the package `web-backend` of the workspace, built and started.
import { spawn, spawnSync } from "node:child_process";
import { createInterface } from "node:readline";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

export const workspace: string = join(dirname(fileURLToPath(import.meta.url)), "..", "..", "..");

/** Where somebody has built the workspace's programs already. */
const built = process.env["IPC_TEST_BINARIES"];

/** Where the workspace's programs lie. */
export const binaries: string = built ?? join(process.env["CARGO_TARGET_DIR"] ?? join(workspace, "target"), "debug");

/** The program. */
export const program: string = join(binaries, process.platform === "win32" ? "web-backend.exe" : "web-backend");

/** Builds what cargo builds with these arguments, unless that is done. */
export function cargoBuild(...args: string[]): void {
  if (built !== undefined) return;
  const { status } = spawnSync("cargo", ["build", "-q", ...args], { cwd: workspace, stdio: "inherit" });
  if (status !== 0) throw new Error(`cargo build ${args.join(" ")} has ended with ${status}`);
}

/** Builds the backend. */
export function build(): void {
  cargoBuild("-p", "web-backend");
}

export interface Backend extends AsyncDisposable {
  /** Where it listens, in the order in which that was asked for. */
  readonly endpoints: string[];
  /** Kills it. */
  kill(): void;
  /** Stops the process without ending it, and lets it go on. */
  freeze(): void;
  thaw(): void;
}

/** Starts a backend. It ends with this process, however that ends. */
export async function start(...args: string[]): Promise<Backend> {
  const child = spawn(program, args, { stdio: ["pipe", "pipe", "inherit"] });
  const ended = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  const endpoints: string[] = [];
  for await (const line of createInterface(child.stdout)) {
    if (line === "ready") break;
    endpoints.push(line.replace("listening on ", ""));
  }
  return {
    endpoints,
    kill: () => void child.kill("SIGKILL"),
    freeze: () => void child.kill("SIGSTOP"),
    thaw: () => void child.kill("SIGCONT"),
    async [Symbol.asyncDispose]() {
      child.stdin.end();
      await ended;
    },
  };
}
