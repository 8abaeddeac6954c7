// The arguments of a call, as they travel.
import type { Method, StreamIn } from "./bindings.js";
import { Encoding } from "./encoding.js";
import { failure } from "./errors.js";
import { itemsOf, leave, type Items } from "./items.js";
import type { Plan } from "./plan.js";

/** A stream among the arguments. */
export interface UploadArgument {
  id: number;
  items: Items;
  plan: Plan | 0;
}

/** The arguments of one call. */
export interface Arguments {
  params: unknown;
  /** Whether there is something in them that `JSON.stringify` doesn't keep. */
  exact: boolean;
  uploads: UploadArgument[];
}

/** The numbers of stream arguments: none is used twice, on any connection. */
let streams = 0;

/**
 * Converts the arguments. The app may change its own values afterwards. Whoever gets them leaves the
 * items of streams, if they don't flow.
 *
 * @throws IpcError `invalidArguments` for what can't travel, with its path.
 */
export function outgoing(name: string, method: Method, args: readonly unknown[], isJson: boolean): Arguments {
  const encoding = new Encoding(isJson);
  const sources: [id: number, source: StreamIn<unknown>, plan: Plan | 0][] = [];
  const uploads: UploadArgument[] = [];
  const given = args.slice(0, method.n ?? 0);
  // Optional arguments at the end are left out.
  while (given.length && given[given.length - 1] === undefined) given.pop();
  try {
    const params = given.map((value, at) => {
      const plan = method.a?.[at];
      if (typeof plan === "object" && "stream" in plan) {
        if (!isIterable(value)) throw new Error(`argument ${at + 1} has to be iterable, or a ReadableStream`);
        sources.push([++streams, value, plan.stream]);
        return { $stream: streams };
      }
      return value === undefined ? null : encoding.convert(plan, value, `argument ${at + 1}`);
    });
    // Only now: a source whose call can't be made is left as it was.
    for (const [id, source, plan] of sources) uploads.push({ id, items: itemsOf(source), plan });
    if (method.o) return { params: params[0] ?? {}, exact: encoding.exact, uploads };
    return { params: params.length ? params : undefined, exact: encoding.exact, uploads };
  } catch (error) {
    for (const { items } of uploads) leave(items);
    throw failure("invalidArguments", name, error, { cause: error });
  }
}

function isIterable(value: unknown): value is StreamIn<unknown> {
  if (value === null || typeof value !== "object") return false;
  return "getReader" in value || Symbol.asyncIterator in value || Symbol.iterator in value;
}
