// Whom a message concerns that was too large to be kept.
import type { ErrorObject } from "../errors.js";
import { stringify } from "../json.js";
import { members, replyMessage } from "../message.js";
import { beginningOf } from "../msgpack.js";
import { lost, type Lost } from "../beginning.js";
import { tooLarge, type Oversized } from "./framing.js";

/** What became of it: something to hear in its place, or an answer to who sent it. */
export type Told = { readonly heard: object } | { readonly answer: object };

/**
 * Tells what is lost: a reply fails its call, an item is a gap, a stream argument ends. A request is
 * refused.
 */
export function oversized({ head, size }: Oversized, limit: number, encoding: "json" | "msgpack"): Told {
  const error = { code: -32007, message: tooLarge(size, limit), data: { limit, size } };
  const { id, heard } = lostIn(encoding, head, error);
  return heard ? { heard } : { answer: replyMessage(id, { error }) };
}

/** Reads the beginning of a message, in either encoding. */
export function lostIn(encoding: "json" | "msgpack", head: Uint8Array, error: ErrorObject): Lost {
  if (encoding === "json") return lost(new TextDecoder().decode(head), error);
  const { id, method, params } = beginningOf(head);
  const { subscription, stream } = members(params);
  return lost(stringify({ id, method, params: params && { subscription, stream } }), error);
}
