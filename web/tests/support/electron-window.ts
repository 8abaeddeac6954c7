// Electron's objects, as far as `serveRenderers` and a page use them, over ports of Node. The preload
// script is that of the guide.
import { EventEmitter } from "node:events";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { MessageChannel, type MessagePort } from "node:worker_threads";
import type { Frame, MainIpc, MainPort } from "ipc-runtime/electron/main";
import type { Port } from "ipc-runtime";
import { workspace } from "./backend.js";

/** The preload script, as the guide has it. */
export function preloadScript(): string {
  const guide = readFileSync(join(workspace, "docs", "electron.md"), "utf8");
  const script = /^```js\n(\/\/ electron\/preload\.cjs\n[^]*?)^```$/m.exec(guide)?.[1];
  if (!script) throw new Error("docs/electron.md has no preload script");
  return script;
}

/** A `MessagePortMain`: nothing comes before `start`. */
export class PortMain extends EventEmitter implements MainPort {
  /** What has come, in characters or bytes; and what has gone. */
  cameSize = 0;
  wentSize = 0;
  /** How much the two sides have said that they have taken, each time. */
  readonly taken: number[] = [];

  constructor(readonly port: MessagePort) {
    super();
    port.on("close", () => this.emit("close"));
    port.unref();
  }

  start(): void {
    this.port.on("message", (data: unknown) => {
      this.cameSize += sizeOf(data);
      if (typeof data === "number") this.taken.push(data);
      this.emit("message", { data, ports: [] });
    });
  }

  postMessage(message: unknown): void {
    this.wentSize += sizeOf(message);
    if (typeof message === "number") this.taken.push(message);
    this.port.postMessage(message);
  }

  close(): void {
    this.port.close();
  }
}

function sizeOf(data: unknown): number {
  return typeof data === "string" || data instanceof Uint8Array ? data.length : 0;
}

/** `ipcMain`. */
export class IpcMain extends EventEmitter implements MainIpc {}

/** A window: what shows pages, and a page in it with the preload script. */
export class AppWindow {
  readonly contents: EventEmitter = new EventEmitter();
  /** The ports that the main process has got. */
  readonly ports: PortMain[] = [];
  /** What the page has at its end. */
  readonly ends: MessagePort[] = [];
  readonly #listeners: ((event: object) => void)[] = [];

  constructor(
    readonly ipcMain: IpcMain,
    readonly frame: Frame | null = { url: "app://notes/index.html", parent: null },
  ) {
    const ipcRenderer = {
      postMessage: (channel: string, message: unknown, [port]: [MessagePort]) => {
        const main = new PortMain(port);
        this.ports.push(main);
        ipcMain.emit(channel, { sender: this.contents, senderFrame: this.frame, ports: [main] }, message);
      },
    };
    const require = (name: string): unknown => (name === "electron" ? { ipcRenderer } : undefined);
    new Function("require", "window", preloadScript())(require, this);
  }

  /** Of `window`. */
  addEventListener(_type: "message", listener: (event: object) => void): void {
    this.#listeners.push(listener);
  }

  /** Of `window`: what a page posts to itself. */
  postMessage(data: unknown, _origin: string, ports: MessagePort[] = []): void {
    this.heard({ source: this, data, ports });
  }

  /** A message has come, from wherever. */
  heard(event: { source: unknown; data: unknown; ports: MessagePort[] }): void {
    for (const listener of this.#listeners) listener(event);
  }

  /** Asks for a port, as `electron()` does, which knows one window alone. */
  readonly ask = (): Port => {
    const { port1, port2 } = new MessageChannel();
    this.ends.push(port1);
    this.postMessage("ipc-runtime:connect", "*", [port2]);
    return port1 as unknown as Port;
  };

  /** The page is followed by another one. */
  navigate(details: { isMainFrame?: boolean; isSameDocument?: boolean } = {}): void {
    this.contents.emit("did-start-navigation", { isMainFrame: true, isSameDocument: false, ...details });
  }

  arrived(): void {
    this.contents.emit("did-navigate");
  }

  /** It can't be loaded. Chromium has numbers for why: -105 is a host that isn't found, -3 that it was given up. */
  failed(code: number, isMainFrame = true): void {
    this.contents.emit("did-fail-load", {}, code, "ERR", "https://nowhere.example/", isMainFrame);
  }
}
