// The first message of a page: its handshake, into which the main process puts the token.
import { json, type Codec } from "../codec.js";
import { IpcError, textOf } from "../errors.js";
import { LEAST_MESSAGE } from "../greeting.js";
import { amount, members } from "../message.js";
import { msgpack } from "../msgpack.js";

/** How large it may be, in bytes, or in characters of text: the main process waits while it is read. */
const MOST = 256 * 1024;
/** What either side takes that doesn't say how much it takes, in bytes. */
const MAX_MESSAGE_BYTES = 16 * 1024 * 1024;

/** A handshake, and what it says to the main process. */
export class FirstMessage {
  readonly #codec: Codec;
  readonly #request: Record<string, unknown>;

  /**
   * @throws IpcError `tooLarge` if it is larger than a handshake, `protocol` if it is none.
   */
  constructor(first: string | Uint8Array) {
    if (first.length > MOST) throw new IpcError("tooLarge", `the page's first message has ${first.length} bytes, and a handshake may have ${MOST}`);
    this.#codec = typeof first === "string" ? json : msgpack;
    try {
      this.#request = members(this.#codec.decode(first).value);
    } catch (cause) {
      throw unusable("read", cause);
    }
    if (this.#request["method"] !== "rpc.handshake" || this.#request["id"] === undefined) {
      throw new IpcError("protocol", "the page's first message isn't `rpc.handshake`: connect by `electron()` of ipc-runtime/electron/renderer");
    }
  }

  get encoding(): Codec["name"] {
    return this.#codec.name;
  }

  /** How large a message may be that the page takes, in bytes. */
  get maxMessageBytes(): number {
    return Math.max(taken(this.#request["params"]), LEAST_MESSAGE);
  }

  /**
   * What the backend gets. A token that the page has sent is left out, also if there is no other.
   *
   * @throws IpcError `protocol` if the page has put something into it that can't be written.
   */
  withToken(token: string | undefined): string | Uint8Array {
    try {
      return this.#codec.encode({ ...this.#request, params: { ...members(this.#request["params"]), token } }, true);
    } catch (cause) {
      throw unusable("passed on", cause);
    }
  }

  /** How large a message may be that the backend takes, in bytes, if this message is its answer. */
  answeredBy(message: string | Uint8Array): number | undefined {
    try {
      const { id, method, result } = members(this.#codec.decode(message).value);
      return method === undefined && id === this.#request["id"] ? taken(result) : undefined;
    } catch {
      // The page will say so.
      return undefined;
    }
  }
}

const taken = (hello: unknown): number => amount(members(members(hello)["limits"])["maxMessageBytes"]) ?? MAX_MESSAGE_BYTES;

const unusable = (how: string, cause: unknown): IpcError => new IpcError("protocol", `the page's first message can't be ${how}: ${textOf(cause)}`, { cause });
