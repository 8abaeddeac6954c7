// Looks whether values are of their types: for development, an entry of its own (`ipc-runtime/check`).
import type { Check, Method } from "./bindings.js";
import { faultOf, faultText } from "./fault.js";
import { Unfit, type Checked, type Path, type Plan } from "./plan.js";
import type { MethodTypes, Type, Types } from "./types.js";

/**
 * Makes what the option `check` of a connection takes, of the types that bindings have if they were
 * made with `Bindings::checkable`:
 *
 * ```ts
 * const ipc = await connect("/ipc", { check: import.meta.env.DEV ? check($Types) : undefined });
 * ```
 *
 * Then all values are looked at that are sent and that come: arguments, results, items, errors and
 * reports of progress, of calls and of handlers. A wrong value fails its call and is told with its
 * path and with what is expected there.
 */
export function check(...all: readonly Types[]): Check {
  const checked = new Map<Method, () => Method>();
  for (const { types, interfaces = [], events = [] } of all) {
    const plan = (of: Type | undefined, known: Plan | 0 | undefined): Checked | undefined => {
      if (of === undefined) return undefined;
      const is = <T>(value: T, path: Path): T => {
        const fault = faultOf(types, of, value);
        if (fault) throw new Unfit([...path, ...fault.path], faultText(fault), "protocol");
        return value;
      };
      return { is, p: known ?? 0 };
    };
    const add = (methods: { readonly [name: string]: Method }, of: { readonly [name: string]: MethodTypes }): void => {
      for (const [name, own] of Object.entries(of)) {
        const method = methods[name] as Method;
        checked.set(method, () => {
          const a = own.a?.map((type, at) => {
            const known = method.a?.[at];
            if (typeof type !== "object" || !("stream" in type)) return plan(type, known) as Plan;
            return { stream: plan(type.stream, (known as { stream: Plan | 0 }).stream) as Plan };
          });
          const { r, e, p, x } = own;
          const plans = { a, r: plan(r, method.r), e: plan(e, method.e), p: plan(p, method.p), x: plan(x, method.x) };
          return { ...method, ...Object.fromEntries(Object.entries(plans).filter(([, plan]) => plan)) };
        });
      }
    };
    for (const [{ methods }, of] of interfaces) add(methods, of);
    for (const [methods, of] of events) add(methods, of);
  }
  // What isn't in the types is left as it is.
  return (method) => checked.get(method)?.() ?? method;
}

export type { Type, Types } from "./types.js";
