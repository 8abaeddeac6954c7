// A command with an answer: the way home.
import { element } from "../../page/src/element.ts";
import { sendMessage, subscribeToMessages } from "./socket.js";

export class Homing {
  #speed = element("speed", HTMLInputElement);
  #go = element("go", HTMLButtonElement);
  #text = element("home-text", HTMLElement);
  #isAllowed = false;
  #isOnTheWay = false;

  constructor() {
    this.#speed.addEventListener("input", () => this.#showSpeed());
    element("home-form", HTMLFormElement).addEventListener("submit", (event) => {
      event.preventDefault();
      this.#drive();
    });
    // An answer that hasn't come by then never comes.
    subscribeToMessages("disconnect", () => {
      if (this.#isOnTheWay) this.#end("The connection was lost on the way.");
    });
    this.#showSpeed();
  }

  /** Whether the arm may be sent home now. */
  allow(isAllowed) {
    this.#isAllowed = isAllowed;
    this.#go.disabled = !isAllowed || this.#isOnTheWay;
  }

  #showSpeed() {
    element("speed-text", HTMLOutputElement).textContent = `${this.#speed.value} %`;
  }

  #drive() {
    // What is emitted without a connection, the client keeps, and sends when nobody expects it any more.
    if (!this.#isAllowed || this.#isOnTheWay) return;
    this.#isOnTheWay = true;
    this.#text.textContent = "On its way.";
    this.allow(this.#isAllowed);
    sendMessage("demo.machine.home", this.#speed.valueAsNumber, (answer) => {
      if (this.#isOnTheWay) this.#end(answer?.error ? `It isn't home: ${answer.error.message}` : "It is home.");
    });
  }

  #end(text) {
    this.#isOnTheWay = false;
    this.#text.textContent = text;
    this.allow(this.#isAllowed);
  }
}
