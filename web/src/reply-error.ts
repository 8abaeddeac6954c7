// What the error of a reply or of a stream is to an app.
import { decode } from "./decoding.js";
import { errorObject, failure, METHOD_ERROR, MethodError, received, textOf, type IpcError } from "./errors.js";
import type { Plan, Unfit } from "./plan.js";

/** The error that came, typed by its plan if it is the method's own. */
export function replyError(came: unknown, name: string, plan: Plan | undefined, long: boolean): unknown {
  const error = errorObject(came);
  const { code, message, data } = error;
  if (code !== METHOD_ERROR) return received(error, name);
  try {
    // A plan converts in place, and stops where something doesn't fit.
    return new MethodError(decode(plan, plan ? structuredClone(data) : data, long, ["error"]), message, name);
  } catch (unfit) {
    // Of a newer backend, perhaps. What it has sent says more than that it doesn't fit.
    return received({ code, message: `${message}; its data isn't an error that this side knows (${textOf(unfit)})`, data: decode("json", data, long, []) }, name);
  }
}

/** The error for a value that came and doesn't fit its plan. */
export const unfitting = (error: unknown, name: string): IpcError => failure((error as Unfit).kind ?? "protocol", name, error);

/** The error of what waited for a connection that has ended. */
export const disconnected = (name: string, cause: IpcError, mayHaveRun: boolean): IpcError => failure("disconnected", name, cause, { mayHaveRun, cause });
