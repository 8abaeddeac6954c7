// What is known of a message that can't be read to its end: the members with which it begins.
import type { ErrorObject } from "./errors.js";
import { stringEnd } from "./json.js";
import { noteMessage, replyMessage, type Message } from "./message.js";

/** What a message was, as far as its beginning tells. */
export interface Lost {
  readonly id: unknown;
  /**
   * What is heard in its place: a reply fails its call, an item is a gap, a stream argument ends.
   * Nothing, if it is neither, or doesn't say of what.
   */
  readonly heard?: Message | undefined;
}

/** Reads a beginning, in which members may have any order. */
export function lost(text: string, error: ErrorObject): Lost {
  const { id, method, params } = membersOf(text);
  const [whose, name] = [read(id), read(method)];
  // What has a method or params asks for something.
  if (whose !== undefined) return { id: whose, heard: method || params ? undefined : replyMessage(whose, { error }) };
  const { subscription, stream } = membersOf(params ?? "");
  const of = read(name === "$/stream" ? stream : subscription);
  if (typeof name !== "string" || of === undefined) return { id: null };
  return { id: null, heard: noteMessage(name, name === "$/stream" ? { stream: of, error, lost: true } : { subscription: of, gap: true }) };
}

/** The beginnings of strings, and the signs between values. */
const TOKENS = /["{}[\],:]/g;

/** The members of an object as they are written: those that end, and params as far as they go. */
function membersOf(text: string): { [name: string]: string | undefined } {
  const members: { [name: string]: string } = {};
  let depth = 0;
  let start = 0;
  let key: unknown;
  const take = (end?: number): void => {
    if (typeof key === "string") members[key] = text.slice(start, end);
    key = undefined;
  };
  if (!/^\s*\{/.test(text)) return members;
  TOKENS.lastIndex = 0;
  for (let found = TOKENS.exec(text); found; found = TOKENS.exec(text)) {
    const { 0: token, index } = found;
    if (token === '"') TOKENS.lastIndex = stringEnd(text, index + 1);
    if (depth === 1) {
      if (token === ":") key = read(text.slice(start, index));
      if (token === "," || token === "}") take(index);
    }
    if (token === "{" || token === "[") depth++;
    if ((token === "}" || token === "]") && !--depth) break;
    if (depth === 1 && /^[{:,]$/.test(token)) start = index + 1;
  }
  if (key === "params") take();
  return members;
}

function read(value: string | undefined): unknown {
  try {
    return JSON.parse(value as string);
  } catch {
    return undefined;
  }
}
