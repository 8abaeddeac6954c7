// Makes the values that an app sees of those that came.
import { fromBase64 } from "./base64.js";
import { binary } from "./binary.js";
import { member, planOf, setMember, Unfit, type Checked, type Leaf, type Path, type Plan } from "./plan.js";

/**
 * Converts a value in its place: it came from the wire and nobody else has it.
 *
 * @param of the plan.
 * @param long whether there may be a bigint in it, or bytes; a plan of plain integers and one of any
 * JSON are looked at only then.
 * @throws Unfit for what the plan's type can't hold, and for a value of another kind.
 */
export function decode(of: Plan | 0 | undefined, value: unknown, long: boolean, path: Path): unknown {
  const checked = of as Checked | undefined;
  if (checked?.is) return checked.is(decode(checked.p, value, long, path), path);
  const plan = planOf(of, value);
  if (!plan || value === null || value === undefined) return value;
  if (typeof plan === "string") return leaf(plan, value, long, path);
  const isList = Array.isArray(value);
  if ("a" in plan || "t" in plan) {
    if (!isList) refuse("a list", value, path);
    else if ("t" in plan) plan.t.forEach((of, at) => at < value.length && (value[at] = part(of, value[at], at)));
    else if (plan.a !== "int" || long) for (let at = 0; at < value.length; at++) value[at] = part(plan.a, value[at], at);
    return value;
  }
  // A variant without anything in it is text.
  if (typeof value === "string" && "s" in plan) return value;
  if (isList || typeof value !== "object") refuse("an object", value, path);
  const object = value as Record<string, unknown>;
  if ("z" in plan) return plan.z.reduce((whole: unknown, one) => decode(one, whole, long, path), object);
  if ("i" in plan) {
    const variant = member(plan.v, object[plan.i]);
    if (plan.c === undefined) return decode(variant, object, long, path);
    convert(plan.c, variant);
  } else if ("m" in plan) {
    if (plan.k) binary.leaf?.(plan.k, object);
    for (const name of Object.keys(object)) convert(name, member(plan.s, name) ?? plan.m);
  } else if ("s" in plan) {
    for (const name in plan.s) convert(name, plan.s[name]);
  }
  return object;

  function convert(name: string, of: Plan | 0 | undefined): void {
    if (!of || (of === "int" && !long)) return;
    const before = object[name];
    // Nearly all floats are numbers already. An object's prototype has no number.
    if ((of === "float" && typeof before === "number") || !Object.hasOwn(object, name)) return;
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

function leaf(plan: Leaf, came: unknown, long: boolean, path: Path): unknown {
  const value = long && binary.leaf ? binary.leaf(plan, came) : came;
  if (plan === "json") return value;
  if (plan === "bytes") {
    if (typeof value === "string") {
      try {
        return fromBase64(value);
      } catch {
        // It is refused below.
      }
    } else if (value instanceof Uint8Array) return value;
    return refuse("base64", value, path);
  }
  const isBig = typeof value === "bigint";
  if (!isBig && typeof value !== "number") refuse("a number", value, path);
  // Writers of other languages write large floats without a point.
  if (plan === "float") return Number(value);
  if (plan === "int") {
    if (isBig) throw new Unfit(path, `${value} is beyond what a number can hold: ask for a bigint with \`#[ipc(integer = "bigint")]\``);
    return value;
  }
  if (!isBig && !Number.isSafeInteger(value)) refuse("an integer", value, path);
  return plan === "str" ? String(value) : BigInt(value as number | bigint);
}

function refuse(expected: string, value: unknown, path: Path): never {
  throw new Unfit(path, `${expected} was expected, and a ${Array.isArray(value) ? "list" : typeof value} came`, "protocol");
}
