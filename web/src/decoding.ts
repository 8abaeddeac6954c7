// Makes the values that an app sees of those that came.
import { fromBase64 } from "./base64.js";
import { member, setMember, Unfit, type Path, type Plan } from "./plan.js";

/**
 * Converts a value in its place: it came from the wire and nobody else has it.
 *
 * @param long whether there may be a bigint in it; a plan of plain integers is looked at only then.
 * @throws Unfit for what the plan's type can't hold.
 */
export function decode(plan: Plan | 0 | undefined, value: unknown, long: boolean, path: Path): unknown {
  while (typeof plan === "function") plan = plan();
  if (!plan || value === null || value === undefined) return value;
  if (typeof plan === "string") return leaf(plan, value, path);
  if (typeof value !== "object") return value;
  if (Array.isArray(value)) {
    if ("a" in plan) {
      if (plan.a === "int" && !long) return value;
      for (let at = 0; at < value.length; at++) value[at] = part(plan.a, value[at], at);
    } else if ("t" in plan) {
      for (let at = 0; at < plan.t.length && at < value.length; at++) value[at] = part(plan.t[at], value[at], at);
    }
    return value;
  }
  const object = value as Record<string, unknown>;
  if ("z" in plan) return plan.z.reduce((whole: unknown, one) => decode(one, whole, long, path), object);
  if ("i" in plan) {
    const variant = member(plan.v, object[plan.i]);
    if (plan.c === undefined) return decode(variant, object, long, path);
    if (Object.hasOwn(object, plan.c)) setMember(object, plan.c, part(variant, object[plan.c], plan.c));
    return object;
  }
  if ("m" in plan) {
    for (const name of Object.keys(object)) convert(name, member(plan.s, name) ?? plan.m);
  } else if ("s" in plan) {
    for (const name in plan.s) if (Object.hasOwn(object, name)) convert(name, plan.s[name]);
  }
  return object;

  function convert(name: string, of: Plan | 0 | undefined): void {
    if (!of || (of === "int" && !long)) return;
    const before = object[name];
    const after = part(of, before, name);
    if (after !== before) setMember(object, name, after);
  }

  function part(of: Plan | 0 | undefined, inner: unknown, name: string | number): unknown {
    path.push(name);
    const converted = decode(of, inner, long, path);
    path.pop();
    return converted;
  }
}

function leaf(plan: string, value: unknown, path: Path): unknown {
  switch (plan) {
    case "int":
      if (typeof value === "bigint") {
        throw new Unfit(path, `${value} is beyond what a number can hold: ask for a bigint with \`#[ipc(integer = "bigint")]\``);
      }
      return value;
    case "big":
    case "str":
      if (typeof value !== "bigint" && !Number.isSafeInteger(value)) throw new Unfit(path, "is no integer");
      return plan === "str" ? String(value) : BigInt(value as number | bigint);
    case "float":
      // Writers of other languages write large floats without a point.
      return typeof value === "bigint" ? Number(value) : value;
    case "bytes":
      if (typeof value !== "string") return value;
      try {
        return fromBase64(value);
      } catch {
        throw new Unfit(path, "is no base64");
      }
    default:
      return value;
  }
}
