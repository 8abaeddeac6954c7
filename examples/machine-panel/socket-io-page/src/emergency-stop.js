// The emergency stop: a button that is never disabled, and says whether the machine has obeyed.
import { element } from "../../page/src/element.ts";
import { sendMessage, subscribeToMessages } from "./socket.js";

/** How long the machine may take to say that it has stopped, in milliseconds. */
const PATIENCE = 1_000;

const USELESS = "This button can't reach the machine. Use the one at the machine.";
const NOT_SENT = "It was not sent. Use the button at the machine.";
const NOT_CONFIRMED = "Sent, but the machine doesn't confirm it. Use the button at the machine.";

export class EmergencyStop {
  #onChange;
  #section = element("stop", HTMLElement);
  #button = element("stop-button", HTMLButtonElement);
  #release = element("release", HTMLButtonElement);
  #text = element("stop-text", HTMLElement);
  #reason = null;
  #isConnected = false;
  #patience;

  constructor(onChange) {
    this.#onChange = onChange;
    this.#button.addEventListener("click", () => this.#press());
    this.#release.addEventListener("click", () => this.#letGo());
    addEventListener("keydown", (event) => {
      if (event.key !== "Escape" || event.repeat) return;
      event.preventDefault();
      this.#press();
    });
    subscribeToMessages("arm.stopped", (reason) => this.#set(reason));
    this.#show();
  }

  get isStopped() {
    return this.#reason !== null;
  }

  setConnected(isConnected) {
    if (isConnected === this.#isConnected) return;
    this.#isConnected = isConnected;
    clearTimeout(this.#patience);
    this.#show();
  }

  /** The machine has said why it is stopped, or that it isn't. */
  #set(reason) {
    clearTimeout(this.#patience);
    this.#reason = reason;
    this.#show();
    this.#onChange();
  }

  #press() {
    // What is emitted without a connection, the client keeps, and sends when nobody expects it any more.
    if (!this.#isConnected) return this.#say(NOT_SENT);
    sendMessage("emergencyStop", "the button on the socket.io page");
    if (this.isStopped) return;
    clearTimeout(this.#patience);
    this.#patience = setTimeout(() => this.#say(NOT_CONFIRMED), PATIENCE);
  }

  #letGo() {
    sendMessage("demo.machine.release", (answer) => {
      if (answer?.error) this.#say(`It wasn't released: ${answer.error.message}`);
      else this.#button.focus();
    });
  }

  #show() {
    this.#section.dataset.state = !this.#isConnected ? "unknown" : this.isStopped ? "stopped" : "moving";
    // Hidden while nobody knows whether there is anything to release.
    this.#release.hidden = !this.isStopped || !this.#isConnected;
    if (!this.#isConnected) this.#say(USELESS);
    else this.#say(this.isStopped ? `Stopped: ${this.#reason}` : "");
  }

  #say(text) {
    if (this.#text.textContent !== text) this.#text.textContent = text;
  }
}
