// The window of the notes: a list, an editor, and what is going on.
//
// - `connection`: the calls, the events and the shared values. `notebook`: all notes, by these events.
// - `sidebar`: the list and the search. `indexing`, `importing`: the long jobs below it.
// - `editor`: the open note. `line`, `banner`, `notices`: what somebody has to know.
import type { Outcome } from "ipc-runtime";
import { Banner } from "./banner.ts";
import { Connection } from "./connection.ts";
import { Editor } from "./editor.ts";
import { element } from "./element.ts";
import { ImportPart } from "./importing.ts";
import { IndexPart } from "./indexing.ts";
import type { Kept, NoteInfo, SaveError } from "./ipc.ts";
import { Line } from "./line.ts";
import { Notebook } from "./notebook.ts";
import { Notices } from "./notices.ts";
import { reason } from "./reasons.ts";
import { Sidebar } from "./sidebar.ts";

const banners = element("banners", HTMLElement);
const desk = element("desk", HTMLElement);
const nameField = element("name", HTMLInputElement);
const pinButton = element("pin", HTMLButtonElement);
const sheet = element("sheet", HTMLElement);

const notebook = new Notebook();
const notices = new Notices(element("notices", HTMLElement));
const line = new Line(banners, () => connection.retryNow());
const connection = new Connection({
  onState(state) {
    line.state = state;
    // The first state is told while all this is made.
    queueMicrotask(() => index.show());
  },
  onMismatch: (mismatch) => void (line.mismatch = mismatch),
  onChange: (change) => notebook.apply(change),
  onConnected: () => void load(),
});
const folder = new Banner(banners);
const editor = new Editor(connection, new Banner(banners));
const sidebar = new Sidebar(notebook, connection, (name) => void openNote(name));
const index = new IndexPart(connection);
new ImportPart(connection, { open: () => editor.current, kept });

/** A file was imported. It was chosen while this note was open. */
function kept(kept: Kept, into: Editor["current"], isLast: boolean): void {
  if ("Note" in kept) return void (isLast && openNote(kept.Note.name));
  const path = kept.Attachment;
  const label = path.slice(path.indexOf("/") + 1);
  if (!into || editor.current !== into) return notices.show(`${label} lies in ${path}.`);
  const isPicture = /\.(avif|gif|jpe?g|png|svg|webp)$/iu.test(path);
  editor.insert(`${isPicture ? "!" : ""}[${label}](<${path}>)`);
}

notebook.listen((change) => {
  if (!change) return;
  if ("Written" in change) editor.written(change.Written);
  else if ("Removed" in change) editor.removed(change.Removed);
  else editor.renamed(change.Renamed.from, change.Renamed.to);
});

async function load(): Promise<void> {
  const outcome = await connection.notes.list().result();
  if (!outcome.ok) {
    if (outcome.error.kind !== "method") return;
    const retry = { label: "Look again", run: () => void load() };
    return folder.show({ tone: "warning", title: "The folder of the notes can't be read.", text: `${outcome.error.data.Folder}.`, actions: [retry] });
  }
  folder.hide();
  line.fits();
  notebook.load(outcome.value);
  await editor.connected();
}

async function openNote(name: string): Promise<boolean> {
  const isOpen = await editor.open(name);
  if (isOpen) {
    desk.dataset["pane"] = "note";
    editor.focus();
  } else if (!(await editor.canLeave())) notices.show(editor.obstacle);
  return isOpen;
}

async function newNote(): Promise<void> {
  if (!(await editor.canLeave())) return notices.show(editor.obstacle);
  const outcome = await makeNote("Untitled");
  if (!outcome.ok) return notices.show(reason(outcome.error));
  sidebar.clear();
  if (!(await openNote(outcome.value.name))) return;
  nameField.focus();
  nameField.select();
}

