// The command that drives the arm home: its speed, how far it is, and a way to cancel it.
import { match } from "ipc-runtime";
import type { Connection } from "./connection.ts";
import { element } from "./element.ts";

/** The form. */
export class Homing {
  readonly #connection: Connection;
  readonly #form = element("home", HTMLElement).querySelector("form")!;
  readonly #speed = element("speed", HTMLInputElement);
  readonly #way = element("way", HTMLProgressElement);
  readonly #percent = element("percent", HTMLElement);
  readonly #go = element("go", HTMLButtonElement);
  readonly #cancel = element("cancel", HTMLButtonElement);
  readonly #text = element("home-text", HTMLElement);
  #running: AbortController | undefined;
  #isAllowed = false;

  constructor(connection: Connection) {
    this.#connection = connection;
    const speedText = element("speed-text", HTMLOutputElement);
    const showSpeed = (): void => void (speedText.value = `${this.#speed.value} %`);
    this.#speed.addEventListener("input", showSpeed);
    // Browsers keep what was set before the page was reloaded.
    showSpeed();
    this.#form.addEventListener("submit", (event) => {
      event.preventDefault();
      void this.#drive();
    });
    this.#cancel.addEventListener("click", () => this.#running?.abort());
    this.#show();
  }

  /** Whether the machine would carry it out. */
  allow(isAllowed: boolean): void {
    this.#isAllowed = isAllowed;
    this.#show();
  }

  async #drive(): Promise<void> {
    const { machine } = this.#connection;
    if (!machine || this.#running) return;
    const running = (this.#running = new AbortController());
    this.#setPercent(0);
    this.#text.textContent = "On its way";
    this.#show();
    // Who uses the keyboard stays where something can be done.
    if (document.activeElement === document.body || document.activeElement === this.#go) this.#cancel.focus();
    const outcome = await machine
      .home(this.#speed.valueAsNumber, { signal: running.signal, onProgress: ({ percent }) => this.#setPercent(percent) })
      .result();
    this.#running = undefined;
    const hadFocus = document.activeElement === this.#cancel;
    this.#show();
    if (hadFocus) this.#go.focus();
    if (outcome.ok) this.#text.textContent = "It is home, and swings again.";
    else if (outcome.error.kind === "method") {
      this.#text.textContent = match(outcome.error.data, {
        Stopped: (reason) => `It didn't come home. Stopped: ${reason}`,
        Busy: () => "Another panel has sent it home already.",
      });
    } else if (outcome.error.kind === "cancelled") this.#text.textContent = `Cancelled at ${this.#way.value} %`;
    else this.#text.textContent = `Nobody knows whether it came home: ${outcome.error.message}`;
    if (!outcome.ok) this.#setPercent(0);
  }

  #setPercent(percent: number): void {
    this.#way.value = percent;
    this.#percent.textContent = `${percent} %`;
  }

  #show(): void {
    this.#go.disabled = !this.#isAllowed || this.#running !== undefined;
    this.#cancel.disabled = this.#running === undefined;
    this.#form.dataset["state"] = this.#running ? "running" : "resting";
  }
}
