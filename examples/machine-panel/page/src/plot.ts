// Draws curves on a canvas: time goes to the right, and the newest sample is at the right edge.
import { SPAN, type Trail } from "./trail.ts";

/** Samples that lie further apart than this aren't joined: nobody knows what was in between. */
const GAP = 500;

/** Room for what is written beside the curves, in CSS pixels. */
const MARGIN = { left: 44, right: 26, top: 8, bottom: 22 };

const FONT = "12px system-ui, sans-serif";

/** How far apart the labels at the ends of curves are at least. */
const LABEL = 14;

/** What a plot shows. */
export interface Axis {
  least: number;
  most: number;
  /** Where lines go across, with their numbers. */
  lines: readonly number[];
}

/** A curve: which one of the trail, by which custom property it is coloured, and its label. */
export interface Curve {
  index: number;
  color: string;
  label: string;
}

/** A canvas with curves. */
export class Plot {
  readonly #canvas: HTMLCanvasElement;
  readonly #trail: Trail;
  readonly #axis: Axis;
  readonly #curves: readonly Curve[];
  #width = 0;
  #height = 0;

  constructor(canvas: HTMLCanvasElement, trail: Trail, axis: Axis, curves: readonly Curve[]) {
    this.#canvas = canvas;
    this.#trail = trail;
    this.#axis = axis;
    this.#curves = curves;
    new ResizeObserver(() => this.#fit()).observe(canvas);
    // The window may have moved to a screen with another density, which changes no size.
    addEventListener("resize", () => this.#fit());
    for (const query of ["(prefers-color-scheme: dark)", "(prefers-contrast: more)"]) {
      matchMedia(query).addEventListener("change", () => this.draw());
    }
    this.#fit();
  }

  #fit(): void {
    const { clientWidth, clientHeight } = this.#canvas;
    const density = devicePixelRatio || 1;
    const [width, height] = [Math.round(clientWidth * density), Math.round(clientHeight * density)];
    this.#width = clientWidth;
    this.#height = clientHeight;
    // Setting a size clears the canvas, even if it is the same.
    if (this.#canvas.width !== width) this.#canvas.width = width;
    if (this.#canvas.height !== height) this.#canvas.height = height;
    this.draw();
  }

  /** Draws what the trail has now. */
  draw(): void {
    const context = this.#canvas.getContext("2d");
    if (!context || this.#width <= 0 || this.#height <= 0) return;
    const style = getComputedStyle(this.#canvas);
    const color = (name: string): string => style.getPropertyValue(name).trim();
    const density = this.#canvas.width / this.#width;
    context.setTransform(density, 0, 0, density, 0, 0);
    context.clearRect(0, 0, this.#width, this.#height);
    context.font = FONT;
    this.#drawAxes(context, color("--grid"), color("--muted"));
    for (const curve of this.#curves) this.#drawCurve(context, curve, color(curve.color));
    this.#drawLabels(context, color);
  }

  #x(age: number): number {
    return this.#width - MARGIN.right - (age / SPAN) * (this.#width - MARGIN.left - MARGIN.right);
  }

  #y(value: number): number {
    const { least, most } = this.#axis;
    return MARGIN.top + ((most - value) / (most - least)) * (this.#height - MARGIN.top - MARGIN.bottom);
  }

  #drawAxes(context: CanvasRenderingContext2D, grid: string, text: string): void {
    context.lineWidth = 1;
    context.strokeStyle = grid;
    context.fillStyle = text;
    context.textBaseline = "middle";
    context.textAlign = "right";
    for (const value of this.#axis.lines) {
      const y = Math.round(this.#y(value)) + 0.5;
      context.beginPath();
      context.moveTo(MARGIN.left, y);
      context.lineTo(this.#width - MARGIN.right, y);
      context.stroke();
      context.fillText(String(value).replace("-", "−"), MARGIN.left - 8, y);
    }
    context.textBaseline = "alphabetic";
    for (let seconds = 0; seconds <= 10; seconds += this.#width < 500 ? 5 : 2) {
      const x = Math.round(this.#x(seconds * 1000)) + 0.5;
      context.beginPath();
      context.moveTo(x, MARGIN.top);
      context.lineTo(x, this.#height - MARGIN.bottom);
      context.stroke();
      context.textAlign = seconds ? "center" : "right";
      context.fillText(seconds ? `−${seconds} s` : "now", seconds ? x : x + 8, this.#height - 5);
    }
  }

  #drawCurve(context: CanvasRenderingContext2D, { index }: Curve, color: string): void {
    context.strokeStyle = color;
    context.lineWidth = 2;
    context.lineJoin = "round";
    context.beginPath();
    let before = Infinity;
    this.#trail.each(index, (age, value) => {
      const isJoined = before - age <= GAP;
      before = age;
      if (isJoined) context.lineTo(this.#x(age), this.#y(value));
      else context.moveTo(this.#x(age), this.#y(value));
    });
    context.stroke();
  }

  /** At the end of each curve, so that nobody has to tell them apart by colour alone. */
  #drawLabels(context: CanvasRenderingContext2D, color: (name: string) => string): void {
    if (this.#trail.isEmpty) return;
    const labels = this.#curves.map((curve) => ({ curve, y: this.#y(this.#trail.last(curve.index)) })).sort((a, b) => a.y - b.y);
    spread(labels, MARGIN.top + 4, this.#height - MARGIN.bottom - 2);
    context.textAlign = "left";
    context.textBaseline = "middle";
    context.font = `600 ${FONT}`;
    for (const { curve, y } of labels) {
      context.fillStyle = color(curve.color);
      context.fillText(curve.label, this.#width - MARGIN.right + 9, y);
    }
  }
}

/** Moves labels, which are sorted, so far apart that they can be read, and as little as that takes. */
function spread(labels: { y: number }[], least: number, most: number): void {
  // Labels that would overlap stand around the middle of where they would be.
  const groups: { sum: number; members: { y: number }[] }[] = [];
  const top = ({ sum, members }: (typeof groups)[number]): number => {
    const height = (members.length - 1) * LABEL;
    return Math.max(least, Math.min(most - height, sum / members.length - height / 2));
  };
  for (const label of labels) {
    let group = { sum: label.y, members: [label] };
    for (let above = groups.at(-1); above && top(above) + above.members.length * LABEL > top(group); above = groups.at(-1)) {
      groups.pop();
      group = { sum: above.sum + group.sum, members: [...above.members, ...group.members] };
    }
    groups.push(group);
  }
  for (const group of groups) {
    const from = top(group);
    group.members.forEach((label, at) => (label.y = from + at * LABEL));
  }
}
