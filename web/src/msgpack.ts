// MessagePack. Written here and not taken from a package: what messages are made of is little, and it
// has to stay what it is, a negative zero, a small integer in 64 bits, a member named `__proto__`; and
// of a message that is too large, its beginning says whose it was.
import { fromBase64, toBase64 } from "./base64.js";
import { binary } from "./binary.js";
import type { Codec } from "./codec.js";
import type { Message } from "./message.js";
import { setMember } from "./plan.js";

/** MessagePack, as bytes. */
export const msgpack: Codec = {
  name: "msgpack",
  encode: (message) => new Writer().write(message),
  decode: (message) => {
    const reader = new Reader(bytesOf(message));
    const value = reader.value();
    if (reader.at !== message.length) throw new RangeError("there is more behind the message");
    return { value, long: reader.long };
  },
};

/** The members of a message that were read before its end, or before what can't be read. */
export function beginningOf(message: Uint8Array): Message {
  const found: Record<string, unknown> = {};
  try {
    new Reader(message).members(found, true);
  } catch {
    // What was read is there.
  }
  return found;
}

function bytesOf(message: string | Uint8Array): Uint8Array {
  if (typeof message === "string") throw new TypeError("text is JSON, which isn't spoken here");
  return message;
}

const encoder = new TextEncoder();

/** Integers have 64 bits. Those of 128 are bytes, the highest first. */
binary.integer = (plan, value) => {
  const isWide = plan === "u128" || plan === "i128";
  if (typeof value === "number" && !isWide) return value;
  const integer = BigInt(value);
  const bits = isWide ? 128 : 64;
  const fits = (plan !== "u128" && BigInt.asIntN(bits, integer) === integer) || (plan !== "i128" && BigInt.asUintN(bits, integer) === integer);
  if (!fits || !isWide) return fits ? integer : undefined;
  const view = new DataView(new ArrayBuffer(16));
  view.setBigUint64(0, BigInt.asUintN(64, integer >> 64n));
  view.setBigUint64(8, BigInt.asUintN(64, integer));
  return new Uint8Array(view.buffer);
};

/** An integer of 128 bits. */
function wide(plan: "u128" | "i128", { buffer, byteOffset }: Uint8Array): bigint {
  const view = new DataView(buffer, byteOffset);
  return ((plan === "u128" ? view.getBigUint64(0) : view.getBigInt64(0)) << 64n) | view.getBigUint64(8);
}

binary.leaf = (plan, value) => {
  if (plan === "json") return plain(value);
  if (plan !== "u128" && plan !== "i128") return value;
  if (value instanceof Uint8Array) return value.length === 16 ? wide(plan, value) : value;
  if (typeof value === "object") keys(plan, value as Record<string, unknown>);
  return value;
};

/** Any JSON has no bytes. */
function plain(value: unknown): unknown {
  if (value instanceof Uint8Array) return toBase64(value);
  if (Array.isArray(value)) value.forEach((item, at) => (value[at] = plain(item)));
  else if (value !== null && typeof value === "object") for (const [name, one] of Object.entries(value)) setMember(value as Record<string, unknown>, name, plain(one));
  return value;
}

function keys(plan: "u128" | "i128", object: Record<string, unknown>): void {
  for (const name of Object.keys(object)) {
    // A key of 128 bits came as bytes, which no other text of a key looks like.
    if (!/^[\w+/]{22}==$/.test(name)) continue;
    setMember(object, String(wide(plan, fromBase64(name))), object[name]);
    delete object[name];
  }
}

/** Writes one message. */
class Writer {
  #bytes = new Uint8Array(256);
  #view = new DataView(this.#bytes.buffer);
  #length = 0;

  /**
   * @throws RangeError for an integer beyond 64 bits.
   */
  write(message: unknown): Uint8Array {
    this.#value(message);
    return this.#bytes.subarray(0, this.#length);
  }

