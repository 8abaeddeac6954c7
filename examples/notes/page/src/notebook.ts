// All notes, as the backend has them: loaded once for each connection, and changed by its events.
import type { Change, NoteInfo } from "./ipc.ts";

/** The list of notes. */
export class Notebook {
  readonly #notes = new Map<string, NoteInfo>();
  readonly #listeners: ((change: Change | undefined) => void)[] = [];

  get(name: string): NoteInfo | undefined {
    return this.#notes.get(name);
  }

  get size(): number {
    return this.#notes.size;
  }

  /** The pinned ones first, each group with the newest first. */
  sorted(pinned: readonly string[]): NoteInfo[] {
    const isPinned = new Set(pinned);
    const rank = ({ name }: NoteInfo): number => (isPinned.has(name) ? 0 : 1);
    return [...this.#notes.values()].sort((a, b) => rank(a) - rank(b) || b.modified - a.modified || a.name.localeCompare(b.name));
  }

  /** Calls the listener after each change. Without one, the whole list may be another. */
  listen(listener: (change: Change | undefined) => void): void {
    this.#listeners.push(listener);
  }

  load(notes: NoteInfo[]): void {
    this.#notes.clear();
    for (const note of notes) this.#notes.set(note.name, note);
    this.#tell(undefined);
  }

  apply(change: Change): void {
    if ("Written" in change) this.#notes.set(change.Written.name, change.Written);
    else if ("Removed" in change) this.#notes.delete(change.Removed);
    else {
      this.#notes.delete(change.Renamed.from);
      this.#notes.set(change.Renamed.to.name, change.Renamed.to);
    }
    this.#tell(change);
  }

  #tell(change: Change | undefined): void {
    for (const listener of this.#listeners) listener(change);
  }
}
