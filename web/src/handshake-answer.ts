// What the peer's handshake is answered, where something is served.
import type { Exposed } from "./bindings.js";
import type { ErrorObject } from "./errors.js";
import { MAX_USES, PROTOCOL } from "./greeting.js";
import { members } from "./message.js";

/**
 * Answers a handshake of the peer.
 *
 * @param hello what is said of this side.
 * @param use what is said of an interface that the peer asks for.
 */
export function handshakeAnswer(params: unknown, hello: object, use: (used: Exposed) => object): { result: unknown } | { error: ErrorObject } {
  const { uses, protocol = PROTOCOL } = members(params);
  if (protocol !== PROTOCOL) {
    return { error: { code: -32003, message: `this side speaks protocol ${PROTOCOL}`, data: { protocol: PROTOCOL } } };
  }
  const asked = (Array.isArray(uses) ? uses : []).map(members);
  if (asked.length > MAX_USES) {
    return { error: { code: -32009, message: `a handshake asks for at most ${MAX_USES} interfaces`, data: { limit: "uses", value: MAX_USES } } };
  }
  return { result: { ...hello, uses: asked.map((used) => use(used as unknown as Exposed)) } };
}
