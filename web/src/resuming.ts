// A subscription that goes on over connections: where it is, and how it is opened again.
import { failure, IpcError } from "./errors.js";
import { Exchange } from "./exchange.js";
import type { Inflow } from "./inflow.js";
import type { Place } from "./message.js";
import { disconnected } from "./reply-error.js";
import type { Comeback, Going, Returning } from "./returning.js";

/** One subscription, for as long as anybody reads it. */
export class Resuming implements Going {
  place: Place | undefined;
  inflow: Inflow<unknown> | undefined;

  /**
   * @param first the call that has opened it.
   * @param open opens it on the next connection.
   */
  constructor(
    readonly session: Returning,
    readonly comeback: Comeback,
    readonly first: Exchange,
    readonly open: (exchange: Exchange) => void,
  ) {}

  came({ seq, epoch = this.place?.epoch }: Record<string, unknown>): void {
    // The first item of an event says which event that is.
    this.place = Number.isSafeInteger(seq) && Number.isSafeInteger(epoch) ? { epoch: epoch as number, seq: seq as number } : undefined;
  }

  lost(cause: IpcError): boolean {
    const { inflow } = this;
    if (!inflow || inflow.isOver || !this.session.comesBack) return false;
    // What came before is read first.
    inflow.pause(() => void this.#again(inflow, cause));
    return true;
  }

  async #again(inflow: Inflow<unknown>, cause: IpcError): Promise<void> {
    const { name, method, depth } = this.first;
    while (!inflow.isOver) {
      const exchange = new Exchange(name, method, { timeout: null }, null, depth);
      exchange.insists = exchange.mayHaveRun = true;
      exchange.again = () => {
        if (!this.session.comesBack) return false;
        queueMicrotask(() => this.open(exchange));
        return true;
      };
      inflow.onOver = () => exchange.giveUp(failure("cancelled", name, "nobody reads it any more"));
      this.open(exchange);
      try {
        await exchange.promise;
        return;
      } catch (error) {
        // The backend is about to end the connection: the next one is waited for.
        const isLate = (error as IpcError).kind === "closing" && this.session.comesBack;
        const waiting = isLate && !inflow.isOver ? this.comeback.wait(exchange) : undefined;
        if (!waiting) return inflow.finish({ error: this.#ended(error, cause) });
        await waiting.catch(() => {});
      }
    }
  }

  /** Why there is no other connection is told where that says more. */
  #ended(error: unknown, cause: IpcError): unknown {
    const isGone = error instanceof IpcError && (error.kind === "notConnected" || error.kind === "closing");
    return isGone ? disconnected(this.first.name, cause, true) : error;
  }
}
