// The words of types: what a value is that holds no others.

/** An integer: its sign, its bits, whether it isn't zero, and whether it is a bigint or digits. */
const INTEGER = /^([iu])(\d+)(!?)([ns]?)$/;

const DIGITS = /^(?:0|-?[1-9]\d*)$/;
const FLOAT = /^-?\d+(?:\.\d+)?(?:e[+-]?\d+)?$/i;

const TEXTS: { readonly [word: string]: string } = {
  any: "a value",
  boolean: "a boolean",
  bytes: "a Uint8Array",
  char: "text of one character",
  json: "JSON",
  null: "null",
  number: "a number",
  string: "text",
};

/** Whether a value is what a word says. */
export function fitsWord(word: string, value: unknown): boolean {
  switch (word) {
    case "any":
      return value !== undefined;
    case "null":
      return value === null;
    case "boolean":
    case "number":
    case "string":
      return typeof value === word;
    case "char":
      return typeof value === "string" && isChar(value);
    case "bytes":
      return value instanceof Uint8Array;
    case "json":
      return isJson(value, 0);
  }
  const { isText, isBig } = integer(word);
  if (isText) return typeof value === "string" && DIGITS.test(value) && isWithin(word, BigInt(value));
  if (isBig) return typeof value === "bigint" && isWithin(word, value);
  return Number.isSafeInteger(value) && isWithin(word, BigInt(value as number));
}

/** Whether the name of a map's entry is what a word says: names are text. */
export function fitsKey(word: string, name: string): boolean {
  if (word === "boolean") return name === "true" || name === "false";
  return word === "number" ? FLOAT.test(name) : fitsWord(word, name);
}

/** A word for people to read. */
export function wordText(word: string): string {
  const text = TEXTS[word];
  if (text !== undefined) return text;
  const { isText, isBig, least, most, hasZero } = integer(word);
  const kind = isText ? "an integer as text" : isBig ? "a bigint" : "an integer";
  return `${kind} from ${least} to ${most}${hasZero ? "" : " but 0"}`;
}

interface Integer {
  isText: boolean;
  isBig: boolean;
  hasZero: boolean;
  least: bigint;
  most: bigint;
}

const known = new Map<string, Integer>();

/** @throws Error for a word of another version of the package. */
function integer(word: string): Integer {
  let of = known.get(word);
  if (of) return of;
  const [, sign, bits, isNonZero, form] = INTEGER.exec(word) ?? [];
  if (bits === undefined) throw new Error(`this version of the package ipc-runtime doesn't know the type ${JSON.stringify(word)} of the bindings: update it`);
  const isSigned = sign === "i";
  const range = 1n << BigInt(isSigned ? Number(bits) - 1 : bits);
  const hasZero = !isNonZero;
  const least = isSigned ? -range : hasZero ? 0n : 1n;
  of = { isText: form === "s", isBig: form === "n", hasZero: hasZero || !isSigned, least, most: range - 1n };
  known.set(word, of);
  return of;
}

function isWithin(word: string, value: bigint): boolean {
  const { least, most, hasZero } = integer(word);
  return value >= least && value <= most && (hasZero || value !== 0n);
}

function isChar(text: string): boolean {
  return text.length > 0 && text.length === String.fromCodePoint(text.codePointAt(0) as number).length;
}

/** How it is nested is looked at where it is sent. */
function isJson(value: unknown, depth: number): boolean {
  if (value === null || depth > 128) return true;
  if (Array.isArray(value)) return value.every((item) => isJson(item, depth + 1));
  if (typeof value !== "object") return ["boolean", "number", "bigint", "string"].includes(typeof value);
  return !ArrayBuffer.isView(value) && Object.values(value).every((member) => member === undefined || isJson(member, depth + 1));
}
