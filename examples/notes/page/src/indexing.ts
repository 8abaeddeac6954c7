// The long job: the backend reads all texts, says how far it is, and can be told to stop.
import type { Connection } from "./connection.ts";
import { element } from "./element.ts";
import { reason } from "./reasons.ts";

/** The index, below the list. */
export class IndexPart {
  readonly #connection: Connection;
  readonly #text = element("index-text", HTMLElement);
  readonly #way = element("index-way", HTMLProgressElement);
  readonly #button = element("index", HTMLButtonElement);
  #running: AbortController | undefined;

  constructor(connection: Connection) {
    this.#connection = connection;
    this.#button.addEventListener("click", () => {
      if (this.#running) this.#running.abort();
      else void this.#run();
    });
    connection.index.subscribe(() => this.show());
    this.show();
  }

  /** Shows what is in the index, unless one is being made. */
  show(): void {
    if (this.#running) return;
    const index = this.#connection.index.get();
    const { status } = this.#connection.state;
    const notes = (count: number): string => (count === 1 ? "1 note" : `${count.toLocaleString("en")} notes`);
    this.#button.disabled = status !== "connected";
    this.#way.hidden = true;
    this.#button.textContent = index ? "Index anew" : "Index texts";
    this.#text.textContent = index ? `${notes(index.notes)}, ${index.words.toLocaleString("en")} words` : "Search knows names alone";
  }

  async #run(): Promise<void> {
    const running = (this.#running = new AbortController());
    this.#button.textContent = "Cancel";
    this.#text.textContent = "Reading the notes";
    this.#way.removeAttribute("value");
    this.#way.hidden = false;
    let far = "";
    const outcome = await this.#connection.notes
      .index({
        signal: running.signal,
        onProgress: ({ done, all }) => {
          far = `${done.toLocaleString("en")} of ${all.toLocaleString("en")}`;
          this.#way.max = Math.max(all, 1);
          this.#way.value = done;
          this.#way.title = far;
        },
      })
      .result();
    this.#running = undefined;
    this.show();
    if (outcome.ok) return;
    if (outcome.error.kind === "cancelled") this.#text.textContent = `Cancelled at ${far}`;
    else this.#text.textContent = reason(outcome.error);
  }
}
