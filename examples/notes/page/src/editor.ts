// The open note: what is typed is saved after a pause, and other windows see it before that.
import type { Banner } from "./banner.ts";
import type { Connection } from "./connection.ts";
import { element } from "./element.ts";
import type { Draft, Note, NoteInfo } from "./ipc.ts";
import { reason } from "./reasons.ts";
import { Throttle } from "./throttle.ts";

/** How long nothing is typed until it is saved, in milliseconds. */
const PAUSE = 800;

/** How often other windows see what is typed, in milliseconds. */
const SHARE = 150;

/** What has become of the open note elsewhere. */
type Conflict = "changed" | "gone";

/** The right side of the window. */
export class Editor {
  readonly #connection: Connection;
  readonly #banner: Banner;
  readonly #sheet = element("sheet", HTMLElement);
  readonly #none = element("none", HTMLElement);
  readonly #text = element("text", HTMLTextAreaElement);
  readonly #saved = element("saved", HTMLElement);
  readonly #count = element("count", HTMLElement);
  /** Of this window. */
  readonly #window = crypto.randomUUID();
  readonly #saveLater = new Throttle(PAUSE, () => void this.save(), { restarts: true });
  readonly #shareLater = new Throttle(SHARE, () => this.#share());
  #open: { name: string; revision: string } | undefined;
  /** The text that the revision stands for, as the text area has it. */
  #base = "";
  /** How lines end in the file. A text area knows line feeds alone. */
  #ending: "\n" | "\r\n" = "\n";
  /** What was sent to be saved, until it is known to be kept or not. */
  #sent: string | undefined;
  #hasFailed = false;
  #conflict: Conflict | undefined;
  #saving: Promise<void> | undefined;
  #opening: AbortController | undefined;

