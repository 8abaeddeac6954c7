// The newest samples, as plots and as numbers.
import type { Connection } from "./connection.ts";
import { element } from "./element.ts";
import type { Sample } from "./ipc.ts";
import { Plot, type Curve } from "./plot.ts";
import { Trail } from "./trail.ts";

const JOINTS = 4;

/** How often numbers change: quicker, nobody could read them. */
const NUMBERS_PERIOD = 200;

/** How often all is drawn for somebody who wants no motion. */
const CALM_PERIOD = 1_000;

/** What the page shows of the arm's motion. */
export class Telemetry {
  readonly #trail = new Trail(JOINTS + 1);
  readonly #plots: Plot[];
  readonly #numbers: HTMLElement[] = [];
  readonly #calm = matchMedia("(prefers-reduced-motion: reduce)");
  #newest: Sample | undefined;
  #drawnAt = 0;
  #writtenAt = 0;
  /** When the newest sample came, as of `performance.now()`. */
  #heardAt: number | undefined;

  constructor(connection: Connection) {
    const joints = Array.from({ length: JOINTS }, (_, index): Curve => ({ index, color: `--curve-${index + 1}`, label: `${index + 1}` }));
    this.#plots = [
      new Plot(element("joints", HTMLCanvasElement), this.#trail, { least: -130, most: 130, lines: [-120, -60, 0, 60, 120] }, joints),
      new Plot(element("temperature", HTMLCanvasElement), this.#trail, { least: 15, most: 75, lines: [20, 40, 60] }, [
        { index: JOINTS, color: "--curve-5", label: "T" },
      ]),
    ];
    const readings = element("readings", HTMLElement);
    for (const { label, color } of [...joints.map(({ label }) => ({ label: `Joint ${label}`, color: label })), { label: "Motors", color: "5" }]) {
      const reading = readings.appendChild(document.createElement("div"));
      reading.dataset["curve"] = color;
      reading.appendChild(document.createElement("dt")).textContent = label;
      const number = reading.appendChild(document.createElement("dd"));
      number.textContent = "–";
      this.#numbers.push(number);
    }
    // One sample on its way, and no more: else the newest would wait behind older ones. The next one
    // is asked for when a frame is due. So a hidden tab, which has no frames, costs the machine nothing.
    connection.follow((machine) => machine.newest({ window: 1, onMissed: () => {} }), async (sample) => {
      this.#take(sample);
      await new Promise(requestAnimationFrame);
    });
  }

  /** For how long nothing has come, in milliseconds: since the page was shown, at most. */
  silence(now: number): number {
    return now - (this.#heardAt ?? now);
  }

  /** Silence is counted from now on. */
  listen(now: number): void {
    this.#heardAt = now;
  }

  /** What is shown is old. */
  setStale(isStale: boolean): void {
    if (isStale && this.#newest) this.#write(this.#newest);
    element("telemetry", HTMLElement).classList.toggle("stale", isStale);
  }

  #take(sample: Sample): void {
    const now = performance.now();
    this.#heardAt = now;
    this.#newest = sample;
    this.#trail.push(sample.number, [...sample.joints, sample.temperature]);
    const period = this.#calm.matches ? CALM_PERIOD : 0;
    if (now - this.#drawnAt >= period) {
      this.#drawnAt = now;
      for (const plot of this.#plots) plot.draw();
    }
    if (now - this.#writtenAt >= Math.max(period, NUMBERS_PERIOD)) {
      this.#writtenAt = now;
      this.#write(sample);
    }
  }

  #write({ joints, temperature }: Sample): void {
    [...joints.map((angle) => `${signed(angle)}°`), `${temperature.toFixed(1)} °C`].forEach((text, at) => {
      const place = this.#numbers[at];
      if (place && place.textContent !== text) place.textContent = text;
    });
  }
}

/** With a sign also where it is positive, so that the digits stay where they are. */
function signed(value: number): string {
  return `${value < 0 ? "−" : "+"}${Math.abs(value).toFixed(1)}`;
}
