// The newest samples, as plots and as numbers.
import { element } from "../../page/src/element.ts";
import { Plot } from "../../page/src/plot.ts";
import { Trail } from "../../page/src/trail.ts";
import { subscribeToMessages, unsubscribeFromMessages } from "./socket.js";

const JOINTS = 4;

/** What is measured: its name, its unit, and whether it has a sign. */
const READINGS = [...Array.from({ length: JOINTS }, (_, joint) => ({ name: `Joint ${joint + 1}`, unit: "°", isSigned: true })), { name: "Motors", unit: " °C", isSigned: false }];

/** How often numbers change, in milliseconds: quicker, nobody could read them. */
const NUMBERS_PERIOD = 200;

/** How often all is drawn for somebody who wants no motion, in milliseconds. */
const CALM_PERIOD = 1_000;

export class Telemetry {
  isPaused = false;
  #onChange;
  #trail = new Trail(JOINTS + 1);
  #plots;
  #numbers;
  #button = element("pause", HTMLButtonElement);
  #calm = matchMedia("(prefers-reduced-motion: reduce)");
  #drawnAt = 0;
  #writtenAt = 0;

  constructor(onChange) {
    this.#onChange = onChange;
    const joints = READINGS.slice(0, JOINTS).map((_, index) => ({ index, color: `--curve-${index + 1}`, label: `${index + 1}` }));
    const motors = { index: JOINTS, color: `--curve-${JOINTS + 1}`, label: "T" };
    this.#plots = [
      new Plot(element("joints", HTMLCanvasElement), this.#trail, { least: -130, most: 130, lines: [-120, -60, 0, 60, 120] }, joints),
      new Plot(element("temperature", HTMLCanvasElement), this.#trail, { least: 15, most: 75, lines: [20, 40, 60] }, [motors]),
    ];
    const list = element("readings", HTMLElement);
    this.#numbers = READINGS.map(({ name }, index) => {
      const reading = list.appendChild(document.createElement("div"));
      reading.dataset.curve = index + 1;
      reading.append(Object.assign(document.createElement("dt"), { textContent: name }));
      return reading.appendChild(Object.assign(document.createElement("dd"), { textContent: "–" }));
    });
    this.#button.addEventListener("click", () => this.#pause(!this.isPaused));
    subscribeToMessages("arm.telemetry", this.#take);
  }

  /** What is shown is old. */
  setStale(isStale) {
    element("telemetry", HTMLElement).classList.toggle("stale", isStale);
  }

  #pause(isPaused) {
    this.isPaused = isPaused;
    if (isPaused) unsubscribeFromMessages("arm.telemetry", this.#take);
    else subscribeToMessages("arm.telemetry", this.#take);
    this.#button.textContent = isPaused ? "Go on" : "Pause";
    this.#onChange();
  }

  #take = ({ number, joints, temperature }) => {
    const values = [...joints, temperature];
    this.#trail.push(number, values);
    const now = performance.now();
    const period = this.#calm.matches ? CALM_PERIOD : 0;
    if (now - this.#drawnAt >= period) {
      this.#drawnAt = now;
      for (const plot of this.#plots) plot.draw();
    }
    if (now - this.#writtenAt >= Math.max(period, NUMBERS_PERIOD)) {
      this.#writtenAt = now;
      values.forEach((value, index) => (this.#numbers[index].textContent = written(value, READINGS[index])));
    }
  };
}

/** With a sign also where it is positive, so that the digits stay where they are. */
function written(value, { unit, isSigned }) {
  const sign = value < 0 ? "−" : isSigned ? "+" : "";
  return `${sign}${Math.abs(value).toFixed(1)}${unit}`;
}