/** A new note of this name, or with a number: there may be files of such names that are no notes. */
async function makeNote(name: string): Promise<Outcome<NoteInfo, SaveError>> {
  for (let number = 1; ; number++) {
    const own = number === 1 ? name : `${name} ${number}`;
    if (notebook.get(own)) continue;
    const outcome = await connection.notes.save(own, "", null).result();
    const isTaken = !outcome.ok && outcome.error.kind === "method" && typeof outcome.error.data === "object" && "Exists" in outcome.error.data;
    if (!isTaken) return outcome;
  }
}

async function rename(): Promise<void> {
  const from = editor.current?.name;
  const to = nameField.value.trim();
  if (!from || to === from) return void (nameField.value = from ?? "");
  await editor.save();
  const outcome = await connection.notes.rename(from, to).result();
  if (!outcome.ok) {
    if (editor.current?.name === from) nameField.value = from;
    return notices.show(reason(outcome.error));
  }
}

async function pin(): Promise<void> {
  const name = editor.current?.name;
  if (!name) return;
  const isPinned = connection.pinned.get()?.includes(name) ?? false;
  const outcome = await connection.notes.pin(name, !isPinned).result();
  if (!outcome.ok) notices.show(reason(outcome.error));
}

async function deleteNote(): Promise<void> {
  const meant = editor.current;
  await editor.save();
  // Another one may be open by now.
  if (!meant || editor.current !== meant) return;
  const { name, revision } = meant;
  // What it said is kept here, so that it can come back.
  const note = await connection.notes.read(name).result();
  const outcome = await connection.notes.delete(name, revision).result();
  if (!outcome.ok) return notices.show(reason(outcome.error));
  back();
  if (!note.ok) return;
  const { text } = note.value;
  const undo = async (): Promise<void> => {
    const saved = await connection.notes.save(name, text, null).result();
    if (saved.ok) await openNote(name);
    else notices.show(reason(saved.error));
  };
  notices.show(`“${name}” is deleted.`, { label: "Undo", run: () => void undo() });
}

/** Where the list is in front of the note, it comes back. */
function back(): void {
  void editor.save();
  desk.dataset["pane"] = "list";
  sidebar.focusList();
}

function anotherWindow(): void {
  // It shares this one's cookie.
  open(location.href, "_blank", "popup,width=1000,height=760");
}

function showPinned(): void {
  const isPinned = connection.pinned.get()?.includes(editor.current?.name ?? "") ?? false;
  pinButton.ariaPressed = String(isPinned);
}

sheet.addEventListener("note", () => {
  const name = editor.current?.name;
  sidebar.current = name;
  if (document.activeElement !== nameField || name === undefined) nameField.value = name ?? "";
  if (name === undefined) desk.dataset["pane"] = "list";
  showPinned();
});
connection.pinned.subscribe(showPinned);

nameField.addEventListener("change", () => void rename());
nameField.addEventListener("keydown", (event) => {
  if (event.key === "Enter") {
    // Else the key would reach the text.
    event.preventDefault();
    editor.focus();
  } else if (event.key === "Escape") nameField.value = editor.current?.name ?? "";
});

const buttons: [id: string, run: () => void][] = [
  ["new", () => void newNote()],
  ["pin", () => void pin()],
  ["delete", () => void deleteNote()],
  ["window", anotherWindow],
  ["back", back],
];
for (const [id, run] of buttons) element(id, HTMLButtonElement).addEventListener("click", run);

const keys: Record<string, () => void> = {
  "alt+KeyN": () => void newNote(),
  "alt+KeyP": () => void pin(),
  "alt+KeyW": anotherWindow,
  "alt+Delete": () => void deleteNote(),
  "mod+KeyK": () => {
    desk.dataset["pane"] = "list";
    sidebar.focusSearch();
  },
  "mod+KeyS": () => void editor.save(),
  Escape: back,
};
addEventListener("keydown", (event) => {
  if (event.isComposing || event.shiftKey) return;
  const isMod = event.ctrlKey || event.metaKey;
  const run = keys[`${isMod ? "mod+" : ""}${event.altKey ? "alt+" : ""}${event.code}`];
  if (!run) return;
  event.preventDefault();
  run();
});
