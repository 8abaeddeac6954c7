// Subscriptions of this side. Bindings that have one import this; others leave it out of a bundle.
import type { Method } from "./bindings.js";
import type { SubscribeOptions, Subscribing, Subscription } from "./calls.js";
import { withOutcome, type Caller, type Interface } from "./caller.js";
import type { Connection } from "./connection.js";
import { decode } from "./decoding.js";
import { failure, guarded, thrown, type IpcError } from "./errors.js";
import { Exchange } from "./exchange.js";
import { Inflow } from "./inflow.js";
import { amount, noteMessage, type RequestExtras } from "./message.js";
import type { Opening, Part } from "./parts.js";
import { disconnected, replyError, unfitting } from "./reply-error.js";

/** How a method is called that gives a stream: what a subscription's `k` is in bindings. */
export interface Kind {
  (caller: Caller, name: string, method: Method, args: readonly unknown[], options: SubscribeOptions, def?: Interface): Subscribing<unknown, unknown>;
}

/** Opens a subscription. Bindings name it where a method is one. */
export const subscribing: Kind = (caller, name, method, args, options, def) => {
  const { signal, window = Infinity } = options;
  const exchange = new Exchange(name, method, signal ? { signal, timeout: null } : { timeout: null }, null, caller.depth);
  const narrowed = Math.max(1, Math.floor(Math.min(window, caller.window)));
  if (Number.isNaN(narrowed)) exchange.fail(failure("invalidArguments", name, `the window ${window} is no number of items`));
  const asked: Asked = { exchange, options, window: narrowed };
  caller.start(exchange, args, def, (connection) => connection.part(Subscriptions).opening(asked));
  const opened = withOutcome(exchange.promise as Promise<Subscription<unknown>>);
  return Object.assign(opened, {
    [Symbol.asyncIterator]: (): AsyncIterator<unknown> => ({
      next: async () => (await opened).next(),
      return: async () => (await opened).return(),
    }),
  });
};

/** What a caller asks for. */
interface Asked {
  readonly exchange: Exchange;
  readonly options: SubscribeOptions;
  /** How many items may wait unread. */
  readonly window: number;
}

/** The subscriptions of one connection that are open, or asked for by a number, by their ids. */
class Subscriptions implements Part {
  readonly #known = new Map<unknown, Subscribed>();
  /** Whether the peer takes the numbers that this side chooses, as far as is known: older backends don't. */
  #takesNumbers = true;

  constructor(readonly connection: Connection) {}

  opening(asked: Asked): Opening {
    return new Subscribed(asked, this);
  }

  /** One is asked for: by a number that this side chooses, its items are known before the reply. */
  number(one: Subscribed, id: number): number | undefined {
    if (!this.#takesNumbers) return undefined;
    this.#known.set(id, one);
    return id;
  }

  /** One is open by this id from now on. */
  opened(one: Subscribed, id: number | string): void {
    const older = this.#known.get(id);
    if (older !== one) older?.inflow?.finish({ error: failure("protocol", older.name, "the other side uses the id of this subscription for another one") });
    this.#known.set(id, one);
  }

  forget(one: Subscribed): void {
    if (this.#known.get(one.id) === one) this.#known.delete(one.id);
  }

  credit(subscription: unknown, n: number): void {
    this.connection.tell(noteMessage("rpc.credit", { subscription, n }));
  }

  unsubscribe(id: unknown): void {
    if (!this.connection.isClosing) this.connection.control("rpc.unsubscribe", [id], null).catch(() => {});
  }

  note(name: unknown, params: Record<string, unknown>, long: boolean): boolean {
    const { subscription: id } = params;
    const known = this.#known.get(id);
    if (known?.name !== name) return false;
    known?.take(params, long);
    return true;
  }

  end(cause: IpcError): void {
    for (const { inflow, name } of this.#known.values()) inflow?.finish({ error: disconnected(name, cause, false) });
    this.#known.clear();
  }

  /** The peer has answered another number: its own ones mustn't meet those that this side has chosen. */
  ignoresNumbers(): void {
    this.#takesNumbers = false;
    for (const [number, one] of this.#known) if (one.restart()) this.#known.delete(number);
  }
}

/** A subscription, from its request on. */
class Subscribed implements Opening {
  /** The number that this side has chosen, then what the reply says. */
  id: unknown;
  /** Made with the reply, or with an item that comes before it. */
  inflow: Inflow<unknown> | undefined;
  readonly name: string;

  constructor(
    readonly asked: Asked,
    readonly all: Subscriptions,
  ) {
    this.name = asked.exchange.name;
  }

  asks(id: number): RequestExtras {
    const { options, window } = this.asked;
    // No request after this one has its id, and so no subscription has this number.
    this.id = this.all.number(this, id);
    return { window: options.window === undefined ? undefined : window, subscription: this.id as number | undefined };
  }

  /** Opens it, in the turn of the response: the first items may be right behind it. */
  answered(id: unknown): void {
    const { name, all } = this;
    const { exchange } = this.asked;
    if (this.id !== undefined && this.id !== id) all.ignoresNumbers();
    if (typeof id !== "number" && typeof id !== "string") return exchange.fail(failure("protocol", name, "the id of a subscription is a number or text"));
    if (exchange.isSettled) return all.unsubscribe(id);
    this.id = id;
    const inflow = this.#incoming();
    if (!inflow.isOver) {
      all.opened(this, id);
      // Stream arguments go on as long as the subscription.
      inflow.onOver = exchange.onSettled;
      exchange.onSettled = undefined;
    }
    exchange.succeed(inflow);
  }

  forget(): void {
    this.all.forget(this);
    this.inflow?.finish();
  }

  /** An item came, or another note about it. */
  take({ result, lagged, gap, error, done }: Record<string, unknown>, long: boolean): void {
    const { method } = this.asked.exchange;
    const inflow = this.#incoming();
    const missing = amount(lagged);
    if (result !== undefined) {
      try {
        inflow.push(decode(method.r, result, long, ["item"]));
      } catch (unfit) {
        inflow.end(unfitting(unfit, this.name));
      }
    } else if (missing !== undefined) inflow.miss({ kind: "lagged", count: missing });
    else if (gap) inflow.miss({ kind: "gap" });
    // What this side doesn't know isn't the end.
    else if (error || done === true) {
      this.all.forget(this);
      inflow.finish(error ? { error: replyError(error, this.name, method.x, long) } : {});
    }
  }

  /** Forgets what came by the number that this side has chosen. Returns whether it isn't open yet. */
  restart(): boolean {
    if (this.asked.exchange.isSettled) return false;
    this.inflow?.finish();
    this.id = this.inflow = undefined;
    return true;
  }

  #incoming(): Inflow<unknown> {
    return (this.inflow ??= this.#inflow());
  }

  #inflow(): Inflow<unknown> {
    const { name, all } = this;
    const { window, options } = this.asked;
    const { signal, onMissed } = options;
    const abort = (): void => inflow.end(failure("cancelled", name, "it was cancelled", { cause: signal?.reason }));
    const inflow = new Inflow<unknown>({
      name,
      window,
      credit: (n) => all.credit(this.id, n),
      stop: () => {
        all.forget(this);
        all.unsubscribe(this.id);
      },
      onMissed: onMissed && ((missed) => void guarded(() => onMissed(missed), (cause) => all.connection.failed(thrown(`${name}: \`onMissed\``, cause)))),
      onOver: () => signal?.removeEventListener("abort", abort),
    });
    signal?.addEventListener("abort", abort);
    return inflow;
  }
}
