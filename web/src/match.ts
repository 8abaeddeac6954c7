// A `switch` over an enum of Rust that doesn't compile unless it handles every variant.

import { IpcError } from "./errors.js";

type Variants<U> = U extends string ? U : U extends object ? keyof U : never;
type Payload<U, K> = U extends string ? (U extends K ? undefined : never) : U extends object ? (K extends keyof U ? U[K] : never) : never;

/** An arm for each variant. */
type Arms<U> = { [K in Variants<U>]: (payload: Payload<U, K>) => unknown };

/** Nothing, unless there are arms for what is no variant: then the call has too few arguments, and this is the one that is missing. */
type Others<K> = [K] extends [never] ? [] : [noSuchVariant: K];

/**
 * Calls the arm of a variant with what the variant holds (a unit: `undefined`), and returns what the arm
 * does. For enums as serde writes them by default: text for a unit, else an object with one member.
 *
 * @throws IpcError `protocol` for a variant that has no arm: of a backend that is newer than the bindings.
 */
export function match<U, A extends Arms<U>>(value: U, arms: A, ..._others: Others<Exclude<keyof A, Variants<U>>>): ReturnType<A[Variants<U>]> {
  const [variant, payload] = typeof value === "string" ? [value, undefined] : (Object.entries(value ?? {})[0] ?? [undefined, undefined]);
  const table = arms as { [variant: string]: (payload: unknown) => ReturnType<A[Variants<U>]> };
  if (variant === undefined || !Object.hasOwn(table, variant)) {
    throw new IpcError("protocol", `there is no arm for the variant \`${variant}\`, beside ${Object.keys(arms).join(", ")}`, { data: value });
  }
  return table[variant]!(payload);
}
