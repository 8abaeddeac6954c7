// Something that is there as long as somebody uses it, and a moment longer.

/**
 * Opens something for its first user, and ends it one macrotask after the last: who mounts anew in
 * between, as React's strict mode does, finds it as it was. It is opened in a microtask, so that a
 * server that only renders, and leaves at once, opens nothing.
 */
export class Lingering {
  #users = 0;
  #isOpen = false;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    readonly open: () => void,
    readonly end: () => void,
  ) {}

  /**
   * Uses it, until the function that this returns is called.
   *
   * @param atOnce whether it is opened before this returns.
   */
  use(atOnce: boolean = false): () => void {
    this.#users++;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (atOnce) this.#opened();
    else if (!this.#isOpen) queueMicrotask(() => this.#opened());
    let uses = true;
    return () => {
      if (!uses) return;
      uses = false;
      if (--this.#users || !this.#isOpen) return;
      this.#timer = setTimeout(() => {
        this.#timer = undefined;
        this.#isOpen = false;
        this.end();
      });
    };
  }

  /** What was opened has ended by itself: the next user opens it anew. */
  over(): void {
    this.#isOpen = false;
    clearTimeout(this.#timer);
  }

  #opened(): void {
    if (!this.#users || this.#isOpen) return;
    this.#isOpen = true;
    this.open();
  }
}
