// Finds out whether a silent peer is still there.

/** Asks a peer that is silent, and gives it up if it stays so. */
export class Heartbeat {
  #timer: ReturnType<typeof setTimeout> | undefined;
  #heardAt = 0;
  #setAt = -Infinity;
  #dueAt = 0;
  #isAsked = false;

  /**
   * @param interval how long the peer may be silent until it is asked, and then until it is given up.
   * @param hasMoved whether the peer has taken bytes since it was last looked at: then it is there.
   */
  constructor(
    readonly interval: number,
    readonly ask: () => void,
    readonly gone: () => void,
    readonly hasMoved: () => boolean,
  ) {}

  /**
   * Something came. The timer is set here and not by a timer: chains of timers are slowed down to one
   * a minute in pages that nobody sees.
   */
  heard(): void {
    this.#heardAt = performance.now();
    // Not for each of many messages: a timer that is early looks again.
    if (!this.#isAsked && this.#heardAt - this.#setAt < this.interval / 4) return;
    this.#isAsked = false;
    this.#set(this.interval);
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#setAt = Infinity;
  }

  #set(ms: number): void {
    clearTimeout(this.#timer);
    this.#setAt = performance.now();
    this.#dueAt = this.#setAt + ms;
    this.#timer = setTimeout(() => this.#late(), ms);
    // In Node, it keeps no process alive: the connection does.
    (this.#timer as { unref?(): void }).unref?.();
  }

  #late(): void {
    if (this.hasMoved()) return this.heard();
    const now = performance.now();
    const silent = now - this.#heardAt;
    // This side itself was stopped: what came meanwhile is read after this.
    const isLate = now - this.#dueAt > this.interval;
    if (this.#isAsked && !isLate) return this.gone();
    // A message came after the timer was set.
    if (silent < this.interval) return this.#set(this.interval - silent);
    this.#isAsked = true;
    this.#set(this.interval);
    this.ask();
  }
}
