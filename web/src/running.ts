// One request or notification of the peer that this side handles, with all that ends when it does.
import type { Method } from "./bindings.js";
import { MethodError, type ErrorObject, type IpcError } from "./errors.js";
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
  readonly #made = new WeakSet<object>();

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

  /** Makes its own error. */
  fail<E>(data: E, text = "the method failed"): MethodError<E> {
    const error = new MethodError(data, text, this.name);
    this.#made.add(error);
    return error;
  }

  /** Whether this is its own error. That of a call that its handler has made isn't. */
  isOwn(error: unknown): error is MethodError<unknown> {
    return this.#made.has(error as object);
  }

  /** Nobody waits for it any more: its handler hears of it, and its streams end, whoever reads them. */
  end(cause: IpcError): void {
    this.#controller.abort(cause);
    for (const inflow of this.inflows) inflow.end(cause);
    this.outflow?.stop();
  }
}
