// Programs that these checks start.

import { spawn, spawnSync } from "node:child_process";
import { createInterface } from "node:readline";
import { root } from "./blocks.mjs";

/** Runs a program to its end and returns what it printed; if it fails, so does this. */
export function run(program, args, { cwd, env = {}, quiet = false }) {
  const done = spawnSync(program, args, { cwd, env: { ...process.env, ...env }, encoding: "utf8", stdio: ["ignore", "pipe", quiet ? "pipe" : "inherit"] });
  if (done.status === 0) return done.stdout;
  throw new Error(`${[program, ...args].join(" ")} has failed: ${done.error?.message ?? done.status}\n${done.stdout ?? ""}${done.stderr ?? ""}`);
}

/** Runs cargo on a package outside of the workspace. What is built of its dependencies is kept in target/. */
export function cargo(args, { cwd, work, env = {} }) {
  const places = { CARGO_BUILD_BUILD_DIR: process.env.CARGO_TARGET_DIR ?? `${root}/target`, CARGO_TARGET_DIR: `${work}/target` };
  return run("cargo", [args[0], "--offline", "--quiet", ...args.slice(1)], { cwd, env: { ...places, ...env } });
}

/** Starts a program that goes on, and waits until it has printed a line. */
export async function start(program, args, { cwd, env = {}, until }) {
  const child = spawn(program, args, { cwd, env: { ...process.env, ...env }, stdio: ["ignore", "pipe", "pipe"] });
  const ended = new Promise((resolve) => child.once("exit", resolve));
  let said = "";
  child.stderr.on("data", (data) => (said += data));
  const ready = new Promise((resolve) => {
    createInterface(child.stdout).on("line", (line) => {
      said += `${line}\n`;
      if (until.test(line)) resolve(true);
    });
  });
  const isReady = await Promise.race([ready, ended.then(() => false), after(60_000)]);
  if (!isReady) {
    child.kill();
    throw new Error(`${program} ${args.join(" ")} was not ready:\n${said}`);
  }
  return {
    said: () => said,
    async stop() {
      child.kill("SIGINT");
      if ((await Promise.race([ended, after(10_000)])) === false) child.kill("SIGKILL");
      await ended;
    },
  };
}

function after(milliseconds) {
  return new Promise((resolve) => setTimeout(() => resolve(false), milliseconds).unref());
}