  constructor(connection: Connection, banner: Banner) {
    this.#connection = connection;
    this.#banner = banner;
    this.#text.addEventListener("input", () => this.#typed());
    connection.draft.subscribe(() => this.#follow());
    // The window may be closed next. The request is on its way before it is.
    document.addEventListener("visibilitychange", () => document.hidden && void this.save());
    addEventListener("beforeunload", (event) => {
      const isRefused = this.#hasFailed || this.#conflict !== undefined || connection.state.status !== "connected";
      void this.save();
      // What is sent by now is saved, as far as one can know. For all else the browser asks.
      if (this.#isDirty && (isRefused || this.#sent !== this.#text.value)) event.preventDefault();
    });
  }

  /** The note that is open: the same object for as long as it is, whatever it is called meanwhile. */
  get current(): { readonly name: string; readonly revision: string } | undefined {
    return this.#open;
  }

  /** Whether another note may be opened: what is typed is saved now, and nothing is in the way. */
  async canLeave(): Promise<boolean> {
    await this.save();
    return !this.#isDirty;
  }

  /** What keeps the open note open, in a sentence. */
  get obstacle(): string {
    const name = this.#open?.name ?? "";
    return this.#conflict ? `Decide first which text of “${name}” is to stay.` : `“${name}” isn't saved yet, and stays open.`;
  }

  /** Opens a note when what is typed in the one before is saved. The promise is `false` if that can't be done. */
  async open(name: string): Promise<boolean> {
    if (!(await this.canLeave())) return false;
    this.#opening?.abort();
    const opening = (this.#opening = new AbortController());
    const outcome = await this.#connection.notes.read(name, { signal: opening.signal }).result();
    if (opening.signal.aborted) return false;
    if (!outcome.ok) {
      this.#say(reason(outcome.error), "bad");
      return false;
    }
    this.#take(outcome.value);
    this.#text.setSelectionRange(0, 0);
    this.#text.scrollTop = 0;
    return true;
  }

  close(): void {
    this.#opening?.abort();
    this.#saveLater.cancel();
    this.#shareLater.cancel();
    this.#open = undefined;
    this.#settle();
    this.#show();
  }

  focus(): void {
    this.#text.focus();
  }

  /** Puts text where the caret is. */
  insert(text: string): void {
    this.#text.setRangeText(text, this.#text.selectionStart, this.#text.selectionEnd, "end");
    this.#typed();
  }

  /** Saves what is typed, if there is something and nothing else is in the way. */
  async save(): Promise<void> {
    // What is typed while it is saved is saved next.
    while (this.#saving) await this.#saving;
    if (!this.#isDirty || this.#conflict) return;
    this.#saving = this.#saveNow().finally(() => (this.#saving = undefined));
    await this.#saving;
  }

  /** The note was written elsewhere, or here. */
  written(info: NoteInfo): void {
    // What is being saved here comes back as an event before its answer.
    if (info.name !== this.#open?.name || info.revision === this.#open.revision || this.#saving) return;
    if (!this.#isDirty) void this.#reload();
    else this.#stop("changed");
  }

  /** The note is gone. */
  removed(name: string): void {
    if (name !== this.#open?.name) return;
    if (this.#isDirty) this.#stop("gone");
    else this.close();
  }

  renamed(from: string, to: NoteInfo): void {
    if (from !== this.#open?.name) return;
    this.#open.name = to.name;
    this.#show();
  }

  /** There is a connection again: looks at what became of the note meanwhile. */
  async connected(): Promise<void> {
    void this.#connection.notes.enter(this.#window).result();
    if (this.#isDirty && !this.#conflict) {
      this.#share();
      await this.save();
    } else if (this.#open) await this.#reload();
  }

  get #isDirty(): boolean {
    return this.#open !== undefined && this.#text.value !== this.#base;
  }

  /** What another window types in this note, of the text that is here. */
  get #elsewhere(): Draft | undefined {
    const draft = this.#connection.draft.get();
    const isHere = draft && draft.name === this.#open?.name && draft.revision === this.#open.revision;
    return isHere && draft.window !== this.#window ? draft : undefined;
  }

  async #saveNow(): Promise<void> {
    const open = this.#open;
    if (!open) return;
    this.#saveLater.cancel();
    const text = this.#text.value;
    this.#say("Saving…");
    this.#sent = text;
    const outcome = await this.#connection.notes.save(open.name, this.#asInFile(text), open.revision).result();
    this.#sent = undefined;
    // It may be closed by now: what is open instead has nothing to do with this.
    if (this.#open !== open) return;
    if (outcome.ok) return this.#keep(outcome.value, text);
    const { error } = outcome;
    if (error.kind !== "method" || typeof error.data !== "object" || !("Changed" in error.data)) return this.#fail(reason(error));
    // Perhaps it is what was sent from here before the connection was lost.
    const theirs = await this.#connection.notes.read(open.name).result();
    if (this.#open !== open) return;
    if (theirs.ok && theirs.value.text === this.#asInFile(text)) this.#keep(theirs.value.info, text);
    else if (theirs.ok) this.#stop("changed");
    else if (theirs.error.kind === "method") this.#stop("gone");
    else this.#fail(reason(theirs.error));
  }

  #fail(why: string): void {
    this.#hasFailed = true;
    this.#say(`Not saved. ${why}`, "bad");
  }

  #asInFile(text: string): string {
    return this.#ending === "\n" ? text : text.replaceAll("\n", this.#ending);
  }

  /** This text is saved. */
  #keep(info: NoteInfo, text: string): void {
    if (!this.#open) return;
    this.#open.revision = info.revision;
    this.#base = text;
    this.#hasFailed = false;
    if (this.#isDirty) {
      this.#saveLater.run();
      this.#shareLater.run();
    } else {
      this.#shareLater.cancel();
      this.#say("Saved");
      const draft = this.#connection.draft.get();
      if (draft?.window === this.#window) void this.#connection.draft.set(null).result();
    }
  }

  async #reload(): Promise<void> {
    const name = this.#open?.name;
    if (!name) return;
    const outcome = await this.#connection.notes.read(name).result();
    if (this.#open?.name !== name || this.#isDirty) return;
    if (outcome.ok) this.#take(outcome.value);
    else if (outcome.error.kind === "method") this.close();
  }

  #take({ info, text }: Note): void {
    if (this.#open?.name === info.name) this.#open.revision = info.revision;
    else this.#open = { name: info.name, revision: info.revision };
    // Mixed ones become what most of them are.
    const [lines, returns] = [text.split("\n").length - 1, text.split("\r\n").length - 1];
    this.#ending = returns * 2 > lines ? "\r\n" : "\n";
    this.#settle();
    this.#setText(text);
    this.#base = this.#text.value;
    this.#say("Saved");
    this.#show();
    this.#follow();
  }

  /** The caret stays where it is, as far as that is possible. */
  #setText(text: string): void {
    const { selectionStart, selectionEnd, scrollTop } = this.#text;
    if (this.#text.value === text.replaceAll("\r\n", "\n")) return;
    this.#text.value = text;
    this.#text.setSelectionRange(selectionStart, selectionEnd);
    this.#text.scrollTop = scrollTop;
  }

  #typed(): void {
    // From here on it is ours. If it is the other's as well, the one who saves last is asked.
    delete this.#sheet.dataset["following"];
    this.#saveLater.run();
    this.#shareLater.run();
    this.#say("Typing…");
    this.#showCount();
  }

  #share(): void {
    if (!this.#open || !this.#isDirty) return;
    const draft = { ...this.#open, text: this.#text.value, window: this.#window };
    void this.#connection.draft.set(draft).result();
  }

  /** Shows what another window types, unless something was typed here. */
  #follow(): void {
    if (!this.#open) return;
    const draft = this.#elsewhere;
    if (draft && (!this.#isDirty || this.#isFollowing)) {
      this.#sheet.dataset["following"] = "";
      this.#setText(draft.text);
      this.#say("Another window types here");
      // It isn't ours to save until somebody types here.
      this.#saveLater.cancel();
      this.#base = this.#text.value;
      this.#showCount();
    } else if (!draft && this.#isFollowing) {
      delete this.#sheet.dataset["following"];
      void this.#reload();
    }
  }

  get #isFollowing(): boolean {
    return "following" in this.#sheet.dataset;
  }

  #stop(conflict: Conflict): void {
    this.#conflict = conflict;
    this.#saveLater.cancel();
    this.#say("Not saved", "bad");
    const name = this.#open?.name ?? "";
    const mine = { label: "Keep mine", run: () => void this.#keepMine() };
    if (conflict === "changed") {
      const theirs = { label: "Take the other", run: () => this.#takeTheirs() };
      this.#banner.show({ tone: "warning", title: `“${name}” was changed elsewhere`, text: "while you typed. Which text is to stay?", actions: [mine, theirs] });
    } else {
      const drop = { label: "Let it go", run: () => this.close() };
      this.#banner.show({ tone: "warning", title: `“${name}” was deleted elsewhere`, text: "while you typed.", actions: [mine, drop] });
    }
  }

  async #keepMine(): Promise<void> {
    const open = this.#open;
    if (!open) return;
    const text = this.#text.value;
    const theirs = await this.#connection.notes.read(open.name).result();
    const saved = await this.#connection.notes.save(open.name, this.#asInFile(text), theirs.ok ? theirs.value.info.revision : null).result();
    if (this.#open !== open) return;
    if (!saved.ok) return this.#fail(reason(saved.error));
    this.#settle();
    this.#keep(saved.value, text);
    this.focus();
  }

  #takeTheirs(): void {
    this.#base = this.#text.value;
    this.#settle();
    void this.#reload();
    this.focus();
  }

  #settle(): void {
    this.#conflict = undefined;
    this.#hasFailed = false;
    this.#banner.hide();
    delete this.#sheet.dataset["following"];
  }

  #show(): void {
    this.#sheet.hidden = !this.#open;
    this.#none.hidden = this.#open !== undefined;
    document.title = this.#open ? `${this.#open.name} – Notes` : "Notes";
    this.#showCount();
    this.#sheet.dispatchEvent(new CustomEvent("note"));
  }

  #showCount(): void {
    const words = this.#text.value.match(/[\p{L}\p{N}]+/gu)?.length ?? 0;
    this.#count.textContent = words === 1 ? "1 word" : `${words.toLocaleString("en")} words`;
  }

  #say(text: string, tone: "calm" | "bad" = "calm"): void {
    this.#saved.dataset["tone"] = tone;
    if (this.#saved.textContent !== text) this.#saved.textContent = text;
  }
}
