// The emergency stop: a button that is never disabled, and says whether the machine has obeyed.
import type { Connection } from "./connection.ts";
import { element } from "./element.ts";

/** How long the machine may take to say that it has stopped, in milliseconds. */
const PATIENCE = 1_000;

const USELESS = "This button can't reach the machine. Use the one at the machine.";
const NOT_SENT = "It was not sent. Use the button at the machine.";
const NOT_CONFIRMED = "Sent, but the machine doesn't confirm it. Use the button at the machine.";

/** Whether the machine is stopped, as far as this page knows. */
export class EmergencyStop {
  readonly #connection: Connection;
  readonly #onChange: () => void;
  readonly #section = element("stop", HTMLElement);
  readonly #button = element("stop-button", HTMLButtonElement);
  readonly #release = element("release", HTMLButtonElement);
  readonly #text = element("stop-text", HTMLElement);
  #reason: string | null = null;
  #isConnected = false;
  #isOwn = false;
  #patience: ReturnType<typeof setTimeout> | undefined;

  constructor(connection: Connection, onChange: () => void) {
    this.#connection = connection;
    this.#onChange = onChange;
    this.#button.addEventListener("click", () => this.#press());
    this.#release.addEventListener("click", () => void this.#letGo());
    addEventListener("keydown", (event) => {
      if (event.key !== "Escape" || event.repeat) return;
      event.preventDefault();
      this.#press();
    });
    this.#show();
    connection.follow((machine) => machine.stop_reason({ onMissed: () => {} }), (reason) => this.#set(reason));
  }

  get isStopped(): boolean {
    return this.#reason !== null;
  }

  /** Whether this page has stopped it, and not somebody else. */
  get isOwn(): boolean {
    return this.#isOwn;
  }

  setConnected(isConnected: boolean): void {
    if (isConnected === this.#isConnected) return;
    this.#isConnected = isConnected;
    clearTimeout(this.#patience);
    this.#show();
  }

  /** The machine has said why it is stopped, or that it isn't. */
  #set(reason: string | null): void {
    clearTimeout(this.#patience);
    this.#reason = reason;
    if (reason === null) this.#isOwn = false;
    this.#show();
    this.#onChange();
  }

  #press(): void {
    const { machine } = this.#connection;
    try {
      if (!this.#isConnected || !machine) return this.#say(NOT_SENT);
      machine.emergency_stop("the button on the page");
    } catch {
      return this.#say(NOT_SENT);
    }
    if (this.isStopped) return;
    this.#isOwn = true;
    clearTimeout(this.#patience);
    this.#patience = setTimeout(() => this.#say(NOT_CONFIRMED), PATIENCE);
  }

  async #letGo(): Promise<void> {
    const outcome = await this.#connection.machine?.release().result();
    if (outcome && !outcome.ok) this.#say(`It wasn't released: ${outcome.error.message}`);
    else this.#button.focus();
  }

  #show(): void {
    this.#section.dataset["state"] = !this.#isConnected ? "unknown" : this.isStopped ? "stopped" : "moving";
    // Hidden while nobody knows whether there is anything to release.
    this.#release.hidden = !this.isStopped || !this.#isConnected;
    if (!this.#isConnected) this.#say(USELESS);
    else this.#say(this.#reason === null ? "" : `Stopped: ${this.#reason}`);
  }

  #say(text: string): void {
    if (this.#text.textContent !== text) this.#text.textContent = text;
  }
}
