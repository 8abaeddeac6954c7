// A `switch` over an enum of Rust that doesn't compile unless it handles every variant.

import { IpcError } from "./errors.js";

type Variants<U> = U extends string ? U : U extends object ? keyof U : never;
type Payload<U, K> = U extends string ? (U extends K ? undefined : never) : U extends object ? (K extends keyof U ? U[K] : never) : never;

/**
 * Calls the arm of a variant with what the variant holds (a unit: `undefined`). For enums as serde
 * writes them by default: text for a unit, else an object with one member.
 *
 * @throws IpcError `protocol` for a variant that has no arm: of a backend that is newer than the bindings.
 */
export function match<U, R>(value: U, arms: { [K in Variants<U>]: (payload: Payload<U, K>) => R }): R {
  const [variant, payload] = typeof value === "string" ? [value, undefined] : (Object.entries(value ?? {})[0] ?? [undefined, undefined]);
  const table = arms as { [variant: string]: (payload: unknown) => R };
  if (variant === undefined || !Object.hasOwn(table, variant)) {
    throw new IpcError("protocol", `there is no arm for the variant \`${variant}\`, beside ${Object.keys(arms).join(", ")}`, { data: value });
  }
  return (table[variant] as (payload: unknown) => R)(payload);
}
