// The app, as somebody starts it in a terminal.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../../../..", import.meta.url));
const binaries = process.env.IPC_TEST_BINARIES ?? join(process.env.CARGO_TARGET_DIR ?? join(root, "target"), "debug");
const program = join(binaries, "notes");

const shots = join(root, "target/notes");
mkdirSync(shots, { recursive: true });

/** Keeps what a page looks like, for people. */
export async function shoot(page, what) {
  await page.screenshot({ path: join(shots, `${what}.png`), animations: "disabled" });
}

/** A directory that is removed after the test. */
export function directory(t) {
  const path = mkdtempSync(join(tmpdir(), "notes-"));
  t.after(() => rmSync(path, { recursive: true, force: true, maxRetries: 10 }));
  return path;
}

/** Starts the app, which is killed after the test if it is there still. */
export class App {
  #child;
  #lines = [];
  #waiting = new Set();

  /** @param {{ data: string, arguments?: string[], variables?: NodeJS.ProcessEnv }} options */
  constructor(t, { data, arguments: given = ["--no-window"], variables = {} }) {
    const env = { ...process.env, XDG_DATA_HOME: data, ...variables };
    this.#child = spawn(program, [join(data, "folder"), ...given], { env, stdio: ["ignore", "pipe", "inherit"] });
    this.folder = join(data, "folder");
    this.ended = once(this.#child, "exit").then(([code]) => code);
    createInterface(this.#child.stdout).on("line", (line) => {
      this.#lines.push(line);
      for (const look of this.#waiting) look();
    });
    t.after(() => this.kill());
  }

  get output() {
    return this.#lines.join("\n");
  }

  /** The first line with this in it. */
  async line(what) {
    const told = new Promise((resolve) => {
      const look = () => {
        const line = this.#lines.find((line) => line.includes(what));
        if (line !== undefined && (this.#waiting.delete(look), true)) resolve(line);
      };
      this.#waiting.add(look);
      look();
    });
    const gone = this.ended.then((code) => Promise.reject(new Error(`it ended with ${code}, without ${what}: ${this.output}`)));
    return Promise.race([told, gone]);
  }

  /** The address that it prints. */
  async address() {
    return /http:\S+/u.exec(await this.line("http://"))[0];
  }

  /** It answers nothing until it is resumed. */
  pause() {
    this.#child.kill("SIGSTOP");
  }

  resume() {
    this.#child.kill("SIGCONT");
  }

  async kill() {
    this.#child.kill("SIGKILL");
    await this.ended;
  }
}
