// Where a value isn't of its type. Of a union it is what is nearest to the value that is told.
import type { Path } from "./plan.js";
import type { ObjectType, Type, TypesByName } from "./types.js";
import { fitsKey, fitsWord, wordText } from "./words.js";

/** So deep values are looked at. No message is nested deeper. */
const MAX_DEPTH = 128;

/** So many members or variants are named. */
const MAX_NAMED = 8;

/** A value that isn't of its type. */
export interface Fault {
  /** From the value that was looked at to the one that is wrong. */
  path: Path;
  /** What may stand there. */
  expected: string[];
  /** What stands there. */
  value: unknown;
  /** How much of the type fits: of a union's types, that is meant which fits best. */
  rank: number;
}

/**
 * Looks where a value isn't of a type. Members that are `undefined` aren't sent, and so aren't there.
 *
 * @param types those that the type names.
 */
export function faultOf(types: TypesByName, type: Type, value: unknown): Fault | undefined {
  return new Search(types).fault(type, value ?? null, 0, false);
}

/** What is expected, and what there is instead. */
export function faultText({ expected, value }: Fault): string {
  const distinct = [...new Set(expected)];
  const named = distinct.length > MAX_NAMED ? [...distinct.slice(0, MAX_NAMED), "…"] : distinct;
  return `${named.join(" or ") || "nothing"} is expected, ${value === undefined ? "and there is none" : `not ${shown(value)}`}`;
}

class Search {
  /**
   * What is known of each list and object, by the name of the type and the place. An enum without tags
   * looks at the same member once for each variant that has it, and so on within it.
   */
  readonly #known = new Map<object, Map<string, Fault | undefined>>();

  constructor(readonly types: TypesByName) {}

  /**
   * @param depth how deep the value is in the first one.
   * @param isPart whether other types have members of the same object.
   */
  fault(type: Type, value: unknown, depth: number, isPart: boolean): Fault | undefined {
    if (depth > MAX_DEPTH) return { path: [], expected: [`what is nested at most ${MAX_DEPTH} deep`], value, rank: 0 };
    if (typeof type === "string") return this.#named(type, value, depth, isPart);
    if (isUnion(type)) return this.#union(type, value, depth, isPart);
    if ("z" in type) return this.#all(type.z, value, depth);
    if (!("a" in type || "t" in type)) return this.#object(type, value, depth, isPart);
    if (!Array.isArray(value)) return this.#wrong(type, value);
    const { length } = value;
    const [least, most] = "t" in type ? [type.n ?? type.t.length, type.t.length] : [type.n ?? 0, type.n ?? Infinity];
    if (length < least || length > most) return this.#wrong(type, value);
    for (let at = 0; at < length; at++) {
      const fault = this.#inside("t" in type ? (type.t[at] as Type) : type.a, value[at], at, depth);
      if (fault) return fault;
    }
    return undefined;
  }

  #named(type: string, value: unknown, depth: number, isPart: boolean): Fault | undefined {
    if (type.startsWith("'")) return value === type.slice(1) ? undefined : this.#wrong(type, value);
    if (!type.startsWith("#")) return fitsWord(type, value) ? undefined : this.#wrong(type, value);
    if (typeof value !== "object" || value === null) return this.#behindName(type, value, depth, isPart);
    const place = `${depth} ${isPart} ${type}`;
    const known = this.#known.get(value) ?? new Map<string, Fault | undefined>();
    this.#known.set(value, known);
    if (!known.has(place)) known.set(place, this.#behindName(type, value, depth, isPart));
    return known.get(place);
  }

