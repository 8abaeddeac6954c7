// Brings a session back: when to try, what waits meanwhile, and as whom it returns. Only who
// reconnects has this in a bundle.
import { IpcError } from "./errors.js";
import { MAX_TIMER, type Exchange } from "./exchange.js";
import { Resuming } from "./resuming.js";
import type { Comeback, Going, Reconnect, Returning } from "./returning.js";
import { whenAwake, whenGone } from "./wake.js";

/** What becomes of calls that are made while there is no connection: they fail at once, or wait. */
export type CallsWhileAway = "fail" | "wait";

/** How a client reconnects. */
export interface ReconnectOptions {
  /** The bound of the pause before the first attempt, in milliseconds. Default: 100. */
  firstDelay?: number | undefined;
  /**
   * The largest bound of a pause, in milliseconds: it doubles with each attempt up to this. A
   * connection that lasts less than this counts as a failed attempt. Default: 10,000.
   */
  maxDelay?: number | undefined;
  /** After how many failed attempts the client ends, at least 1; `null` for never. Default: `null`. */
  maxAttempts?: number | null | undefined;
  /**
   * What becomes of calls that are made while there is no connection: `"fail"` fails them at once with
   * `notConnected`, `"wait"` lets them wait, at most until their deadlines. Default: `"fail"`.
   */
  whileAway?: CallsWhileAway | undefined;
  /** How many calls may wait for a connection at once; further ones fail. Default: 1,024. */
  maxWaiting?: number | undefined;
}

/**
 * Makes a client reconnect when it loses its connection: `connect(to, { reconnect: reconnect() })`.
 *
 * Before each attempt it pauses for a random time, between zero and a bound that doubles. In a page it
 * tries at once when the network is back or somebody looks at the page again. It doesn't try again
 * when the backend has closed it, when the token is refused, when versions don't fit, or when it is
 * given a port that was used. A backend that is back in time knows it from before.
 *
 * @throws IpcError `invalidArguments` for an option that is no sensible number.
 */
export function reconnect(options: ReconnectOptions = {}): Reconnect {
  const { firstDelay = 100, maxDelay = 10_000, maxAttempts, whileAway = "fail", maxWaiting = 1_024 } = options;
  const policy: Policy = {
    firstDelay: counted("firstDelay", firstDelay, 0),
    maxDelay: counted("maxDelay", maxDelay, 0),
    maxAttempts: counted("maxAttempts", maxAttempts ?? Infinity, 1),
    waits: whileAway === "wait",
    maxWaiting: counted("maxWaiting", maxWaiting, 0),
  };
  if (whileAway !== "wait" && whileAway !== "fail") throw refused("whileAway", whileAway, '"fail" or "wait"');
  return { begin: (session) => new Return(session, policy) };
}

function counted(option: keyof ReconnectOptions, value: number, least: number): number {
  if (!(value >= least)) throw refused(option, value, `a number of at least ${least}`);
  return value;
}

const refused = (option: keyof ReconnectOptions, value: unknown, needed: string): IpcError => new IpcError("invalidArguments", `\`${option}\` of \`reconnect\` is ${String(value)}: ${needed} is needed`);

interface Policy {
  firstDelay: number;
  maxDelay: number;
  maxAttempts: number;
  waits: boolean;
  maxWaiting: number;
}

/** Who waits for a connection. */
interface Waiter {
  go(): void;
  fail(error: IpcError): void;
}

class Return implements Comeback {
  readonly waits: boolean;
  /** How many attempts were made since a connection has lasted. */
  #tries = 0;
  /** When the connection was made that there is. */
  #connectedAt = Infinity;
  /** When the last connection was lost, or the first attempt has failed. */
  #since: number | undefined;
  /** Why the last connection was lost. */
  #lostBy: IpcError | undefined;
  /** Runs between two attempts. */
  #pause: ReturnType<typeof setTimeout> | undefined;
  /** As what the backend knows this side. */
  #id = "";
  /** Rises with each connection, so that one that arrives late takes nothing over. */
  #attempt = 0;
  /** The calls that wait, and those that wait though others may not. */
  readonly #waiting = new Set<Waiter>();
  readonly #insisting = new Set<Waiter>();
  /** What ends listening to the page. */
  #sleep: (() => void) | undefined;
  #stay: (() => void) | undefined;

  constructor(
    readonly session: Returning,
    readonly policy: Policy,
  ) {
    this.waits = policy.waits;
  }

