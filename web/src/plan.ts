// Plans: where a value differs from its JSON. PLANS.md has the grammar, and what the Rust side writes.

/** A leaf that differs. */
export type Leaf = "int" | "big" | "u128" | "i128" | "str" | "bytes" | "float" | "json";

/** Where a value differs from its JSON. Where it stands for nothing, 0 holds the place. */
export type Plan =
  | Leaf
  | { readonly a: Plan }
  | { readonly t: readonly (Plan | 0)[] }
  | { readonly s?: Members; readonly m?: Plan | 0; readonly k?: "u128" | "i128"; readonly u?: Plan | 0 }
  | { readonly i: string; readonly c?: string; readonly v: { readonly [variant: string]: Plan }; readonly u?: Plan | 0 }
  | { readonly z: readonly Plan[] }
  | { readonly stream: Plan | 0 }
  | Checked
  | (() => Plan);

/** The plan of a method's whole value that is looked at too. Only `check` makes it. */
export interface Checked {
  /**
   * Looks at the value as an app has it, and returns it.
   *
   * @throws Unfit if it isn't of its type.
   */
  is<T>(value: T, path: Path): T;
  readonly p: Plan | 0;
}

/** The plans of an object's members, by name. */
export interface Members {
  readonly [name: string]: Plan | 0;
}

/** The part of a value that is being converted, for errors. */
export type Path = (string | number)[];

/** A value that can't be converted without changing it; or that is of another kind than was agreed on. */
export class Unfit extends Error {
  constructor(
    path: Path,
    what: string,
    readonly kind: "inexact" | "protocol" = "inexact",
  ) {
    super(`${pathText(path)}: ${what}`);
  }
}

function pathText(path: Path): string {
  let text = "";
  for (const part of path.slice(0, 16)) text += typeof part === "number" ? `[${part}]` : text ? `.${part}` : part;
  return path.length > 16 ? `${text}…` : text;
}

/** The plan of a variant or member, or nothing: names that objects inherit are none. */
export function member<T>(plans: { readonly [name: string]: T } | undefined, name: unknown): T | undefined {
  return plans && typeof name === "string" && Object.hasOwn(plans, name) ? plans[name] : undefined;
}

/** The plan that applies to a value: no function, and where variants without a tag may come, theirs or that of the others. */
export function planOf(plan: Plan | 0 | undefined, value: unknown): Exclude<Plan, Checked | (() => Plan)> | 0 | undefined {
  for (;;) {
    if (typeof plan === "function") plan = plan();
    else if (typeof plan === "object" && "u" in plan && !isTagged(plan, value)) plan = plan.u;
    else return plan as Exclude<Plan, Checked | (() => Plan)>;
  }
}

/** Whether a value is a variant with a tag that the plan knows. */
function isTagged(plan: Extract<Plan, { u?: unknown }>, value: unknown): boolean {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return false;
  if ("i" in plan) return member(plan.v, (value as Record<string, unknown>)[plan.i]) !== undefined;
  const names = Object.keys(value);
  return names.length === 1 && member(plan.s, names[0]) !== undefined;
}

/** Sets a member, also one named `__proto__`. */
export function setMember(object: Record<string, unknown>, name: string, value: unknown): void {
  if (name === "__proto__") Object.defineProperty(object, name, { value, writable: true, enumerable: true, configurable: true });
  else object[name] = value;
}
