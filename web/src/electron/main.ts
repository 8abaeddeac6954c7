/// <reference lib="esnext.disposable" preserve="true" />
// The main process of an Electron app: it brings pages and the backend together.
import { asyncDispose } from "../disposable.js";
import { guarded, IpcError, thrown } from "../errors.js";
import { localDial } from "../node/local-socket.js";
import { Pipe, type Far } from "./pipe.js";
import type { Contents, Frame, MainIpc, PortEvent } from "./shapes.js";
import { Window } from "./window.js";
import { CONNECT } from "./words.js";

export { appUrls } from "./app-urls.js";
export type { Contents, Frame, MainIpc, MainPort, Navigation, PortEvent } from "./shapes.js";

/** How pages are served. */
export interface RenderersOptions {
  /** The backend: `local:NAME`, `unix:/PATH` or `pipe:NAME`. */
  endpoint: string;
  /**
   * The secret that the backend requires. It stays in the main process: it is put into the handshake of
   * each page, whose own is left out. A function is asked for each connection.
   */
  token?: string | (() => string | Promise<string>) | undefined;
  /**
   * Whether a page may connect. Only main frames are asked for, and no page is allowed without this. The
   * page's URL counts, not what it says: `appUrls` looks at it.
   */
  allow?: ((frame: Frame) => boolean | Promise<boolean>) | undefined;
  /**
   * Called when `allow` or the function for the token has failed. The page is refused then, and isn't told
   * why they failed. Default: an error on the console.
   */
  onError?: ((error: IpcError) => void) | undefined;
}

/** What serves the pages. */
export interface Renderers extends AsyncDisposable {
  /** How many ports of pages are open: each has a connection to the backend, once its page has sent something. */
  readonly connections: number;
  /**
   * Serves no page any more, and ends the connections of all. Their calls fail with `disconnected`.
   *
   * @returns a promise that settles when they are closed, at the latest after 2 s. It never rejects.
   */
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

/**
 * Lets the pages of an Electron app connect to a backend, by `electron()` of `ipc-runtime/electron/renderer`
 * and the preload script of the guide: `serveRenderers(ipcMain, { endpoint: "local:notes", token, allow })`.
 *
 * Each connection of a page is one to the backend, made with the page's first message: so each window is
 * a peer of its own. It ends with its page. When the backend is gone, the page's connection ends with
 * `disconnected`, and a client that reconnects asks for another one.
 *
 * There is one for each `ipcMain`, until it is closed: a page can't say which one it means.
 *
 * @throws IpcError `notConnected` if `endpoint` is none of this machine, `invalidArguments` if pages are
 * served already.
 */
export function serveRenderers(ipcMain: MainIpc, options: RenderersOptions): Renderers {
  return new Bridge(ipcMain, options);
}

/** Those whose pages are served. */
const served = new WeakSet<MainIpc>();

class Bridge implements Renderers {
  readonly #far: Far;
  readonly #windows = new Map<Contents, Window>();
  readonly #pipes = new Set<Pipe>();
  /** Those of them too that have ended, and whose connections aren't closed yet. */
  readonly #unclosed = new Set<Pipe>();
  #closing: Promise<void> | undefined;

  constructor(
    readonly ipcMain: MainIpc,
    readonly options: RenderersOptions,
  ) {
    const { endpoint, token } = options;
    const dial = localDial(endpoint);
    if (!dial) throw new IpcError("notConnected", `\`${endpoint}\` is no endpoint for \`serveRenderers\`: write local:NAME, unix:/PATH or pipe:NAME`);
    if (served.has(ipcMain)) throw new IpcError("invalidArguments", "`serveRenderers` serves the pages of this `ipcMain` already: close what it has returned before");
    served.add(ipcMain);
    this.#far = { dial, token, tell: (error) => this.#tell(error) };
    ipcMain.on(CONNECT, this.#asked);
  }

  get connections(): number {
    return this.#pipes.size;
  }

  close(): Promise<void> {
    return (this.#closing ??= this.#close());
  }

  async #close(): Promise<void> {
    this.ipcMain.off(CONNECT, this.#asked);
    served.delete(this.ipcMain);
    for (const pipe of [...this.#pipes]) pipe.end(new IpcError("disconnected", "the main process serves no pages any more"));
    await Promise.all([...this.#unclosed].map(({ whenClosed }) => whenClosed));
  }

  [asyncDispose](): Promise<void> {
    return this.close();
  }

  readonly #asked = (event: PortEvent): void => {
    const { ports: [port], sender } = event;
    if (!port) return;
    const window = this.#windowOf(sender);
    const pipe = new Pipe(port, this.#far, () => {
      this.#pipes.delete(pipe);
      window.remove(pipe);
    });
    this.#pipes.add(pipe);
    this.#unclosed.add(pipe);
    void pipe.whenClosed.then(() => this.#unclosed.delete(pipe));
    window.add(pipe);
    // The frame is looked at now: later it may be another one's.
    void this.#refusal(event).then((refusal) => (refusal === undefined ? pipe.start() : pipe.end(new IpcError("unauthorized", refusal))));
  };

  #windowOf(contents: Contents): Window {
    let window = this.#windows.get(contents);
    if (!window) this.#windows.set(contents, (window = new Window(contents, () => this.#windows.delete(contents))));
    return window;
  }

  /** Why a page may not connect. */
  async #refusal(event: PortEvent): Promise<string | undefined> {
    const { allow } = this.options;
    let frame: Frame | null;
    let url: string;
    let parent: unknown;
    try {
      frame = event.senderFrame;
      if (!frame) return GONE;
      ({ url, parent } = frame);
    } catch {
      // Electron throws for a frame that has just gone.
      return GONE;
    }
    if (parent !== null) return `${url}: only the main frame of a window may connect, and this is a frame in it`;
    if (!allow) return `${url}: no page may connect: \`serveRenderers\` in the main process has no \`allow\``;
    try {
      if ((await allow(frame)) === true) return undefined;
    } catch (cause) {
      this.#tell(thrown("`allow` of `serveRenderers`", cause));
    }
    return `${url}: \`allow\` of \`serveRenderers\` in the main process doesn't allow this page`;
  }

  /** Nothing depends on what the app does with it. */
  #tell(error: IpcError): void {
    const { onError = (error: IpcError) => console.error(error) } = this.options;
    void guarded(() => onError(error), (cause) => console.error(thrown("`onError` of `serveRenderers`", cause)));
  }
}

const GONE = "the page that has asked is gone";
