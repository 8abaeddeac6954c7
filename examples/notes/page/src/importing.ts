// Files that are chosen or dropped: they are sent to the backend as they are read.
import type { Connection } from "./connection.ts";
import type { Editor } from "./editor.ts";
import { element } from "./element.ts";
import type { Kept } from "./ipc.ts";
import { reason } from "./reasons.ts";

/** The note that was open when files were chosen. */
type Into = Editor["current"];

/** What becomes of them. */
interface Target {
  /** The note that is open now. */
  readonly open: () => Into;
  /** One of them was kept. */
  readonly kept: (kept: Kept, into: Into, isLast: boolean) => void;
}

/** The import, below the list. */
export class ImportPart {
  readonly #connection: Connection;
  readonly #target: Target;
  readonly #text = element("import-text", HTMLElement);
  readonly #way = element("import-way", HTMLProgressElement);
  readonly #button = element("import", HTMLButtonElement);
  readonly #drop = element("drop", HTMLElement);
  #running: AbortController | undefined;
  #waiting: { files: File[]; into: Into }[] = [];

  constructor(connection: Connection, target: Target) {
    this.#connection = connection;
    this.#target = target;
    const files = element("files", HTMLInputElement);
    this.#button.addEventListener("click", () => {
      if (this.#running) this.#running.abort();
      else files.click();
    });
    files.addEventListener("change", () => {
      void this.#take([...(files.files ?? [])]);
      files.value = "";
    });
    this.#listenToDrops();
  }

  #listenToDrops(): void {
    // The page is entered and left at each of its elements.
    let depth = 0;
    const hasFiles = (event: DragEvent): boolean => event.dataTransfer?.types.includes("Files") ?? false;
    const show = (change: number): void => {
      depth += change;
      this.#drop.hidden = depth <= 0;
    };
    addEventListener("dragenter", (event) => hasFiles(event) && show(1));
    addEventListener("dragleave", (event) => hasFiles(event) && show(-1));
    addEventListener("dragover", (event) => hasFiles(event) && event.preventDefault());
    addEventListener("drop", (event) => {
      if (!hasFiles(event)) return;
      event.preventDefault();
      show(-depth);
      void this.#take([...(event.dataTransfer?.files ?? [])]);
    });
  }

  async #take(files: File[], into = this.#target.open()): Promise<void> {
    if (!files.length) return;
    // What comes during an import is next.
    if (this.#running) return void this.#waiting.push({ files, into });
    const running = (this.#running = new AbortController());
    this.#button.textContent = "Cancel";
    this.#way.hidden = false;
    let told = "";
    for (const [at, file] of files.entries()) {
      const which = files.length > 1 ? ` (${at + 1} of ${files.length})` : "";
      this.#text.textContent = `${file.name}${which}`;
      this.#way.max = Math.max(file.size, 1);
      this.#way.value = 0;
      const onProgress = ({ bytes }: { bytes: number }): void => void (this.#way.value = bytes);
      const outcome = await this.#connection.notes.import(file.name, file.stream(), { signal: running.signal, onProgress }).result();
      if (outcome.ok) {
        told = `${file.name} is here${which}`;
        this.#target.kept(outcome.value, into, at === files.length - 1);
      } else if (outcome.error.kind === "cancelled") told = `Cancelled: ${file.name}`;
      else told = `${file.name}: ${reason(outcome.error)}`;
      if (running.signal.aborted) break;
    }
    this.#running = undefined;
    if (running.signal.aborted) this.#waiting = [];
    const next = this.#waiting.shift();
    if (next) return this.#take(next.files, next.into);
    this.#button.textContent = "Import…";
    this.#way.hidden = true;
    this.#text.textContent = told;
  }
}