  /** Makes room for so many bytes, and returns where they begin. */
  #room(count: number): number {
    const at = this.#length;
    this.#length += count;
    if (this.#length > this.#bytes.length) {
      const bytes = new Uint8Array(Math.max(this.#length, 2 * this.#bytes.length));
      bytes.set(this.#bytes);
      this.#bytes = bytes;
      this.#view = new DataView(bytes.buffer);
    }
    return at;
  }

  /** Writes a marker, and an integer of so many bytes behind it. */
  #marked(marker: number, bytes: number, integer: number): void {
    const at = this.#room(1 + bytes);
    this.#view.setUint8(at, marker);
    if (bytes === 1) this.#view.setUint8(at + 1, integer);
    else if (bytes === 2) this.#view.setUint16(at + 1, integer);
    else if (bytes) this.#view.setUint32(at + 1, integer);
  }

  /** Writes a length. The markers are those of 8, 16 and 32 bits, of which the first may be missing. */
  #head(length: number, fix: number, below: number, eight: number, sixteen: number): void {
    if (length < below) this.#marked(fix + length, 0, 0);
    else if (length < 0x100 && eight) this.#marked(eight, 1, length);
    else if (length < 0x10000) this.#marked(sixteen, 2, length);
    else this.#marked(sixteen + 1, 4, length);
  }

  #value(value: unknown): void {
    switch (typeof value) {
      case "number":
        return this.#number(value);
      case "bigint":
        return this.#bigint(value);
      case "string":
        return this.#text(value);
      case "boolean":
        return this.#marked(value ? 0xc3 : 0xc2, 0, 0);
    }
    // An array has nothing else for what is undefined, in JSON too.
    if (value === null || typeof value !== "object") this.#marked(0xc0, 0, 0);
    else if (value instanceof Uint8Array) {
      this.#head(value.length, 0, 0, 0xc4, 0xc5);
      const at = this.#room(value.length);
      this.#bytes.set(value, at);
    } else if (Array.isArray(value)) {
      this.#head(value.length, 0x90, 16, 0, 0xdc);
      for (const item of value) this.#value(item);
    } else {
      const members = Object.entries(value).filter(([, member]) => member !== undefined);
      this.#head(members.length, 0x80, 16, 0, 0xde);
      for (const [name, member] of members) {
        this.#text(name);
        this.#value(member);
      }
    }
  }

  #number(value: number): void {
    if (!Number.isSafeInteger(value) || Object.is(value, -0)) {
      const at = this.#room(9);
      this.#view.setUint8(at, 0xcb);
      this.#view.setFloat64(at + 1, value);
    } else if (value >= 0) {
      if (value < 0x100000000) this.#head(value, 0, 0x80, 0xcc, 0xcd);
      else this.#bigint(BigInt(value));
    } else if (value >= -0x20) this.#marked(value & 0xff, 0, 0);
    else if (value >= -0x80) this.#marked(0xd0, 1, value);
    else if (value >= -0x8000) this.#marked(0xd1, 2, value);
    else if (value >= -0x80000000) this.#marked(0xd2, 4, value);
    else this.#bigint(BigInt(value));
  }

  #bigint(value: bigint): void {
    const isNegative = value < 0;
    if (value !== (isNegative ? BigInt.asIntN(64, value) : BigInt.asUintN(64, value))) throw new RangeError(`${value} has more than 64 bits`);
    const at = this.#room(9);
    this.#view.setUint8(at, isNegative ? 0xd3 : 0xcf);
    this.#view.setBigUint64(at + 1, BigInt.asUintN(64, value));
  }

  #text(text: string): void {
    // Most texts are short: those that are ASCII as well need no encoder.
    const { length } = text;
    if (length < 32) {
      const at = this.#room(1 + length);
      let n = 0;
      for (let code: number; n < length && (code = text.charCodeAt(n)) < 0x80; n++) this.#bytes[at + 1 + n] = code;
      if (n === length) {
        this.#bytes[at] = 0xa0 + length;
        return;
      }
      this.#length = at;
    }
    const bytes = encoder.encode(text);
    this.#head(bytes.length, 0xa0, 32, 0xd9, 0xda);
    const at = this.#room(bytes.length);
    this.#bytes.set(bytes, at);
  }
}

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** Texts up to so many bytes are put together here; the decoder takes its time to begin. */
const SHORT = 32;
/** Keys that were read, by `slot`: of a list's objects, all have the same. */
const KEYS: (string | undefined)[] = Array.from({ length: 256 });
/** Where a key of so many bytes is kept. */
const slot = (length: number, first: number, last: number): number => (length * 31 + first * 7 + last) & 0xff;

