// The subscriptions of this side on one connection.
import { decode } from "./decoding.js";
import { failure, type IpcError } from "./errors.js";
import type { Exchange } from "./exchange.js";
import type { Inflow } from "./inflow.js";
import { amount } from "./message.js";
import { disconnected, replyError, unfitting } from "./reply-error.js";

/** How a subscription is opened. */
export interface Opening {
  window?: number | undefined;
  /** Makes its receiving end. */
  inflow(credit: (n: number) => void, stop: () => void): Inflow<unknown>;
}

/** What subscriptions say to the peer. */
export interface Subscriber {
  credit(subscription: unknown, n: number): void;
  unsubscribe(subscription: unknown): void;
}

/** A subscription, from its request on. */
export interface Subscribed {
  readonly exchange: Exchange;
  readonly opening: Opening;
  /** The number that this side has chosen, then what the reply says. */
  id: unknown;
  /** Made with the reply, or with an item that comes before it. */
  inflow: Inflow<unknown> | undefined;
}

/** The subscriptions that are open, or asked for by a number, by their ids. */
export class Subscriptions {
  readonly #known = new Map<unknown, Subscribed>();
  /** Whether the peer takes the numbers that this side chooses, as far as is known: older backends don't. */
  takesNumbers = true;

  constructor(readonly peer: Subscriber) {}

  /** One was asked for. By the number that this side has chosen, its items are known before the reply. */
  asked(exchange: Exchange, opening: Opening, number: number | undefined): Subscribed {
    const one: Subscribed = { exchange, opening, id: number, inflow: undefined };
    if (number !== undefined) this.#known.set(number, one);
    return one;
  }

  /** Opens one, in the turn of the response: the first items may be right behind it. */
  opened(one: Subscribed, id: unknown): void {
    const { exchange } = one;
    const { name } = exchange;
    if (one.id !== undefined && one.id !== id) this.#ignored();
    if (typeof id !== "number" && typeof id !== "string") return exchange.fail(failure("protocol", name, "the id of a subscription is a number or text"));
    if (exchange.isSettled) return this.peer.unsubscribe(id);
    const older = this.#known.get(id);
    if (older !== one) older?.inflow?.finish({ error: failure("protocol", older.exchange.name, "the other side uses the id of this subscription for another one") });
    one.id = id;
    const inflow = this.#inflow(one);
    if (!inflow.isOver) {
      this.#known.set(id, one);
      // Stream arguments go on as long as the subscription.
      inflow.onOver = exchange.onSettled;
      exchange.onSettled = undefined;
    }
    exchange.succeed(inflow);
  }

  /** Its reply can't be read: perhaps it is open. */
  unknown({ id }: Subscribed): void {
    if (id !== undefined) this.peer.unsubscribe(id);
  }

  /** One isn't opened: nobody waits for its items. */
  forget(one: Subscribed): void {
    if (this.#known.get(one.id) === one) this.#known.delete(one.id);
    one.inflow?.finish();
  }

  /** Takes an item, or another note of a subscription. Returns whether it is one. */
  take(name: unknown, params: Record<string, unknown>, long: boolean): boolean {
    const { subscription: id, result, lagged, gap, error, done } = params;
    const known = this.#known.get(id);
    if (!known || known.exchange.name !== name) return false;
    const { exchange } = known;
    const { method } = exchange;
    const inflow = this.#inflow(known);
    if (result !== undefined) {
      try {
        inflow.push(decode(method.r, result, long, ["item"]));
      } catch (unfit) {
        inflow.end(unfitting(unfit, exchange.name));
      }
    } else if (amount(lagged) !== undefined) inflow.miss({ kind: "lagged", count: amount(lagged) as number });
    else if (gap) inflow.miss({ kind: "gap" });
    // What this side doesn't know isn't the end.
    else if (error || done === true) {
      this.#known.delete(id);
      inflow.finish(error ? { error: replyError(error, exchange.name, method.x, long) } : {});
    }
    return true;
  }

  /** The connection has ended. */
  end(cause: IpcError): void {
    for (const { inflow, exchange } of this.#known.values()) inflow?.finish({ error: disconnected(exchange.name, cause, false) });
    this.#known.clear();
  }

  #inflow(one: Subscribed): Inflow<unknown> {
    return (one.inflow ??= one.opening.inflow(
      (n) => this.peer.credit(one.id, n),
      () => {
        if (this.#known.get(one.id) === one) this.#known.delete(one.id);
        this.peer.unsubscribe(one.id);
      },
    ));
  }

  /** The peer has answered another number: its own ones mustn't meet those that this side has chosen. */
  #ignored(): void {
    this.takesNumbers = false;
    for (const [number, one] of this.#known) {
      if (one.exchange.isSettled) continue;
      this.#known.delete(number);
      one.inflow?.finish();
      one.id = one.inflow = undefined;
    }
  }
}
