// Servers that know nothing of this project's protocol: any JSON-RPC 2.0 server. What the runtime says
// of its own stays on this side, and is answered here.
import { lost } from "./beginning.js";
import { guarded, IpcError, textOf, thrown } from "./errors.js";
import { PROTOCOL } from "./greeting.js";
import { stringify, parse } from "./json.js";
import { members, replyMessage, type Message } from "./message.js";
import type { PortDial } from "./message-port.js";
import type { Dial, Transport } from "./transport.js";
import { webSocket, type Socket } from "./web-socket.js";

/** How a plain server is spoken to. */
export interface PlainOptions {
  /**
   * Called with each `$/progress` of the server: what the server calls a token is up to it, as in the
   * Language Server Protocol. What it throws goes to the client's `onError`. Default: they are ignored.
   */
  onProgress?: ((token: unknown, value: unknown) => void) | undefined;
}

/** Why some calls fail. */
const OWN = "subscriptions and stream arguments are of ipc-runtime's own protocol, and the server knows nothing of it: hear its notifications by `listener`";

/** What the runtime says of its own, and whether it is answered. What else begins with `rpc.` is the app's. */
const ITS_OWN: { readonly [method: string]: boolean } = {
  "rpc.handshake": true,
  "rpc.ping": true,
  "rpc.unsubscribe": true,
  "rpc.closing": false,
  "rpc.closeStream": false,
  "rpc.credit": false,
  "rpc.dropped": false,
};

/**
 * The WebSocket of a JSON-RPC server that knows nothing of this project. Only what the app says is
 * sent, and `$/cancelRequest` when a call is given up: no handshake, no pings, no member `ipc`, and no
 * subprotocol is asked for. Interfaces aren't compared; deadlines are kept on this side. A token can't
 * be shown. Progress comes to `onProgress`, and subscriptions and stream arguments fail.
 * Other methods that begin with `rpc.`, such as `rpc.discover`, are the server's.
 *
 * The kind of an error goes by its code, as a backend has them: look at `code` for what the server means.
 *
 * @param to `ws://`, `wss://`, a path of the page's own origin, or another carrier of such messages.
 */
export function plainJsonRpc(to: string | URL | Dial, options: PlainOptions = {}): Dial {
  const open = (url: string): Socket => new WebSocket(url) as unknown as Socket;
  const dial = typeof to === "string" || to instanceof URL ? webSocket(to, { open }) : to;
  return plainly(dial, options);
}

/** The same for what dials otherwise. */
export function plainly(inner: Dial & Partial<PortDial>, { onProgress }: PlainOptions): Dial {
  const { endpoint } = inner;
  return {
    endpoint,
    // Where a client can't come back, it can't come back over this either.
    ...(inner.again && { again: () => inner.again?.() }),
    dial: async (encoding, signal, maxMessageBytes) => {
      if (encoding !== "json") throw new IpcError("notConnected", `${endpoint}: a plain JSON-RPC server speaks JSON: leave \`encoding\` out`);
      return withoutOwn(await inner.dial(encoding, signal, maxMessageBytes), endpoint, onProgress);
    },
  };
}

/** Keeps what is of the runtime from a transport. */
function withoutOwn(inner: Transport, endpoint: string, onProgress: PlainOptions["onProgress"]): Transport {
  const answer = (id: unknown, reply: { result: unknown } | { error: { code: number; message: string } }): void => {
    // Nothing comes within `send`.
    queueMicrotask(() => transport.onmessage(stringify(replyMessage(id, reply))));
  };
  const own = ({ id, method, params }: Message): void => {
    if (id === undefined) return;
    if (method !== "rpc.handshake") return answer(id, { result: null });
    const { uses, token } = members(params);
    if (token !== undefined) return answer(id, { error: { code: -32001, message: `${endpoint} is a plain JSON-RPC server, which takes no token: leave \`token\` out` } });
    // Nothing is compared: each interface is what this side takes it for.
    answer(id, { result: { protocol: PROTOCOL, uses, exposes: [] } });
  };
  const transport: Transport = {
    send: (message) => {
      const said = parse(message as string);
      const { method, params, ipc, ...rest } = said.value as Message;
      if (typeof method !== "string") {
        // What came and wasn't a message isn't answered: the server may have said it to nobody.
        if (rest.id !== null) inner.send(message);
        return;
      }
      if (Object.hasOwn(ITS_OWN, method) && ITS_OWN[method] === (rest.id !== undefined)) return own(said.value as Message);
      const isStreamed = Array.isArray(params) && params.some(isStream);
      if (method === "$/stream") return;
      if (isStreamed || "subscription" in members(ipc)) return answer(rest.id, { error: { code: -32600, message: OWN } });
      const isEmpty = Array.isArray(params) && !params.length;
      inner.send(stringify({ ...rest, method, ...(isEmpty ? {} : { params }) }));
    },
    close: () => inner.close(),
    get bufferedAmount() {
      return inner.bufferedAmount;
    },
    onmessage() {},
    onclose() {},
  };
  inner.onmessage = (message) => {
    const text = typeof message === "string" ? message : new TextDecoder().decode(message);
    let method: unknown;
    try {
      method = members(JSON.parse(text)).method;
    } catch (cause) {
      return unreadable(text, cause);
    }
    if (method !== "$/progress") return transport.onmessage(text);
    if (!onProgress) return;
    // Now with every integer.
    const { params } = members(parse(text).value);
    const { token, value } = members(params);
    void guarded(() => onProgress(token, value), (cause) => transport.onerror?.(thrown("`onProgress` of `plainJsonRpc`", cause)));
  };
  /** Where a message ends is known nevertheless: a reply fails its call, and of anything else the app is told. */
  const unreadable = (text: string, cause: unknown): void => {
    const why = `a message of the server can't be read: ${textOf(cause)}`;
    const { heard } = lost(text.slice(0, HEAD), { code: -32700, message: why });
    // The server has no subscriptions.
    if (heard && heard.method === undefined) transport.onmessage(stringify(heard));
    else transport.onerror?.(new IpcError("protocol", `${endpoint}: ${why}`, { cause }));
  };
  inner.onerror = (error) => transport.onerror?.(error);
  inner.onbytes = () => transport.onbytes?.();
  inner.onclose = (cause) => transport.onclose(cause);
  return transport;
}

/** So much of a message is looked at that can't be read, to find whom it concerns. */
const HEAD = 4096;

/** Whether an argument is what stands for a stream. */
function isStream(argument: unknown): boolean {
  const of = members(argument);
  return typeof of["$stream"] === "number" && Object.keys(of).length === 1;
}