/** Nothing is read that is nested deeper: the stack has room for so much. */
const MAX_DEPTH = 1024;

/** Reads one message. */
class Reader {
  at = 0;
  /** Whether there was a bigint, or bytes. */
  long = false;
  #depth = 0;
  readonly #view: DataView;

  constructor(readonly bytes: Uint8Array) {
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  }

  /**
   * @throws RangeError, TypeError or another error for what is no value.
   */
  value(): unknown {
    const marker = this.bytes[this.#take(1)] as number;
    if (marker < 0x80) return marker;
    if (marker < 0x90) return this.#map(marker - 0x80);
    if (marker < 0xa0) return this.#array(marker - 0x90);
    if (marker < 0xc0) return this.#text(marker - 0xa0);
    if (marker >= 0xe0) return marker - 0x100;
    const view = this.#view;
    switch (marker) {
      case 0xc0:
        return null;
      case 0xc2:
      case 0xc3:
        return marker === 0xc3;
      case 0xca:
        return view.getFloat32(this.#take(4));
      case 0xcb:
        return view.getFloat64(this.#take(8));
      case 0xcc:
      case 0xcd:
      case 0xce:
        return this.#length(marker - 0xcc);
      case 0xcf:
        return this.#integer(view.getBigUint64(this.#take(8)));
      case 0xd0:
        return view.getInt8(this.#take(1));
      case 0xd1:
        return view.getInt16(this.#take(2));
      case 0xd2:
        return view.getInt32(this.#take(4));
      case 0xd3:
        return this.#integer(view.getBigInt64(this.#take(8)));
      case 0xc4:
      case 0xc5:
      case 0xc6:
        return this.#binary(this.#length(marker - 0xc4));
      case 0xd9:
      case 0xda:
      case 0xdb:
        return this.#text(this.#length(marker - 0xd9));
      case 0xdc:
      case 0xdd:
        return this.#array(this.#length(marker - 0xdb));
      case 0xde:
      case 0xdf:
        return this.#map(this.#length(marker - 0xdd));
      default:
        throw new TypeError(marker === 0xc1 ? "0xc1 is the beginning of no value" : "extension types of MessagePack aren't taken");
    }
  }

  /**
   * Reads the members of an object one by one: if one can't be read, those before it are there.
   *
   * @param withParams whether those of `params` are set one by one as well.
   */
  members(object: Record<string, unknown>, withParams: boolean): void {
    const length = this.#mapLength();
    if (length === undefined) throw new TypeError("it is no object");
    this.#entries(length, object, withParams);
  }

  /** How many members the object has that begins here, if it is one. */
  #mapLength(): number | undefined {
    const marker = this.bytes[this.at] as number;
    const isShort = marker >> 4 === 8;
    if (!isShort && marker >> 1 !== 0x6f) return undefined;
    this.at++;
    return isShort ? marker - 0x80 : this.#length(marker - 0xdd);
  }

  /** Goes on by so many bytes, and returns where they begin. */
  #take(count: number): number {
    const { at } = this;
    this.at += count;
    if (this.at > this.bytes.length) throw new RangeError("it ends within a value");
    return at;
  }

  /** An unsigned integer of 1, 2 or 4 bytes, by the power of that. */
  #length(power: number): number {
    const at = this.#take(1 << power);
    return power === 0 ? (this.bytes[at] as number) : power === 1 ? this.#view.getUint16(at) : this.#view.getUint32(at);
  }

  #integer(integer: bigint): number | bigint {
    const number = Number(integer);
    if (Number.isSafeInteger(number)) return number;
    this.long = true;
    return integer;
  }

  #text(length: number): string {
    const at = this.#take(length);
    return (length <= SHORT ? this.#ascii(at, length) : undefined) ?? utf8.decode(this.bytes.subarray(at, this.at));
  }

  /** A short text, if it is ASCII. Eight at once: each piece that is added is an object in some engines. */
  #ascii(at: number, length: number): string | undefined {
    const { bytes } = this;
    let text = "";
    const whole = at + (length & 7);
    for (; at < whole; at++) {
      const code = bytes[at] as number;
      if (code > 0x7f) return undefined;
      text += String.fromCharCode(code);
    }
    for (const end = whole + (length & ~7); at < end; at += 8) {
      const [a, b, c, d] = [bytes[at] as number, bytes[at + 1] as number, bytes[at + 2] as number, bytes[at + 3] as number];
      const [e, f, g, h] = [bytes[at + 4] as number, bytes[at + 5] as number, bytes[at + 6] as number, bytes[at + 7] as number];
      if ((a | b | c | d | e | f | g | h) > 0x7f) return undefined;
      text += String.fromCharCode(a, b, c, d, e, f, g, h);
    }
    return text;
  }

  /** A key. A text that was read before isn't made again. */
  #key(): unknown {
    const { bytes } = this;
    const length = (bytes[this.at] as number) - 0xa0;
    if (!(length > 0 && length < 32)) return this.value();
    this.at++;
    const at = this.#take(length);
    const kept = slot(length, bytes[at] as number, bytes[this.at - 1] as number);
    const known = KEYS[kept];
    if (known?.length === length) {
      let same = 0;
      while (same < length && known.charCodeAt(same) === bytes[at + same]) same++;
      if (same === length) return known;
    }
    const text = this.#ascii(at, length);
    if (text === undefined) return utf8.decode(bytes.subarray(at, this.at));
    return (KEYS[kept] = text);
  }

