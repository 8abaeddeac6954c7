// Whom a message concerns that was too large to be kept.
import { lost } from "./beginning.js";
import { replyMessage } from "../message.js";
import { tooLarge, type Oversized } from "./framing.js";

/** What became of it: something to hear in its place, or an answer to who sent it. */
export type Told = { readonly heard: object } | { readonly answer: object };

/**
 * Tells what is lost: a reply fails its call, an item is a gap, a stream argument ends. A request is
 * refused.
 */
export function oversized({ head, size }: Oversized, limit: number): Told {
  const error = { code: -32007, message: tooLarge(size, limit), data: { limit, size } };
  const { id, heard } = lost(head.toString(), error);
  return heard ? { heard } : { answer: replyMessage(id, { error }) };
}
