// Whom a message concerns that was too large to be kept.
import { refusal } from "../message.js";
import { tooLarge, type Oversized } from "./framing.js";

/** What became of it: something to hear in its place, or an answer to who sent it. */
export type Told = { readonly heard: object } | { readonly answer: object };

/** The members of an envelope stand before what may be large, and so do those that name a stream. */
const METHOD = /^\s*\{(?:"jsonrpc":"2\.0",|"id":[^,{[]*,)*"method":("(?:[^"\\]|\\.)*")/;
const ID = /^\s*\{(?:"jsonrpc":"2\.0",|"method":"(?:[^"\\]|\\.)*",)*"id":(-?\d+|"(?:[^"\\]|\\.)*")[,}]/;
const FLOW = /"params":\{"(subscription|stream)":(\d+|"(?:[^"\\]|\\.)*"),/;

/**
 * Tells what is lost: a reply fails its call, an item is a gap, a stream argument ends. A request is
 * refused.
 */
export function oversized({ head, size }: Oversized, limit: number): Told {
  const text = head.toString("latin1");
  const [id, method, flow] = [ID.exec(text), METHOD.exec(text), FLOW.exec(text)];
  const what = tooLarge(size, limit);
  const data = { limit, size };
  const name: unknown = method && JSON.parse(method[1] as string);
  if (id && !method) return { heard: refusal(JSON.parse(id[1] as string), -32007, what, data) };
  if (!id && flow) {
    const number: unknown = JSON.parse(flow[2] as string);
    if (flow[1] === "subscription") return { heard: { jsonrpc: "2.0", method: name, params: { subscription: number, gap: true } } };
    if (name === "$/stream") return { heard: { jsonrpc: "2.0", method: name, params: { stream: number, error: { code: -32007, message: what, data } } } };
  }
  return { answer: refusal(id ? JSON.parse(id[1] as string) : null, -32007, what, data) };
}
