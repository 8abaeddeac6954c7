// Something that is done some time after it was asked for, once for all who ask meanwhile.

/** A task that is done later. */
export class Throttle {
  readonly #delay: number;
  readonly #task: () => void;
  readonly #restarts: boolean;
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** With `restarts`, the time begins anew whenever it is asked for. */
  constructor(delay: number, task: () => void, { restarts = false } = {}) {
    this.#delay = delay;
    this.#task = task;
    this.#restarts = restarts;
  }

  run(): void {
    if (this.#timer !== undefined && !this.#restarts) return;
    this.cancel();
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.#task();
    }, this.#delay);
  }

  cancel(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }
}
