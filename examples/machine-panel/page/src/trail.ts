// What was measured lately: what the plots draw.

/** How far back the plots go, in samples: 10 s. */
export const SPAN = 10_000;

/** How many samples are kept: those of 10 s on a screen that draws 240 times a second. */
const KEPT = 2_400;

/** The newest samples, in a ring. */
export class Trail {
  readonly #numbers = new Float64Array(KEPT);
  readonly #values: Float32Array[];
  #count = 0;

  /** @param curves how many values a sample has. */
  constructor(curves: number) {
    this.#values = Array.from({ length: curves }, () => new Float32Array(KEPT));
  }

  push(number: number, values: readonly number[]): void {
    // The machine was started anew, and counts from 1 again: what was before has no place on its axis.
    if (this.#count && number <= this.newest) this.#count = 0;
    const at = this.#count++ % KEPT;
    this.#numbers[at] = number;
    this.#values.forEach((ring, curve) => (ring[at] = values[curve] ?? NaN));
  }

  get isEmpty(): boolean {
    return this.#count === 0;
  }

  /** The number of the newest sample. */
  get newest(): number {
    return this.#numbers[(this.#count - 1) % KEPT] ?? 0;
  }

  /** The newest value of a curve. */
  last(curve: number): number {
    return this.#values[curve]?.[(this.#count - 1) % KEPT] ?? NaN;
  }

  /** Calls `visit` with what a curve has in the span that ends with the newest sample, oldest first. */
  each(curve: number, visit: (age: number, value: number) => void): void {
    const { newest } = this;
    const ring = this.#values[curve];
    if (!ring) return;
    for (let index = Math.max(0, this.#count - KEPT); index < this.#count; index++) {
      const at = index % KEPT;
      const age = newest - this.#numbers[at]!;
      if (age <= SPAN) visit(age, ring[at]!);
    }
  }
}
