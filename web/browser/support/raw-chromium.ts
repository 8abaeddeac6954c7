// A Chromium of which nobody says that its tabs are looked at. Playwright keeps all pages in focus and
// their timers awake; so here the DevTools protocol is spoken plainly.
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { WebSocket } from "ws";
import { FLAGS, program } from "./chromium.js";
import { eventually } from "./eventually.js";

interface Answer {
  id?: number;
  result?: Record<string, unknown>;
  error?: { message: string };
}

/** In milliseconds: how long Chromium may take to start, or to answer. Only a hang takes that long. */
const PATIENCE = 45_000;

interface Waiting {
  resolve(result: Record<string, unknown>): void;
  reject(error: Error): void;
}

export class RawChromium implements AsyncDisposable {
  readonly #waiting = new Map<number, Waiting>();
  #last = 0;
  /** Why nothing is answered any more. */
  #end: Error | undefined;

  private constructor(
    readonly child: ChildProcess,
    readonly exited: Promise<unknown>,
    readonly socket: WebSocket,
    readonly directory: string,
  ) {
    socket.on("message", (data) => {
      const { id, result, error } = JSON.parse(String(data)) as Answer;
      const waiting = id === undefined ? undefined : this.#waiting.get(id);
      if (error) waiting?.reject(new Error(error.message));
      else waiting?.resolve(result ?? {});
    });
    // What is asked after that would never be answered, and neither would what was asked before.
    socket.on("error", (error) => this.#ended(error));
    socket.on("close", () => this.#ended(new Error("Chromium has ended")));
  }

  #ended(end: Error): void {
    this.#end ??= end;
    for (const { reject } of this.#waiting.values()) reject(this.#end);
  }

  static async launch(...more: string[]): Promise<RawChromium> {
    const directory = mkdtempSync(join(tmpdir(), "chromium-"));
    const child = spawn(program, [...FLAGS, "--headless", "--remote-debugging-port=0", `--user-data-dir=${directory}`, ...more, "about:blank"], { stdio: ["ignore", "ignore", "pipe"] });
    const exited = new Promise((resolve) => child.once("exit", resolve).once("error", resolve));
    // Its output ends by that, too.
    const tooLate = setTimeout(() => child.kill("SIGKILL"), PATIENCE);
    try {
      for await (const line of createInterface(child.stderr as NonNullable<typeof child.stderr>)) {
        const address = /^DevTools listening on (ws:.*)$/.exec(line)?.[1];
        if (address === undefined) continue;
        child.stderr?.resume();
        const socket = new WebSocket(address, { handshakeTimeout: PATIENCE });
        await once(socket, "open");
        return new RawChromium(child, exited, socket, directory);
      }
      throw new Error(`${program} has ended before it listened`);
    } catch (error) {
      child.kill("SIGKILL");
      await exited;
      rmSync(directory, { recursive: true, force: true, maxRetries: 10 });
      throw error;
    } finally {
      clearTimeout(tooLate);
    }
  }

  /** Asks for something. It fails if Chromium ends, or doesn't answer in time. */
  async send(method: string, params: object = {}, sessionId?: string): Promise<Record<string, unknown>> {
    if (this.#end) throw new Error(`${method}: ${this.#end.message}`);
    const id = ++this.#last;
    let tooLate: ReturnType<typeof setTimeout> | undefined;
    try {
      return await new Promise((resolve, reject) => {
        this.#waiting.set(id, { resolve, reject: (error) => reject(new Error(`${method}: ${error.message}`)) });
        tooLate = setTimeout(() => reject(new Error(`${method}: Chromium hasn't answered after ${PATIENCE} ms`)), PATIENCE);
        this.socket.send(JSON.stringify({ id, method, params, sessionId }));
      });
    } finally {
      clearTimeout(tooLate);
      this.#waiting.delete(id);
    }
  }

  /** Opens a tab of the one window, in front of the others. */
  async tab(url: string, before = ""): Promise<Tab> {
    const { targetId } = (await this.send("Target.createTarget", { url: "about:blank" })) as { targetId: string };
    const { sessionId } = (await this.send("Target.attachToTarget", { targetId, flatten: true })) as { sessionId: string };
    const tab = new Tab(this, targetId, sessionId);
    await tab.send("Page.enable");
    if (before) await tab.send("Page.addScriptToEvaluateOnNewDocument", { source: before });
    await tab.send("Page.navigate", { url });
    return tab;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const tooLate = setTimeout(() => this.child.kill("SIGKILL"), PATIENCE);
    await this.send("Browser.close").catch(() => this.child.kill("SIGKILL"));
    await this.exited;
    clearTimeout(tooLate);
    this.socket.terminate();
    rmSync(this.directory, { recursive: true, force: true, maxRetries: 10 });
  }
}

export class Tab {
  constructor(
    readonly browser: RawChromium,
    readonly target: string,
    readonly session: string,
  ) {}

  send(method: string, params: object = {}): Promise<Record<string, unknown>> {
    return this.browser.send(method, params, this.session);
  }

  /** Puts it in front. */
  async show(): Promise<void> {
    await this.browser.send("Target.activateTarget", { targetId: this.target });
  }

  async evaluate<T>(expression: string): Promise<T> {
    const { result, exceptionDetails } = (await this.send("Runtime.evaluate", { expression, awaitPromise: true, returnByValue: true })) as {
      result: { value: T };
      exceptionDetails?: { exception?: { description?: string } };
    };
    if (exceptionDetails) throw new Error(exceptionDetails.exception?.description ?? "it has thrown");
    return result.value;
  }

  /** Asks until it is so. What takes a minute says so by `patience`, in milliseconds. */
  until<T>(expression: string, so: (value: T) => boolean = Boolean, patience?: number): Promise<T> {
    return eventually(() => this.evaluate<T>(expression), so, expression, patience);
  }

  /** Leaves a picture of it. */
  async screenshot(): Promise<Buffer> {
    const { data } = (await this.send("Page.captureScreenshot")) as { data: string };
    return Buffer.from(data, "base64");
  }
}
