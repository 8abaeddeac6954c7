// The subscriptions of this side on one connection.
import type { Method } from "./bindings.js";
import { decode } from "./decoding.js";
import { failure, type IpcError } from "./errors.js";
import type { Exchange } from "./exchange.js";
import type { Inflow } from "./inflow.js";
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

/** The subscriptions that are open, by their ids. */
export class Subscriptions {
  readonly #open = new Map<unknown, { inflow: Inflow<unknown>; name: string; method: Method }>();

  constructor(readonly peer: Subscriber) {}

  /** Opens one, in the turn of the response: the first items may be right behind it. */
  opened(id: unknown, exchange: Exchange, opening: Opening): void {
    const { name, method } = exchange;
    if (typeof id !== "number" && typeof id !== "string") return exchange.fail(failure("protocol", name, "the id of a subscription is a number or text"));
    if (exchange.isSettled) return this.peer.unsubscribe(id);
    const older = this.#open.get(id);
    older?.inflow.finish({ error: failure("protocol", older.name, "the other side uses the id of this subscription for another one") });
    const stop = (): void => {
      this.#open.delete(id);
      this.peer.unsubscribe(id);
    };
    const inflow = opening.inflow((n) => this.peer.credit(id, n), stop);
    this.#open.set(id, { inflow, name, method });
    // Stream arguments go on as long as the subscription.
    inflow.onOver = exchange.onSettled;
    exchange.onSettled = undefined;
    exchange.succeed(inflow);
  }

  /** Takes an item, or another note of a subscription. Returns whether it is one. */
  take(name: unknown, params: Record<string, unknown>, long: boolean): boolean {
    const { subscription: id, result, lagged, gap, error } = params;
    const known = this.#open.get(id);
    if (!known || known.name !== name) return false;
    const { inflow, method } = known;
    if (result !== undefined) {
      try {
        inflow.push(decode(method.r, result, long, ["item"]));
      } catch (unfit) {
        inflow.end(unfitting(unfit, known.name));
      }
    } else if (typeof lagged === "number") inflow.miss({ kind: "lagged", count: lagged });
    else if (gap) inflow.miss({ kind: "gap" });
    else {
      this.#open.delete(id);
      inflow.finish(error ? { error: replyError(error, known.name, method.x, long) } : {});
    }
    return true;
  }

  /** The connection has ended. */
  end(cause: IpcError): void {
    for (const { inflow, name } of this.#open.values()) inflow.finish({ error: disconnected(name, cause, false) });
    this.#open.clear();
  }
}
