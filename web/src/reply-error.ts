// What the error of a reply or of a stream is to an app.
import { decode } from "./decoding.js";
import { errorObject, failure, METHOD_ERROR, MethodError, received, type IpcError } from "./errors.js";
import type { Plan, Unfit } from "./plan.js";

/** The error that came, typed by its plan if it is the method's own. */
export function replyError(came: unknown, name: string, plan: Plan | undefined, long: boolean): unknown {
  const error = errorObject(came);
  if (error.code !== METHOD_ERROR) return received(error, name);
  try {
    return new MethodError(decode(plan, error.data, long, ["error"]), error.message, name);
  } catch (unfit) {
    return unfitting(unfit, name);
  }
}

/** The error for a value that came and doesn't fit its plan. */
export const unfitting = (error: unknown, name: string): IpcError => failure((error as Unfit).kind ?? "protocol", name, error);

/** The error of what waited for a connection that has ended. */
export const disconnected = (name: string, cause: IpcError, mayHaveRun: boolean): IpcError => failure("disconnected", name, cause, { mayHaveRun, cause });
