// A call from its beginning to its end, on whatever connection it is sent.
import type { Method } from "./bindings.js";
import type { CallOptions } from "./calls.js";
import { derived, failure, IpcError } from "./errors.js";
import { disconnected } from "./reply-error.js";

/** The longest time of a timer; a longer one would end at once. */
export const MAX_TIMER = 2 ** 31 - 1;

/** A call. It is settled once: by its reply, its deadline, its signal, or its connection's end. */
export class Exchange {
  readonly promise: Promise<unknown>;
  isSettled = false;
  /** Called if the caller gives up after it was sent. */
  onGivenUp: (() => void) | undefined;
  /** Called when it is settled, however. */
  onSettled: (() => void) | undefined;
  /** Of a session that comes back: starts it again when its connection is lost, if that may be. Returns whether it does. */
  again: ((wasSent: boolean) => boolean) | undefined;
  /** It was sent on a connection that was lost, and is made again. */
  mayHaveRun = false;
  /** It waits for a connection though others may not. */
  insists = false;
  readonly onProgress: ((progress: never) => void) | undefined;
  #resolve!: (value: unknown) => void;
  #reject!: (error: unknown) => void;
  #timer: ReturnType<typeof setTimeout> | undefined;
  readonly #signal: AbortSignal | undefined;
  readonly #ends: number;

  /**
   * @param name the method, as it is on the wire.
   * @param timeout the deadline in milliseconds, unless the options or the method name another one.
   * @param depth how many handlers it is nested in.
   */
  constructor(
    readonly name: string,
    readonly method: Method,
    options: CallOptions<never>,
    timeout: number | null,
    readonly depth: number = 0,
  ) {
    this.promise = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    this.onProgress = options.onProgress;
    const { timeout: asked = method.ms === undefined ? timeout : method.ms, signal } = options;
    this.#ends = asked === null ? Infinity : performance.now() + asked;
    this.#signal = signal;
    if (signal?.aborted) {
      this.#abort();
      return;
    }
    if (asked !== null && !(asked >= 0)) {
      this.fail(failure("invalidArguments", name, `the timeout ${asked} is no number of milliseconds`));
      return;
    }
    signal?.addEventListener("abort", this.#abort);
    if (asked !== null && asked <= MAX_TIMER) {
      this.#timer = setTimeout(() => {
        this.giveUp(failure("deadline", name, `no answer within ${asked} ms`));
      }, asked);
    }
  }

  /** How many milliseconds are left, `undefined` without a deadline. */
  get left(): number | undefined {
    return this.#ends === Infinity ? undefined : Math.max(1, Math.round(this.#ends - performance.now()));
  }

  succeed(value: unknown): void {
    if (this.#settle()) this.#resolve(value);
  }

  fail(error: unknown): void {
    if (!this.#settle()) return;
    this.#reject(this.mayHaveRun && error instanceof IpcError ? derived(error, { mayHaveRun: true }) : error);
  }

  /** Its connection has ended. */
  lost(end: IpcError, wasSent: boolean): void {
    if (!this.isSettled && !this.again?.(wasSent)) this.fail(disconnected(this.name, end, wasSent));
  }

  readonly #abort = (): void => {
    this.giveUp(failure("cancelled", this.name, "it was cancelled", { cause: this.#signal?.reason }));
  };

  /** It fails, and its handler is asked to stop. */
  giveUp(error: IpcError): void {
    const { onGivenUp } = this;
    this.fail(error);
    onGivenUp?.();
  }

  #settle(): boolean {
    if (this.isSettled) return false;
    this.isSettled = true;
    clearTimeout(this.#timer);
    this.#signal?.removeEventListener("abort", this.#abort);
    this.onGivenUp = undefined;
    this.onSettled?.();
    return true;
  }
}
