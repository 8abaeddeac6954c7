// How a message is written. What its values look like to an app is told by plans, not here.
import { parse, stringify, type Parsed } from "./json.js";

/** An encoding of messages. */
export interface Codec {
  readonly name: "json" | "msgpack";
  /**
   * Writes a message.
   *
   * @param exact whether there is a bigint or a negative zero in it.
   * @throws RangeError for an integer that the encoding hasn't.
   */
  encode(message: unknown, exact: boolean): string | Uint8Array;
  /**
   * Reads a message.
   *
   * @throws whatever, if it can't be read.
   */
  decode(message: string | Uint8Array): Parsed;
}

const utf8 = new TextDecoder("utf-8", { fatal: true });

/** JSON, as text. */
export const json: Codec = {
  name: "json",
  encode: (message, exact) => (exact ? stringify(message) : JSON.stringify(message)),
  decode: (message) => parse(typeof message === "string" ? message : utf8.decode(message)),
};

const encoder = new TextEncoder();

/** How many bytes a message has on the wire. */
export function sizeOf(message: string | Uint8Array): number {
  return typeof message === "string" ? encoder.encode(message).length : message.length;
}
