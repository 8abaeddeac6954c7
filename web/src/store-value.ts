// A value of the store: as it travels, and as the bindings have it.
import type { StoreKey } from "./bindings.js";
import { decode } from "./decoding.js";
import { Encoding } from "./encoding.js";
import { failure } from "./errors.js";
import { parse, stringify } from "./json.js";
import { setMember, type Plan } from "./plan.js";
import { unfitting } from "./reply-error.js";

/** An object with this member alone holds the JSON of a value that MessagePack or untyped JSON can't. */
const EXACT = "$json";

/** What a key has: a value as it came, or how large it is and may be. */
export type Content = { readonly wire: unknown } | { readonly size: number; readonly limit: number };

/** A key's value, which doesn't change: a new one has another entry. */
export class Entry {
  /** What the plans of keys have made of it, so that it is the same each time. */
  readonly #made = new Map<Plan | undefined, unknown>();

  constructor(
    readonly key: string,
    readonly revision: number,
    readonly content: Content,
  ) {
    if ("wire" in content) this.#made.set(undefined, unwrapped(content.wire));
  }

  /**
   * The value as the plan has it.
   *
   * @throws IpcError `tooLarge`, or `protocol` or `inexact` if it isn't of the key's type.
   */
  read(plan: Plan | undefined): unknown {
    if ("size" in this.content) {
      const { size, limit } = this.content;
      const text = `the value of \`${this.key}\` has ${size} bytes: too large for the ${limit} of a message`;
      throw failure("tooLarge", "ipc.store.watch", text, { data: { key: this.key, size, limit } });
    }
    if (!this.#made.has(plan)) {
      try {
        this.#made.set(plan, decode(plan, copy(this.#made.get(undefined)), true, [this.key]));
      } catch (unfit) {
        throw unfitting(unfit, "ipc.store.watch");
      }
    }
    return this.#made.get(plan);
  }
}

/**
 * A value as it travels. Bytes are text in every encoding: the store keeps JSON.
 *
 * @throws IpcError `invalidArguments` for what can't travel, with its path.
 */
export function kept<T>({ key, p }: StoreKey<T>, value: T, method: string): unknown {
  const encoding = new Encoding(true);
  try {
    const json = encoding.convert(p, value, key);
    return (encoding.exact && isWide(json)) || exactText(json) !== undefined ? { [EXACT]: stringify(json) } : json;
  } catch (error) {
    throw failure("invalidArguments", method, error, { cause: error });
  }
}

function exactText(value: unknown): string | undefined {
  if (typeof value !== "object" || value === null || !Object.hasOwn(value, EXACT) || Object.keys(value).length !== 1) return undefined;
  const text = (value as { [EXACT]: unknown })[EXACT];
  return typeof text === "string" ? text : undefined;
}

function unwrapped(wire: unknown): unknown {
  const text = exactText(wire);
  if (text === undefined) return wire;
  try {
    return parse(text).value;
  } catch {
    // No backend sends it: it is what it is.
    return wire;
  }
}

/** Whether there is an integer of more than 64 bits in a value. */
function isWide(value: unknown): boolean {
  if (typeof value === "bigint") return value < -(2n ** 63n) || value >= 2n ** 64n;
  return typeof value === "object" && value !== null && Object.values(value).some(isWide);
}

/** A copy of JSON: plans convert in place. `structuredClone` isn't everywhere where tests run. */
function copy(json: unknown): unknown {
  if (Array.isArray(json)) return json.map(copy);
  if (typeof json !== "object" || json === null) return json;
  const made: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(json)) setMember(made, name, copy(value));
  return made;
}
