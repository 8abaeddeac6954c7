// Makes the values that travel of those that an app gives. What JSON would change without a word is
// refused with its path: NaN, holes, lone surrogates, dates.
import { toBase64 } from "./base64.js";
import { binary } from "./binary.js";
import { member, planOf, setMember, Unfit, type Checked, type Path, type Plan } from "./plan.js";

/** No message is taken that is nested deeper, and what contains itself ends here. */
const MAX_DEPTH = 128;

/** The plans of integers. */
const INTEGERS: readonly unknown[] = ["int", "big", "u128", "i128", "str"];

/** What one message's values are converted for. */
export class Encoding {
  /** Whether there is something in it that `JSON.stringify` doesn't keep. */
  exact = false;
  readonly #path: Path = [];

  /** @param json whether the message will be JSON: it has no bytes, NaN and infinities, but integers of any length. */
  constructor(readonly json: boolean) {}

  /**
   * Converts a value. The app's own value stays as it is.
   *
   * @param name what errors call it.
   * @throws Unfit for what can't travel as it is.
   */
  convert(plan: Plan | 0 | undefined, value: unknown, name: string): unknown {
    this.#path.length = 0;
    const checked = plan as Checked | undefined;
    return checked?.is ? this.#part(checked.p, checked.is(value, [name]), name) : this.#part(plan, value, name);
  }

  #part(plan: Plan | 0 | undefined, value: unknown, name: string | number): unknown {
    this.#path.push(name);
    const converted = this.#value(plan, value);
    this.#path.pop();
    return converted;
  }

  #value(of: Plan | 0 | undefined, value: unknown): unknown {
    const plan = planOf(of, value);
    switch (typeof value) {
      case "number":
        return this.#number(plan, value);
      case "bigint":
        if (plan === "int" && !Number.isSafeInteger(Number(value))) this.#refuse(`${value} is beyond what a number can hold`);
        this.exact = true;
        return this.#integer(plan, value);
      case "string":
        return this.#text(plan, value);
      case "boolean":
        return value;
      case "object":
        if (value === null) return value;
        if (this.#path.length > MAX_DEPTH) this.#refuse(`is nested more than ${MAX_DEPTH} deep, or contains itself`);
        if (ArrayBuffer.isView(value)) return this.#bytes(plan, value);
        return Array.isArray(value) ? this.#array(plan, value) : this.#object(plan, value);
      default:
        return this.#refuse(`${value === undefined ? "undefined" : `a ${typeof value}`} can't be sent`);
    }
  }

  #number(plan: Plan | 0 | undefined, value: number): unknown {
    if (INTEGERS.includes(plan)) {
      if (!Number.isSafeInteger(value)) this.#refuse(`${value} is no integer that a number can hold`);
      return this.#integer(plan, value || 0);
    }
    if ((this.json || plan === "json") && !Number.isFinite(value)) {
      this.#refuse(`${value} can't travel as JSON`);
    } else if (Object.is(value, -0) && (plan === "float" || plan === "json")) {
      this.exact = true;
      return value;
    }
    return value === 0 ? 0 : value;
  }

  #integer(plan: Plan | 0 | undefined, value: number | bigint): unknown {
    return this.json ? value : (binary.integer?.(plan, value) ?? this.#refuse(`${value} is beyond its range`));
  }

  #text(plan: Plan | 0 | undefined, value: string): unknown {
    if (plan === "str") {
      if (!/^(?:0|-?[1-9]\d*)$/.test(value)) this.#refuse(`${JSON.stringify(value.slice(0, 64))} is no integer`);
      this.exact = true;
      return this.#integer(plan, BigInt(value));
    }
    if (/\p{Surrogate}/u.test(value)) this.#refuse("has half of a surrogate pair, which is no text");
    return value;
  }

  #bytes(plan: Plan | 0 | undefined, value: ArrayBufferView): unknown {
    if (!(value instanceof Uint8Array)) this.#refuse("give bytes as a Uint8Array");
    // A copy: the app may change its own before they are written.
    if (plan === "bytes") return this.json ? toBase64(value) : new Uint8Array(value);
    return this.#refuse("bytes aren't taken here: a `Vec<u8>` of Rust is an array of numbers");
  }

  #array(plan: Plan | 0 | undefined, value: readonly unknown[]): unknown {
    const copy = new Array<unknown>(value.length);
    for (let at = 0; at < value.length; at++) {
      let of: Plan | 0 | undefined;
      if (plan === "json") of = plan;
      else if (typeof plan === "object") of = "a" in plan ? plan.a : "t" in plan ? plan.t[at] : 0;
      copy[at] = this.#part(of, value[at], at);
    }
    return copy;
  }

  #object(plan: Plan | 0 | undefined, value: object): unknown {
    const prototype: unknown = Object.getPrototypeOf(value);
    // An object of another realm has another `Object.prototype`, which itself has no prototype.
    if (prototype !== null && Object.getPrototypeOf(prototype) !== null) {
      this.#refuse(`a ${(value as { constructor?: { name?: string } }).constructor?.name ?? "class"} can't be sent: give a plain object`);
    }
    const source = value as Record<string, unknown>;
    const copy: Record<string, unknown> = {};
    for (const name of Object.keys(source)) {
      // A field that is undefined is left out, as JSON does. An entry of a map would be lost.
      if (source[name] === undefined && !isEntry(plan, source, name)) continue;
      this.#text(0, name);
      setMember(copy, name, this.#part(memberPlan(plan, source, name), source[name], name));
    }
    return copy;
  }

  #refuse(what: string): never {
    throw new Unfit(this.#path, what);
  }
}

/** The plan of an object's member. */
function memberPlan(of: Plan | 0 | undefined, source: Record<string, unknown>, name: string): Plan | 0 | undefined {
  const plan = planOf(of, source);
  if (plan === "json") return plan;
  if (typeof plan !== "object") return 0;
  if ("z" in plan) {
    for (const one of plan.z) {
      const found = memberPlan(one, source, name);
      if (found) return found;
    }
    return 0;
  }
  if ("i" in plan) {
    const variant = member(plan.v, source[plan.i]);
    if (plan.c === undefined) return memberPlan(variant, source, name);
    return name === plan.c ? variant : 0;
  }
  if ("a" in plan || "t" in plan || "stream" in plan) return 0;
  return member(plan.s, name) ?? plan.m;
}

/** Whether a member is an entry of a map, and no field. */
function isEntry(of: Plan | 0 | undefined, source: Record<string, unknown>, name: string): boolean {
  const plan = planOf(of, source);
  if (typeof plan !== "object") return false;
  if ("z" in plan) return plan.z.some((one) => isEntry(one, source, name));
  if ("i" in plan) return plan.c === undefined && isEntry(member(plan.v, source[plan.i]), source, name);
  return "m" in plan && member(plan.s, name) === undefined;
}
