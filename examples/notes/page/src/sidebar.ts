// The list of notes, or of those that were found.
import type { Connection } from "./connection.ts";
import { element } from "./element.ts";
import type { Hit, NoteInfo } from "./ipc.ts";
import type { Notebook } from "./notebook.ts";

/** The most notes that are listed at once. Search finds the others. */
const SHOWN = 200;

/** The most that a search finds. */
const MOST_HITS = 100;

/** How long nothing is typed until it is searched for, in milliseconds. */
const PAUSE = 120;

/** The left side of the window. */
export class Sidebar {
  readonly #notebook: Notebook;
  readonly #connection: Connection;
  readonly #open: (name: string) => void;
  readonly #list = element("list", HTMLUListElement);
  readonly #query = element("query", HTMLInputElement);
  readonly #found = element("found", HTMLElement);
  #current: string | undefined;
  #hits: Hit[] | undefined;
  #searching: AbortController | undefined;

  constructor(notebook: Notebook, connection: Connection, open: (name: string) => void) {
    this.#notebook = notebook;
    this.#connection = connection;
    this.#open = open;
    let timer: ReturnType<typeof setTimeout>;
    this.#query.addEventListener("input", () => {
      clearTimeout(timer);
      timer = setTimeout(() => void this.search(), PAUSE);
    });
    element("search", HTMLFormElement).addEventListener("submit", (event) => {
      event.preventDefault();
      this.#buttons()[0]?.click();
    });
    this.#query.addEventListener("keydown", (event) => {
      if (event.key === "Escape" && this.#query.value) {
        event.stopPropagation();
        this.clear();
      } else if (event.key === "ArrowDown") {
        event.preventDefault();
        this.#buttons()[0]?.focus();
      }
    });
    // One of them is in the order of Tab, and the arrows lead to the others.
    this.#list.addEventListener("focusin", (event) => event.target instanceof HTMLButtonElement && this.#letIn(event.target));
    this.#list.addEventListener("keydown", (event) => this.#move(event));
    notebook.listen((change) => {
      this.show();
      // What is found may be another now.
      if (change && this.#hits) void this.search();
    });
    connection.pinned.subscribe(() => this.show());
    connection.index.subscribe(() => void this.search());
  }

  /** Which note is open. */
  set current(name: string | undefined) {
    this.#current = name;
    this.show();
  }

  focusSearch(): void {
    this.#query.focus();
    this.#query.select();
  }

  /** Puts the focus on the open note, or on the first one. */
  focusList(): void {
    const buttons = this.#buttons();
    (buttons.find((button) => button.ariaCurrent) ?? buttons[0] ?? this.#query).focus();
  }

  clear(): void {
    this.#query.value = "";
    void this.search();
  }

  /** Searches for what is typed. */
  async search(): Promise<void> {
    this.#searching?.abort();
    const searching = (this.#searching = new AbortController());
    const query = this.#query.value.trim();
    if (!query) {
      this.#hits = undefined;
      this.#found.textContent = "";
      return this.show();
    }
    const outcome = await this.#connection.notes.search(query, { signal: searching.signal }).result();
    if (searching.signal.aborted) return;
    if (!outcome.ok) {
      this.#found.textContent = "There is no connection to search with.";
      return;
    }
    const { hits, whole_text } = outcome.value;
    this.#hits = hits;
    const count = hits.length === 1 ? "1 note" : `${hits.length === MOST_HITS ? "The best " : ""}${hits.length} notes`;
    this.#found.textContent = whole_text ? `${count} found` : `${count} found by name. Index the texts to search them, too.`;
    this.show();
  }

  /** Shows what there is, and leaves the focus where it is. */
  show(): void {
    const pinned = this.#connection.pinned.get() ?? [];
    const focused = this.#list.contains(document.activeElement) ? (document.activeElement as HTMLElement).dataset["name"] : undefined;
    const words = this.#hits ? this.#query.value.toLowerCase().split(/[^\p{L}\p{N}]+/u).filter(Boolean) : [];
    const hits = this.#hits?.flatMap(({ name, line }) => {
      const note = this.#notebook.get(name);
      return note ? [{ ...note, excerpt: line || note.excerpt }] : [];
    });
    const notes = hits ?? this.#notebook.sorted(pinned);
    const items = notes.slice(0, SHOWN).map((note) => this.#item(note, pinned.includes(note.name), words));
    if (notes.length > SHOWN) {
      const more = `${(notes.length - SHOWN).toLocaleString("en")} more: search for them`;
      items.push(Object.assign(document.createElement("li"), { className: "more", textContent: more }));
    }
    this.#list.replaceChildren(...items);
    this.#letIn(this.#buttons().find((button) => button.dataset["name"] === (focused ?? this.#current)) ?? this.#buttons()[0]);
    if (focused !== undefined) this.#buttons().find((button) => button.dataset["name"] === focused)?.focus();
  }

  #item(note: NoteInfo, isPinned: boolean, words: string[]): HTMLLIElement {
    const item = document.createElement("li");
    const button = item.appendChild(document.createElement("button"));
    button.type = "button";
    button.dataset["name"] = note.name;
    if (note.name === this.#current) button.ariaCurrent = "true";
    const name = button.appendChild(document.createElement("strong"));
    mark(name, note.name, words);
    if (isPinned) {
      item.className = "pinned";
      name.append(Object.assign(document.createElement("small"), { textContent: "pinned" }));
    }
    const time = button.appendChild(document.createElement("time"));
    time.dateTime = new Date(note.modified).toISOString();
    time.textContent = when(note.modified);
    const excerpt = button.appendChild(document.createElement("span"));
    mark(excerpt, note.excerpt || "Nothing is written here yet", words);
    button.addEventListener("click", () => this.#open(note.name));
    return item;
  }

  #letIn(chosen: HTMLButtonElement | undefined): void {
    for (const button of this.#buttons()) button.tabIndex = button === chosen ? 0 : -1;
  }

  #buttons(): HTMLButtonElement[] {
    return [...this.#list.querySelectorAll("button")];
  }

  #move(event: KeyboardEvent): void {
    const buttons = this.#buttons();
    const at = buttons.indexOf(document.activeElement as HTMLButtonElement);
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: buttons.length - 1 }[event.key];
    if (to === undefined || at < 0) return;
    event.preventDefault();
    if (to < 0) this.#query.focus();
    else buttons[to]?.focus();
  }
}

/** Puts text into an element, with the words marked that begin as one of these. */
function mark(into: HTMLElement, text: string, words: string[]): void {
  if (!words.length) return into.append(text);
  for (const part of text.split(/([\p{L}\p{N}]+)/u)) {
    const word = words.find((word) => part.toLowerCase().startsWith(word));
    if (!word) into.append(part);
    else into.append(Object.assign(document.createElement("mark"), { textContent: part.slice(0, word.length) }), part.slice(word.length));
  }
}

const timeOfDay = new Intl.DateTimeFormat("en", { hour: "numeric", minute: "2-digit", hourCycle: "h23" });
const day = new Intl.DateTimeFormat("en", { month: "short", day: "numeric" });
const dayOfYear = new Intl.DateTimeFormat("en", { year: "numeric", month: "short", day: "numeric" });

function when(modified: number): string {
  const [date, now] = [new Date(modified), new Date()];
  if (date.toDateString() === now.toDateString()) return timeOfDay.format(date);
  return (date.getFullYear() === now.getFullYear() ? day : dayOfYear).format(date);
}
