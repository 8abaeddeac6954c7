// Subscriptions of this side. Bindings that have one import this; others leave it out of a bundle.
import type { Method } from "./bindings.js";
import type { SubscribeOptions, Subscribing, Subscription } from "./calls.js";
import { withOutcome, type Caller, type Interface } from "./caller.js";
import type { Connection } from "./connection.js";
import { decode } from "./decoding.js";
import { failure, guarded, IpcError, thrown } from "./errors.js";
import { Exchange } from "./exchange.js";
import { Inflow } from "./inflow.js";
import { amount, noteMessage, type RequestExtras } from "./message.js";
import type { Opening, Part } from "./parts.js";
import { disconnected, replyError, unfitting } from "./reply-error.js";
import type { Going } from "./returning.js";

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
  const asked: Asked = { exchange, options, window: narrowed, going: undefined };
  const sent = caller.start(exchange, args, def, (connection) => connection.part(Subscriptions).opening(asked));
  // What was sent of a stream can't be sent again.
  if (sent && !sent.streams && !options.endsWithConnection) {
    asked.going = caller.session.comeback?.resume(exchange, (next) => {
      caller.send(next, sent, def, (connection) => connection.part(Subscriptions).opening({ ...asked, exchange: next }));
    });
  }
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
  /** How it goes on over connections, if it does. */
  going: Going | undefined;
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
    if (!this.connection.end) this.connection.control("rpc.unsubscribe", [id], null).catch(() => {});
  }

  note(name: unknown, params: Record<string, unknown>, long: boolean): boolean {
    const { subscription: id } = params;
    const known = this.#known.get(id);
    if (known?.name !== name) return false;
    known?.take(params, long);
    return true;
  }

  end(cause: IpcError): void {
    for (const one of this.#known.values()) one.lost(cause);
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
  /** Of a connection before, if there was one. */
  readonly #shared: Inflow<unknown> | undefined;

  constructor(
    readonly asked: Asked,
    readonly all: Subscriptions,
  ) {
    this.name = asked.exchange.name;
    this.#shared = asked.going?.inflow;
  }

  asks(id: number): RequestExtras {
    const { options, window, going } = this.asked;
    // No request after this one has its id, and so no subscription has this number.
    this.id = this.all.number(this, id);
    return { window: options.window === undefined ? undefined : window, subscription: this.id as number | undefined, resume: going?.inflow && going.place };
  }

  /** Opens it, in the turn of the response: the first items may be right behind it. */
  answered(id: unknown): void {
    const { name, all } = this;
    const { exchange, going } = this.asked;
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
    } else if (this.#shared) all.unsubscribe(id);
    if (going) going.inflow = inflow;
    exchange.succeed(inflow);
  }

  forget(): void {
    this.all.forget(this);
    this.#drop();
  }

  /** The connection has ended. One that isn't open yet is made again, or has failed. */
  lost(cause: IpcError): void {
    const { exchange, going } = this.asked;
    if (!exchange.isSettled) this.#drop();
    else if (!going?.lost(cause)) this.inflow?.finish({ error: disconnected(this.name, cause, true) });
  }

  /** It isn't opened. One that was read on another connection may be opened on the next. */
  #drop(): void {
    if (!this.#shared) this.inflow?.finish();
  }

  /** An item came, or another note about it. */
  take(params: Record<string, unknown>, long: boolean): void {
    const { result, lagged, gap, error, done } = params;
    const { exchange, going } = this.asked;
    const { method } = exchange;
    const inflow = this.#incoming();
    const missing = amount(lagged);
    if (result !== undefined) {
      going?.came(params);
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
      const reason = error ? replyError(error, this.name, method.x, long) : undefined;
      // The connection is about to end.
      const isLast = reason instanceof IpcError && reason.kind === "closing" && exchange.isSettled;
      if (isLast && going?.lost(reason)) return;
      inflow.finish(error ? { error: isLast ? disconnected(this.name, reason, true) : reason } : {});
    }
  }

  /** Forgets what came by the number that this side has chosen. Returns whether it isn't open yet. */
  restart(): boolean {
    if (this.asked.exchange.isSettled) return false;
    this.#drop();
    this.id = this.inflow = undefined;
    return true;
  }

  #incoming(): Inflow<unknown> {
    return (this.inflow ??= this.#inflow());
  }

  #inflow(): Inflow<unknown> {
    const { name, all } = this;
    const { window, options, going } = this.asked;
    const { signal, onMissed } = options;
    const credit = (n: number): void => all.credit(this.id, n);
    const stop = (): void => {
      all.forget(this);
      all.unsubscribe(this.id);
    };
    if (this.#shared) {
      this.#shared.takeUp(credit, stop);
      // Else the backend says what is missing.
      if (!going?.place) this.#shared.miss({ kind: "gap" });
      return this.#shared;
    }
    const abort = (): void => inflow.end(failure("cancelled", name, "it was cancelled", { cause: signal?.reason }));
    const inflow = new Inflow<unknown>({
      name,
      window,
      credit,
      stop,
      onMissed: onMissed && ((missed) => void guarded(() => onMissed(missed), (cause) => all.connection.failed(thrown(`${name}: \`onMissed\``, cause)))),
      onOver: () => signal?.removeEventListener("abort", abort),
    });
    signal?.addEventListener("abort", abort);
    return inflow;
  }
}
