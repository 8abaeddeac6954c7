// One request or notification of the peer that this side handles, with all that ends when it does.
import type { Method } from "./bindings.js";
import type { ErrorObject, IpcError } from "./errors.js";
import type { Inflow } from "./inflow.js";
import type { Outflow } from "./outflow.js";

/** Answers a request, unless it was answered. */
export type Answer = (reply: { result: unknown } | { error: ErrorObject }, exact?: boolean) => void;

/** From when it comes until its handler has settled and its subscription is over. */
export class Running {
  /** Its stream arguments. */
  readonly inflows: Inflow<unknown>[] = [];
  /** Its subscription, when it is open. */
  outflow: Outflow | undefined;
  readonly #controller = new AbortController();

  /**
   * @param name what was asked for, as it is on the wire.
   * @param answer a notification has none.
   */
  constructor(
    readonly name: string,
    readonly method: Method,
    readonly answer: Answer = () => {},
  ) {}

  /** Aborted when nobody waits for it any more. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** Nobody waits for it any more: its handler hears of it, and its streams end, whoever reads them. */
  end(cause: IpcError): void {
    this.#controller.abort(cause);
    for (const inflow of this.inflows) inflow.end(cause);
    this.outflow?.stop();
  }
}
