// The ports of one window, and how it is seen that the page is gone that had them: that a port closes
// isn't always told.
import { IpcError } from "../errors.js";
import type { Pipe } from "./pipe.js";
import type { Contents, Navigation } from "./shapes.js";

/** For a page that is there nevertheless. */
const LEFT = new IpcError("disconnected", "the main process has seen that the page was left");

/** Chromium's number of a navigation that comes to nothing. */
const ABORTED = -3;

/** The pipes of a window's pages. */
export class Window {
  readonly #pipes = new Set<Pipe>();
  /** Those of a page that another one is about to follow. */
  #leaving: readonly Pipe[] = [];

  /** @param onEmpty called when the last pipe has ended. */
  constructor(
    readonly contents: Contents,
    readonly onEmpty: () => void,
  ) {
    contents.on("destroyed", this.#gone);
    contents.on("render-process-gone", this.#gone);
    contents.on("did-start-navigation", this.#starts);
    contents.on("did-navigate", this.#arrived);
    contents.on("did-fail-load", this.#failed);
  }

  add(pipe: Pipe): void {
    this.#pipes.add(pipe);
  }

  remove(pipe: Pipe): void {
    this.#pipes.delete(pipe);
    if (this.#pipes.size) return;
    const { contents } = this;
    contents.off("destroyed", this.#gone);
    contents.off("render-process-gone", this.#gone);
    contents.off("did-start-navigation", this.#starts);
    contents.off("did-navigate", this.#arrived);
    contents.off("did-fail-load", this.#failed);
    this.onEmpty();
  }

  readonly #gone = (): void => {
    for (const pipe of [...this.#pipes]) pipe.end(LEFT);
  };

  /** It may come to nothing: the app's `will-navigate` prevents it, or it is a download. The page stays then. */
  readonly #starts = ({ isMainFrame, isSameDocument }: Navigation): void => {
    if (isMainFrame && !isSameDocument) this.#leaving = [...this.#pipes];
  };

  /** The next page is there, and may have a port already. */
  readonly #arrived = (): void => {
    for (const pipe of this.#leaving) pipe.end(LEFT);
    this.#leaving = [];
  };

  /** A page that tells of the error has come instead: not if what was to come was given up. */
  readonly #failed = (_event: unknown, code: number, _description: string, _url: string, isMainFrame: boolean): void => {
    if (isMainFrame && code !== ABORTED) this.#arrived();
  };
}
