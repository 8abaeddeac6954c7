// JSON that keeps every integer: what a number can't hold is a bigint, and nothing else changes.

/** A message that was read. */
export interface Parsed {
  value: unknown;
  /** Whether there may be a bigint in it, or bytes. */
  long: boolean;
}

/** Any JSON. An integer beyond ±(2^53−1) is a `bigint`; a smaller one may be sent as a `bigint` too. */
export type JsonValue = null | boolean | number | bigint | string | JsonValue[] | { [key: string]: JsonValue };

const INTEGER = /^-?\d+$/;
/** The beginning of a string, or a number. Only of an integer that may be too long there is a group. */
const TOKENS = /"|(-?\d{16,})(?![\d.eE])|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g;

/** Begins the strings that stand for integers. It is random and never sent, so no peer can write it. */
const MARK = `\u0000${Math.random()}${Math.random()}:`;
const MARK_JSON = JSON.stringify(MARK).slice(1, -1);

/** Whether `JSON.parse` shows a reviver the text of a number, as far as is known: the oldest browsers and Node 20 don't. */
let hasSourceText = true;

/** Reads by the texts of numbers. */
function parseBySource(text: string): unknown {
  return JSON.parse(text, ((_key: string, value: unknown, context?: { source?: string }) => {
    if (typeof value !== "number" || Number.isSafeInteger(value)) return value;
    const source = context?.source;
    // It is read anew, by marks. Some engines leave out a text now and then.
    if (source === undefined) hasSourceText = false;
    else if (INTEGER.test(source)) return BigInt(source);
    return value;
  }) as (key: string, value: unknown) => unknown);
}

const isDigit = (code: number): boolean => code >= 48 && code <= 57;

/**
 * Whether there may be an integer of 16 digits. Wherever it begins, it covers one of each 16 places:
 * only those are looked at, and what is around the digits there. Digits behind a point are none of an
 * integer: floats are written with up to 17.
 */
function mayHaveLong(text: string): boolean {
  for (let at = 15; at < text.length; at += 16) {
    if (!isDigit(text.charCodeAt(at))) continue;
    let start = at;
    while (isDigit(text.charCodeAt(start - 1))) start--;
    let end = at + 1;
    while (isDigit(text.charCodeAt(end))) end++;
    if (end - start >= 16 && text[start - 1] !== "." && !/[.eE]/.test(text[end] ?? "")) return true;
    at = end;
  }
  return false;
}

/**
 * Reads a text.
 *
 * @throws SyntaxError if it isn't JSON.
 */
export function parse(text: string): Parsed {
  // Nearly all messages have no integer of 16 digits, and are read at the speed of `JSON.parse`.
  if (!mayHaveLong(text)) return { value: JSON.parse(text), long: false };
  const value = hasSourceText && parseBySource(text);
  return { value: hasSourceText ? value : parseMarked(text), long: true };
}

/**
 * Where the string ends that begins before this place: a pattern that repeats a group keeps a place
 * to go back to for each time, and has no room for those of a long string.
 */
export function stringEnd(text: string, from: number): number {
  for (let end = from; ; ) {
    const quote = text.indexOf('"', end);
    if (quote < 0) return text.length;
    let escapes = quote;
    while (escapes > from && text[escapes - 1] === "\\") escapes--;
    end = quote + 1;
    if ((quote - escapes) % 2 === 0) return end;
  }
}

/** Makes marked strings of long integers, and integers of the marked strings that it finds again. */
export function parseMarked(text: string): unknown {
  // A text that isn't JSON could become JSON by the marks.
  JSON.parse(text);
  const marked: string[] = [];
  let written = 0;
  TOKENS.lastIndex = 0;
  for (let token = TOKENS.exec(text); token; token = TOKENS.exec(text)) {
    const { 0: whole, 1: long, index } = token;
    if (whole === '"') TOKENS.lastIndex = stringEnd(text, index + 1);
    else if (long !== undefined) {
      marked.push(text.slice(written, index), `"${MARK_JSON}${long}"`);
      written = TOKENS.lastIndex;
    }
  }
  marked.push(text.slice(written));
  return JSON.parse(marked.join(""), (_key, value: unknown) => {
    if (typeof value !== "string" || !value.startsWith(MARK)) return value;
    const integer = BigInt(value.slice(MARK.length));
    const number = Number(integer);
    return Number.isSafeInteger(number) ? number : integer;
  });
}

/**
 * Writes a value in which bigints and a negative zero are kept. The value has been checked: there is
 * nothing in it that JSON hasn't.
 */
export function stringify(value: unknown): string {
  if (typeof value === "bigint") return String(value);
  if (Object.is(value, -0)) return "-0.0";
  if (value === null || typeof value !== "object") return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(stringify).join()}]`;
  const members: string[] = [];
  for (const [key, member] of Object.entries(value)) {
    if (member !== undefined) members.push(`${JSON.stringify(key)}:${stringify(member)}`);
  }
  return `{${members.join()}}`;
}