  get goesOn(): boolean {
    return this.#made < this.policy.maxAttempts;
  }

  /** If a backend dies at each connection, the pauses grow as if it weren't there. */
  get #made(): number {
    return performance.now() - this.#connectedAt >= this.policy.maxDelay ? 0 : this.#tries;
  }

  hello(): object {
    this.#stay ??= whenGone(() => void this.session.close());
    return { session: this.#id, attempt: ++this.#attempt };
  }

  greeted({ session }: Record<string, unknown>): boolean {
    const isSame = this.#id !== "" && session === this.#id;
    this.#id = typeof session === "string" ? session : "";
    return isSame;
  }

  connected(): void {
    this.#connectedAt = performance.now();
    this.#since = undefined;
    this.#sleep?.();
    this.#sleep = undefined;
    for (const { go } of this.#taken()) go();
  }

  lost(cause: IpcError): void {
    this.#lostBy = cause;
    this.#tries = this.#made;
    this.#connectedAt = Infinity;
    this.#next(cause);
  }

  failed(cause: IpcError): IpcError | undefined {
    // The first attempt of a client that connects in the background had no pause.
    this.#tries ||= 1;
    if (isLasting(cause)) return cause;
    if (!this.goesOn) return this.#lostBy ?? cause;
    this.#next(cause);
    return undefined;
  }

  retryNow(): void {
    if (this.#pause === undefined) return;
    clearTimeout(this.#pause);
    this.#pause = undefined;
    this.session.again();
  }

  wait(exchange: Exchange | undefined): Promise<void> | undefined {
    const insists = exchange?.insists === true;
    if (!this.waits && !insists) return undefined;
    const waiting = insists ? this.#insisting : this.#waiting;
    if (!insists && waiting.size >= this.policy.maxWaiting) {
      throw new IpcError("notConnected", `${waiting.size} calls wait already for a connection`);
    }
    return new Promise((resolve, reject) => {
      const onSettled = exchange?.onSettled;
      const go = (): void => {
        if (exchange) exchange.onSettled = onSettled;
        resolve();
      };
      const waiter: Waiter = { go, fail: reject };
      waiting.add(waiter);
      // What nobody waits for any more takes no place.
      if (exchange) {
        exchange.onSettled = () => {
          waiting.delete(waiter);
          onSettled?.();
        };
      }
    });
  }

  follow(exchange: Exchange, run: () => void, hasStreams: boolean): void {
    exchange.again = (wasSent) => {
      if (!this.session.comesBack) return false;
      if (wasSent) {
        // What was sent of a stream can't be sent again.
        if (!exchange.method.retry || hasStreams) return false;
        exchange.mayHaveRun = exchange.insists = true;
      } else if (!this.waits && !exchange.insists) return false;
      // The session doesn't know yet that the connection has ended.
      queueMicrotask(run);
      return true;
    };
  }

  resume(first: Exchange, open: (exchange: Exchange) => void): Going {
    return new Resuming(this.session, this, first, open);
  }

  end(reason: IpcError): void {
    clearTimeout(this.#pause);
    this.#pause = undefined;
    this.#sleep?.();
    this.#stay?.();
    for (const { fail } of this.#taken()) fail(reason);
  }

  /** Sets the pause before the next attempt. */
  #next(cause: IpcError): void {
    const { firstDelay, maxDelay } = this.policy;
    const attempt = ++this.#tries;
    const delay = Math.random() * Math.min(firstDelay * 2 ** Math.min(attempt - 1, 64), maxDelay, MAX_TIMER);
    const now = Date.now();
    this.#since ??= now;
    this.#sleep ??= whenAwake(() => this.retryNow());
    this.#pause = setTimeout(() => this.retryNow(), delay);
    this.session.set({ status: "reconnecting", attempt, since: this.#since, nextAt: now + delay, cause });
  }

  /** Takes out all that wait: first those that have waited before. */
  #taken(): Waiter[] {
    const all = [...this.#insisting, ...this.#waiting];
    this.#insisting.clear();
    this.#waiting.clear();
    return all;
  }
}

/** Whether another attempt would end in the same way, as with a port that was used. What the app's own function for the token fails with may pass. */
function isLasting({ kind, cause }: IpcError): boolean {
  return kind === "versionMismatch" || kind === "invalidArguments" || (kind === "unauthorized" && cause === undefined);
}