  /** Bytes of their own, unless they are most of a message that nothing else shares its memory with. */
  #binary(length: number): Uint8Array {
    const at = this.#take(length);
    this.long = true;
    const { buffer, byteOffset } = this.bytes;
    const isMost = 2 * length > buffer.byteLength && this.bytes.length === buffer.byteLength;
    return isMost ? new Uint8Array(buffer, byteOffset + at, length) : new Uint8Array(this.bytes.subarray(at, this.at));
  }

  #array(length: number): unknown[] {
    this.#deeper();
    // A length is only a claim: no room is made for it, but for a few items, where it would be more else.
    const items: unknown[] = length <= 16 ? new Array<unknown>(length) : [];
    for (let n = 0; n < length; n++) items[n] = this.value();
    this.#depth--;
    return items;
  }

  #map(length: number): Record<string, unknown> {
    const object = {};
    this.#entries(length, object, false);
    return object;
  }

  #entries(length: number, object: Record<string, unknown>, withParams: boolean): void {
    this.#deeper();
    for (let n = 0; n < length; n++) {
      const key = this.#key();
      // Keys that are no text are integers for the most part.
      const name = typeof key === "string" ? key : key instanceof Uint8Array ? toBase64(key) : String(key);
      const within = withParams && name === "params" ? this.#mapLength() : undefined;
      if (within === undefined) setMember(object, name, this.value());
      else this.#entries(within, (object[name] = {}), false);
    }
    this.#depth--;
  }

  #deeper(): void {
    if (++this.#depth > MAX_DEPTH) throw new RangeError(`it is nested more than ${MAX_DEPTH} deep`);
  }
}