  #behindName(type: string, value: unknown, depth: number, isPart: boolean): Fault | undefined {
    const behind = this.#behind(type);
    const fault = this.fault(behind, value, depth, isPart);
    // The name says more than its members do.
    return fault && !fault.path.length && isNamedByItself(behind) ? { ...fault, expected: [type.slice(1).replace(/\/.*/, "")] } : fault;
  }

  #behind(type: string): Type {
    const name = type.slice(1);
    if (!Object.hasOwn(this.types, name)) throw new Error(`the bindings have no type ${name}: make them anew`);
    return this.types[name] as Type;
  }

  /** The types that fit best, if none does. */
  #union(parts: readonly Type[], value: unknown, depth: number, isPart: boolean): Fault | undefined {
    let best: Fault[] = [];
    for (const part of parts) {
      const fault = this.fault(part, value, depth, isPart);
      if (!fault) return undefined;
      const { rank } = best[0] ?? { rank: -Infinity };
      if (fault.rank > rank) best = [fault];
      else if (fault.rank === rank) best.push(fault);
    }
    const [first] = best;
    const place = (fault: Fault): string => JSON.stringify(fault.path);
    if (!first || best.some((fault) => place(fault) !== place(first))) return this.#wrong(parts, value);
    return { ...first, expected: best.flatMap(({ expected }) => expected) };
  }

  #all(parts: readonly Type[], value: unknown, depth: number): Fault | undefined {
    let fits = 0;
    for (const part of parts) {
      const fault = this.fault(part, value, depth, true);
      // Where the tag fits, this variant is meant.
      if (fault) return { ...fault, rank: Math.max(fault.rank, fits) };
      fits = 1;
    }
    return undefined;
  }

  #object(type: ObjectType, value: unknown, depth: number, isPart: boolean): Fault | undefined {
    if (typeof value !== "object" || value === null || Array.isArray(value) || ArrayBuffer.isView(value)) return this.#wrong(type, value);
    const { s = {}, o = {}, m, k, x } = type;
    const members = value as Record<string, unknown>;
    const get = (name: string): unknown => (Object.hasOwn(members, name) ? members[name] : undefined);
    let fits = 0;
    // Tags first: they say which variant is meant.
    for (const [name, of] of Object.entries(s)) {
      if (!isLiteral(of)) continue;
      const fault = this.#named(of as string, get(name), depth, false);
      if (fault) return { ...fault, path: [name], rank: 0.5 };
      fits = 1;
    }
    for (const [name, of] of Object.entries(s)) {
      const member = get(name);
      if (member === undefined) return { path: [name], expected: [this.#text(of)], value: member, rank: fits };
      const fault = this.#inside(of, member, name, depth);
      if (fault) return fault;
    }
    for (const [name, of] of Object.entries(o)) {
      const member = get(name);
      const fault = member === undefined ? undefined : this.#inside(of, member, name, depth);
      if (fault) return fault;
    }
    if (m === undefined && (!x || isPart)) return undefined;
    for (const [name, member] of Object.entries(members)) {
      if (Object.hasOwn(s, name) || Object.hasOwn(o, name)) continue;
      if (m !== undefined) {
        if (k !== undefined && !this.#isKey(k, name)) return { path: [], expected: [`a name that is ${this.#text(k)}`], value: name, rank: 1 };
        const fault = this.#inside(m, member, name, depth);
        if (fault) return fault;
      } else if (member !== undefined) return { path: [name], expected: [], value: member, rank: fits };
    }
    return undefined;
  }

  #inside(type: Type, value: unknown, name: string | number, depth: number): Fault | undefined {
    const fault = this.fault(type, value, depth + 1, false);
    return fault && { ...fault, path: [name, ...fault.path], rank: fault.rank + 1 };
  }

  #isKey(type: Type, name: string): boolean {
    if (isUnion(type)) return type.some((part) => this.#isKey(part, name));
    if (typeof type === "string" && type.startsWith("#")) return this.#isKey(this.#behind(type), name);
    return typeof type !== "string" || (isLiteral(type) ? type.slice(1) === name : fitsKey(type, name));
  }

  #wrong(type: Type, value: unknown): Fault {
    const parts = isUnion(type) ? type : [type];
    // That nothing may stand there is the least of what may be meant.
    return { path: [], expected: parts.map((part) => this.#text(part)), value, rank: parts.length ? 0 : -1 };
  }

  /** A type for people to read. */
  #text(type: Type): string {
    if (typeof type === "string") {
      if (isLiteral(type)) return JSON.stringify(type.slice(1));
      if (!type.startsWith("#")) return wordText(type);
      const behind = this.#behind(type);
      return isUnion(behind) ? this.#text(behind) : type.slice(1).replace(/\/.*/, "");
    }
    if (isUnion(type)) return listed(type.map((part) => this.#text(part)), " or ") || "nothing";
    if ("z" in type) return listed(type.z.map((part) => this.#text(part)), " & ");
    if ("t" in type) return `a list of ${type.t.length}`;
    if ("a" in type) return type.n === undefined ? "a list" : `a list of ${type.n}`;
    const members = Object.entries(type.s ?? {}).map(([name, of]) => (isLiteral(of) ? `${name}: ${this.#text(of)}` : name));
    return members.length ? `{ ${listed(members, ", ")} }` : "an object";
  }
}

function isUnion(type: Type): type is readonly Type[] {
  return Array.isArray(type);
}

function isLiteral(type: Type): boolean {
  return typeof type === "string" && type.startsWith("'");
}

/** Whether a type's own name tells what it is: of a union it would only tell that none of it fits. */
function isNamedByItself(type: Type): boolean {
  return typeof type === "object" && !isUnion(type) && !("a" in type || "t" in type);
}

function listed(texts: string[], sign: string): string {
  return (texts.length > MAX_NAMED ? [...texts.slice(0, MAX_NAMED), "…"] : texts).join(sign);
}

/** A value for people to read. */
function shown(value: unknown): string {
  if (typeof value === "bigint") return `${value}n`.slice(0, 64);
  if (typeof value === "number" || typeof value === "boolean" || value === null) return String(Object.is(value, -0) ? 0 : value);
  if (typeof value === "string") return JSON.stringify(value.length > 64 ? `${value.slice(0, 64)}…` : value);
  if (Array.isArray(value)) return `a list of ${value.length}`;
  if (typeof value !== "object") return `a ${typeof value}`;
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== null && prototype !== Object.prototype) return `a ${(prototype as { constructor?: { name?: string } }).constructor?.name ?? "class"}`;
  const names = Object.keys(value);
  return names.length ? `{ ${listed(names, ", ")} }` : "{}";
}
