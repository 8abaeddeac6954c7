// What the connection is like: a few words beside the title, and banners where something is to be done.
import type { State, VersionMismatch } from "ipc-runtime";
import { Banner } from "./banner.ts";
import { element } from "./element.ts";

/** How long the connection may be lost until a banner says so, in milliseconds. */
const BLINK = 500;

/** The backend for which this page was loaded anew already. */
const RELOADED = "notes.reloaded-for";

/** The state of the connection, as people see it. */
export class Line {
  readonly #line = element("line", HTMLElement);
  readonly #text = this.#line.querySelector("span")!;
  readonly #connection: Banner;
  readonly #version: Banner;
  readonly #retryNow: () => void;
  #state: State = { status: "connecting" };
  #mismatch: VersionMismatch | undefined;
  /** The backend at this address doesn't know this window's cookie. */
  #isForeign = false;

  constructor(banners: HTMLElement, retryNow: () => void) {
    this.#connection = new Banner(banners);
    this.#version = new Banner(banners);
    this.#retryNow = retryNow;
    setInterval(() => this.#show(), 500);
  }

  set state(state: State) {
    this.#state = state;
    if (state.status === "connected") this.#isForeign = false;
    else if (state.status === "reconnecting" && state.attempt > 1) void this.#askWhetherForeign();
    this.#show();
  }

  set mismatch(mismatch: VersionMismatch) {
    this.#mismatch = mismatch;
    this.#show();
  }

  /** The backend has answered a call: this page fits, and the next mismatch is another one. */
  fits(): void {
    sessionStorage.removeItem(RELOADED);
  }

  /** A refused WebSocket looks like an absent backend. A page of its own origin is told the difference. */
  async #askWhetherForeign(): Promise<void> {
    try {
      const answer = await fetch("/", { method: "HEAD", redirect: "error" });
      // Another launch knows neither this host (403) nor this cookie.
      this.#isForeign = answer.status === 403 || answer.status === 401;
    } catch {
      this.#isForeign = false; // nobody is there
    }
    this.#show();
  }

  #show(): void {
    const { tone, text } = this.#describe();
    this.#line.dataset["tone"] = tone;
    if (this.#text.textContent !== text) this.#text.textContent = text;
    this.#showConnection();
    this.#showVersion();
  }

  #describe(): { tone: "good" | "waiting" | "bad"; text: string } {
    if (this.#mismatch) return { tone: "bad", text: "Another version" };
    if (this.#state.status === "connected") return { tone: "good", text: "Connected" };
    if (this.#state.status === "connecting") return { tone: "waiting", text: "Connecting" };
    return { tone: "bad", text: this.#state.status === "closed" ? "No connection" : "Reconnecting" };
  }

  #showConnection(): void {
    const state = this.#state;
    if (state.status === "connected" || state.status === "connecting" || this.#mismatch) return this.#connection.hide();
    if (this.#isForeign) {
      const text = "This window belongs to the launch before. Copy what isn't saved, and close it.";
      return this.#connection.show({ tone: "warning", title: "Notes was started anew.", text });
    }
    const text = "What you type stays in this window, and is saved when Notes is back.";
    if (state.status === "closed") {
      const actions = [{ label: "Reload", run: () => location.reload() }];
      return this.#connection.show({ tone: "warning", title: "There is no connection to Notes.", text: state.reason.message, actions });
    }
    const { attempt, since, nextAt } = state;
    if (Date.now() - since < BLINK) return;
    const seconds = Math.ceil((nextAt - Date.now()) / 1000);
    const note = seconds > 0 ? `Attempt ${attempt} in ${seconds} s.` : `Attempt ${attempt} is being made.`;
    const actions = [{ label: "Retry now", run: this.#retryNow }];
    this.#connection.show({ tone: "warning", title: "Notes doesn't answer.", text, note, actions });
  }

  #showVersion(): void {
    if (!this.#mismatch) return;
    const { newer, ours, theirs } = this.#mismatch;
    const text = `This window has ${ours.version}, and Notes has ${theirs.version}.`;
    // A window that comes out of the same stale cache again would be loaded anew for ever.
    const isFutile = newer === "page" || sessionStorage.getItem(RELOADED) === theirs.fingerprint;
    if (isFutile) {
      const advice = `${text} Loading it anew doesn't help: close all windows, and start Notes again.`;
      return this.#version.show({ tone: "warning", title: "This window doesn't fit.", text: advice });
    }
    const reload = (): void => {
      sessionStorage.setItem(RELOADED, theirs.fingerprint);
      location.reload();
    };
    this.#version.show({ tone: "news", title: "There is a new version of Notes.", text, actions: [{ label: "Reload", run: reload }] });
  }
}
