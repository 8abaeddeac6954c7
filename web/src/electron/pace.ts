// How much is under way on a port: it takes whatever it is given, and doesn't tell when that is read.
// So each side says by a number what it has taken.

/** When so much isn't taken yet, the rest waits: in bytes, or in characters of text. */
export const MOST = 1024 * 1024;
/** A side says what it has taken when it is so much. */
export const STEP = MOST / 4;

/** What one side counts: what it has posted, and what it has taken. */
export class Pace {
  /** What was posted, and isn't taken yet. */
  ahead = 0;
  #taken = 0;

  /** Whether what comes next has to wait. */
  get isFull(): boolean {
    return this.ahead >= MOST;
  }

  /** The other side has taken so much. */
  took(count: number): void {
    if (count > 0) this.ahead = Math.max(0, this.ahead - count);
  }

  /** This side has taken so much. Returns what the other one is told, if that is due. */
  take(count: number): number | undefined {
    const taken = (this.#taken += count);
    if (taken < STEP) return undefined;
    this.#taken = 0;
    return taken;
  }
}
