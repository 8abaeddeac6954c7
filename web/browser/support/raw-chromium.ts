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

interface Answer {
  id?: number;
  result?: Record<string, unknown>;
  error?: { message: string };
}

export class RawChromium implements AsyncDisposable {
  readonly #waiting = new Map<number, { resolve(result: Record<string, unknown>): void; reject(error: Error): void }>();
  #last = 0;

  private constructor(
    readonly child: ChildProcess,
    readonly socket: WebSocket,
    readonly directory: string,
  ) {
    socket.on("message", (data) => {
      const { id, result, error } = JSON.parse(String(data)) as Answer;
      const waiting = id === undefined ? undefined : this.#waiting.get(id);
      if (error) waiting?.reject(new Error(error.message));
      else waiting?.resolve(result ?? {});
    });
  }

  static async launch(...more: string[]): Promise<RawChromium> {
    const directory = mkdtempSync(join(tmpdir(), "chromium-"));
    const child = spawn(program, [...FLAGS, "--headless", "--remote-debugging-port=0", `--user-data-dir=${directory}`, ...more, "about:blank"], { stdio: ["ignore", "ignore", "pipe"] });
    for await (const line of createInterface(child.stderr as NonNullable<typeof child.stderr>)) {
      const address = /^DevTools listening on (ws:.*)$/.exec(line)?.[1];
      if (address === undefined) continue;
      child.stderr?.resume();
      const socket = new WebSocket(address);
      await once(socket, "open");
      return new RawChromium(child, socket, directory);
    }
    throw new Error(`${program} has ended before it listened`);
  }

  send(method: string, params: object = {}, sessionId?: string): Promise<Record<string, unknown>> {
    const id = ++this.#last;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject: (error) => reject(new Error(`${method}: ${error.message}`)) });
      this.socket.send(JSON.stringify({ id, method, params, sessionId }));
    });
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
    const ended = once(this.child, "exit");
    await this.send("Browser.close").catch(() => this.child.kill("SIGKILL"));
    await ended;
    this.socket.close();
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

  /** Asks until it is so: at each 100 ms, since nothing tells. */
  async until<T>(expression: string, so: (value: T) => boolean = Boolean): Promise<T> {
    for (;;) {
      const value = await this.evaluate<T>(expression);
      if (so(value)) return value;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }

  /** Leaves a picture of it. */
  async screenshot(): Promise<Buffer> {
    const { data } = (await this.send("Page.captureScreenshot")) as { data: string };
    return Buffer.from(data, "base64");
  }
}
