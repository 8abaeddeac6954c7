// Whether two values are equal, as Node's `assert` has it in its strict mode.

/** What is shown of a value. */
export function shown(value: unknown): string {
  const seen = new Set<unknown>();
  const text = (one: unknown, depth: number): string => {
    if (typeof one === "string") return JSON.stringify(one);
    if (typeof one === "bigint") return `${one}n`;
    if (Object.is(one, -0)) return "-0";
    if (typeof one === "function") return `function ${one.name}`;
    if (typeof one !== "object" || one === null) return String(one);
    if (one instanceof RegExp || one instanceof Date) return String(one);
    if (seen.has(one) || depth > 5) return "…";
    seen.add(one);
    const name = one instanceof Error ? `${one.name}: ${one.message} ` : "";
    const all = Array.isArray(one) || ArrayBuffer.isView(one);
    const members = Reflect.ownKeys(one)
      .filter((key) => Object.prototype.propertyIsEnumerable.call(one, key))
      .slice(0, 100)
      .map((key) => `${all ? "" : `${String(key)}: `}${text((one as Record<PropertyKey, unknown>)[key], depth + 1)}`);
    return all ? `[${members.join(", ")}]` : `${name}{ ${members.join(", ")} }`;
  };
  return text(value, 0);
}

/** Whether they are deeply and strictly equal. */
export function same(a: unknown, b: unknown, met: Map<object, object> = new Map()): boolean {
  if (Object.is(a, b)) return true;
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return false;
  if (Object.getPrototypeOf(a) !== Object.getPrototypeOf(b)) return false;
  if (met.get(a) === b) return true;
  met.set(a, b);
  if (a instanceof Date && b instanceof Date && !Object.is(a.getTime(), b.getTime())) return false;
  if (a instanceof RegExp && String(a) !== String(b)) return false;
  if (a instanceof Number || a instanceof String || a instanceof Boolean || a instanceof BigInt || a instanceof Symbol) {
    if (!Object.is(a.valueOf(), (b as object).valueOf())) return false;
  }
  if (a instanceof Error && b instanceof Error) {
    if (a.name !== b.name || a.message !== b.message || !same(a.cause, b.cause, met)) return false;
  }
  if (Array.isArray(a) && a.length !== (b as unknown[]).length) return false;
  if (a instanceof Set && !sameSets(a, b as Set<unknown>, met)) return false;
  if (a instanceof Map && !sameMaps(a, b as Map<unknown, unknown>, met)) return false;
  if (a instanceof ArrayBuffer) return same(new Uint8Array(a), new Uint8Array(b as ArrayBuffer));
  const keys = enumerable(a);
  const others = new Set(enumerable(b));
  if (keys.length !== others.size) return false;
  return keys.every((key) => others.has(key) && same((a as Record<PropertyKey, unknown>)[key], (b as Record<PropertyKey, unknown>)[key], met));
}

const enumerable = (value: object): PropertyKey[] => Reflect.ownKeys(value).filter((key) => Object.prototype.propertyIsEnumerable.call(value, key));

function sameSets(a: Set<unknown>, b: Set<unknown>, met: Map<object, object>): boolean {
  if (a.size !== b.size) return false;
  const left = new Set(b);
  return [...a].every((one) => {
    const found = left.has(one) ? [one] : [...left].filter((other) => same(one, other, new Map(met))).slice(0, 1);
    found.forEach((other) => left.delete(other));
    return found.length === 1;
  });
}

function sameMaps(a: Map<unknown, unknown>, b: Map<unknown, unknown>, met: Map<object, object>): boolean {
  if (a.size !== b.size) return false;
  const left = new Map(b);
  return [...a].every(([key, value]) => {
    const found = [...left].find(([other, its]) => same(key, other, new Map(met)) && same(value, its, new Map(met)));
    return found !== undefined && left.delete(found[0]);
  });
}
