// The first message of a page: its handshake, into which the main process puts the token.
import { json } from "../codec.js";
import { IpcError, textOf } from "../errors.js";
import { LEAST_MESSAGE } from "../greeting.js";
import { amount, members } from "../message.js";
import { msgpack } from "../msgpack.js";

/** What the backend gets, and what the main process has to know to connect. */
export interface FirstMessage {
  readonly message: string | Uint8Array;
  readonly encoding: "json" | "msgpack";
  /** How large a message may be that the page takes, in bytes. */
  readonly maxMessageBytes: number;
}

/** What is taken by a page that doesn't say how much it takes, in bytes. */
const MAX_MESSAGE_BYTES = 16 * 1024 * 1024;

/**
 * Puts a token into a handshake. One that the page has sent is left out, also if there is no other.
 *
 * @throws IpcError `protocol` if the message is no handshake.
 */
export function withToken(first: string | Uint8Array, token: string | undefined): FirstMessage {
  const codec = typeof first === "string" ? json : msgpack;
  let request: Record<string, unknown>;
  try {
    request = members(codec.decode(first).value);
  } catch (cause) {
    throw new IpcError("protocol", `the page's first message can't be read: ${textOf(cause)}`, { cause });
  }
  if (request["method"] !== "rpc.handshake" || request["id"] === undefined) {
    throw new IpcError("protocol", "the page's first message isn't `rpc.handshake`: connect by `electron()` of ipc-runtime/electron/renderer");
  }
  const params = members(request["params"]);
  const most = amount(members(params["limits"])["maxMessageBytes"]) ?? MAX_MESSAGE_BYTES;
  return {
    message: codec.encode({ ...request, params: { ...params, token } }, true),
    encoding: codec.name,
    maxMessageBytes: most >= LEAST_MESSAGE ? most : LEAST_MESSAGE,
  };
}
