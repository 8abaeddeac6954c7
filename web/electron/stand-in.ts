// The app without Electron: its pages in Debian's Chromium, with the guide's preload script in an isolated
// world, as `contextIsolation` makes it, and its main process's half in this one. What goes between
// them, Electron's `ipcRenderer.postMessage` and `MessagePortMain`, is played over Chromium's protocol
// for debugging.
import { EventEmitter } from "node:events";
import { readFileSync } from "node:fs";
import { appUrls, serveRenderers, type Frame, type MainIpc, type MainPort } from "ipc-runtime/electron/main";
import { chromium, type BrowserContext, type CDPSession, type Page } from "playwright-core";
import type { App } from "./pages.test.js";

const WORLD = "preload";
const FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"];

/** What stands for Electron in the preload script's world: `require("electron")`. */
function world(): void {
  type Packed = { data?: unknown; bytes?: string };
  const own = globalThis as unknown as { toMain(text: string): void; fromMain: unknown; require: unknown };
  const ports = new Map<number, MessagePort>();
  const pack = (data: unknown): Packed => (data instanceof Uint8Array ? { bytes: btoa(Array.from(data, (byte) => String.fromCharCode(byte)).join("")) } : { data });
  const unpack = ({ data, bytes }: Packed): unknown => (bytes === undefined ? data : Uint8Array.from(atob(bytes), (char) => char.charCodeAt(0)));
  const ipcRenderer = {
    postMessage(channel: string, message: unknown, [port]: [MessagePort]) {
      const id = ports.size;
      ports.set(id, port);
      port.addEventListener("message", ({ data }) => own.toMain(JSON.stringify({ id, ...pack(data) })));
      port.addEventListener("close", () => own.toMain(JSON.stringify({ id, isClosed: true })));
      own.toMain(JSON.stringify({ id, channel, message }));
    },
  };
  own.fromMain = (id: number, what: "start" | "close" | "postMessage", packed: Packed) => {
    const port = ports.get(id);
    if (what === "postMessage") port?.postMessage(unpack(packed));
    else port?.[what]();
  };
  own.require = (name: string) => (name === "electron" ? { ipcRenderer } : undefined);
}

/** A `MessagePortMain`, whose port is in a page. */
class FarPort extends EventEmitter implements MainPort {
  constructor(readonly tell: (what: string, packed?: object) => void) {
    super();
  }

  start(): void {
    this.tell("start");
  }

  close(): void {
    this.tell("close");
  }

  postMessage(data: unknown): void {
    this.tell("postMessage", data instanceof Uint8Array ? { bytes: Buffer.from(data).toString("base64") } : { data });
  }
}

/** What shows the pages of a window. */
class FarContents extends EventEmitter {
  /** The frames that there are, by their ids. */
  readonly #frames = new Map<string, Frame>();
  /** Which frame a world of the preload script's is of. */
  readonly #worlds = new Map<number, string>();
  readonly #ports = new Map<string, FarPort>();

  constructor(
    readonly cdp: CDPSession,
    readonly ipcMain: EventEmitter,
  ) {
    super();
    cdp.on("Runtime.executionContextCreated", ({ context }) => void this.#worlds.set(context.id, context.auxData?.frameId ?? ""));
    cdp.on("Runtime.bindingCalled", ({ payload, executionContextId }) => this.#heard(executionContextId, JSON.parse(payload)));
    cdp.on("Page.frameStartedNavigating", ({ frameId, navigationType }) => {
      this.emit("did-start-navigation", { isMainFrame: this.#frames.get(frameId)?.parent === null, isSameDocument: /samedocument/iu.test(navigationType) });
    });
    cdp.on("Page.frameNavigated", ({ frame: { id, url, parentId } }) => {
      this.#frames.set(id, { url, parent: parentId === undefined ? null : {} });
      if (parentId === undefined) this.emit("did-navigate");
    });
  }

  async begin(): Promise<void> {
    const { cdp } = this;
    await cdp.send("Page.enable");
    const { frameTree: { frame } } = await cdp.send("Page.getFrameTree");
    this.#frames.set(frame.id, { url: frame.url, parent: null });
    await cdp.send("Runtime.enable");
    await cdp.send("Runtime.addBinding", { name: "toMain", executionContextName: WORLD });
    const preload = readFileSync(new URL("preload.cjs", import.meta.url), "utf8");
    await cdp.send("Page.addScriptToEvaluateOnNewDocument", { worldName: WORLD, source: `(${world})();\n(() => {\n${preload}\n})();` });
  }

  #heard(context: number, { id, channel, message, ...packed }: { id: number; channel?: string; message?: unknown; data?: unknown; bytes?: string; isClosed?: true }): void {
    const name = `${context}/${id}`;
    if (channel !== undefined) {
      const port = new FarPort((what, packed = {}) => {
        const call = { executionContextId: context, functionDeclaration: "function (...all) { fromMain(...all); }", arguments: [id, what, packed].map((value) => ({ value })) };
        // The page may be gone by then, and its world with it.
        this.cdp.send("Runtime.callFunctionOn", call).catch(() => {});
      });
      this.#ports.set(name, port);
      const senderFrame = this.#frames.get(this.#worlds.get(context) ?? "") ?? null;
      this.ipcMain.emit(channel, { sender: this, senderFrame, ports: [port] }, message);
    } else if (packed.isClosed) this.#ports.get(name)?.emit("close");
    else this.#ports.get(name)?.emit("message", { data: packed.bytes === undefined ? packed.data : new Uint8Array(Buffer.from(packed.bytes, "base64")), ports: [] });
  }
}

/** Serves the files of the page, on both origins. */
async function serve(context: BrowserContext): Promise<void> {
  await context.route(/^https:\/\/(?:notes|other)\.example\//u, (route) => {
    const name = new URL(route.request().url()).pathname.slice(1);
    if (name === "nothing") return route.fulfill({ status: 204 });
    if (!/^[\w-]+\.(?:html|js)$/u.test(name)) return route.fulfill({ status: 404 });
    return route.fulfill({ contentType: name.endsWith(".js") ? "text/javascript" : "text/html", body: readFileSync(new URL(`pages/${name}`, import.meta.url), "utf8") });
  });
}

export async function inChromium(endpoint: string, token: string): Promise<App> {
  const browser = await chromium.launch({ executablePath: "/usr/bin/chromium", args: FLAGS });
  const context = await browser.newContext();
  await serve(context);
  const ipcMain = new EventEmitter();
  const bridge = serveRenderers(ipcMain as MainIpc, { endpoint, token, allow: appUrls(["https://notes.example"]) });
  return {
    origin: "https://notes.example",
    other: "https://other.example",
    open: async (url: string): Promise<Page> => {
      const page = await context.newPage();
      const contents = new FarContents(await context.newCDPSession(page), ipcMain);
      await contents.begin();
      page.on("close", () => contents.emit("destroyed"));
      page.on("crash", () => contents.emit("render-process-gone"));
      await page.goto(url);
      return page;
    },
    async [Symbol.asyncDispose]() {
      await browser.close();
      await bridge.close();
    },
  };
}
