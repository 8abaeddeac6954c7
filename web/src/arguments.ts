// The arguments of a call, as they travel.
import type { Method } from "./bindings.js";
import { Encoding } from "./encoding.js";
import { failure } from "./errors.js";
import type { Streams } from "./uploads.js";

/** The arguments of one call. */
export interface Arguments {
  params: unknown;
  /** Whether there is something in them that `JSON.stringify` doesn't keep. */
  exact: boolean;
  /** Those that are streams. */
  streams?: Streams | undefined;
}

/**
 * Converts the arguments. The app may change its own values afterwards. Whoever gets them leaves the
 * items of streams, if they don't flow.
 *
 * @throws IpcError `invalidArguments` for what can't travel, with its path.
 */
export function outgoing(name: string, method: Method, args: readonly unknown[], isJson: boolean): Arguments {
  const encoding = new Encoding(isJson);
  const streams = method.up?.();
  const count = method.n ?? 0;
  try {
    const params = Array.from({ length: count }, (_, at) => {
      const value = args[at];
      const plan = method.a?.[at];
      if (streams && typeof plan === "object" && "stream" in plan) return streams.add(value, plan.stream, at);
      return encoding.convert(plan, value === undefined ? null : value, `argument ${at + 1}`);
    });
    // Optional arguments at the end are left out.
    while (params.length && args[params.length - 1] === undefined) params.pop();
    // Only now: a source whose call can't be made is left as it was.
    streams?.open();
    return { params: method.o ? (params[0] ?? {}) : params.length ? params : undefined, exact: encoding.exact, streams };
  } catch (error) {
    streams?.leave();
    throw failure("invalidArguments", name, error, { cause: error });
  }
}
