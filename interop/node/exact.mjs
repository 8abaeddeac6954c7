// JSON with integers beyond 2^53 as bigints: what an app has to bring along, where the client lets it.

/** A long integer, with what stands before and behind it outside of strings. */
const LONG = /"(?:[^"\\]|\\.)*"|-?\d{16,}(?![\d.eE])/g;

export function parse(text) {
  const marked = text.replace(LONG, (found) => (found.startsWith('"') ? found : `{"$integer":"${found}"}`));
  return JSON.parse(marked, (_, value) => (typeof value?.$integer === "string" ? BigInt(value.$integer) : value));
}

export function stringify(value) {
  const text = JSON.stringify(value, (_, member) => (typeof member === "bigint" ? { $integer: String(member) } : member));
  return text.replace(/\{"\$integer":"(-?\d+)"\}/g, "$1");
}
