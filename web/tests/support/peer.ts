// A small JSON-RPC peer in this process, of which a test sees and says every message.
import * as others from "@msgpack/msgpack";
import { IpcError, type Dial, type Transport } from "ipc-runtime";
import { parse, stringify } from "#dist/json.js";

export interface Sent {
  jsonrpc: string;
  id?: any;
  method?: any;
  params?: any;
  result?: any;
  error?: any;
  ipc?: any;
}

/** What a peer answers to a request: a result, or an error that is thrown. */
export type Answer = (params: any, message: Sent) => unknown;

/** An error object, to be thrown by an answer. */
export class Refusal extends Error {
  constructor(
    readonly code: number,
    message: string,
    readonly data?: unknown,
  ) {
    super(message);
  }
}

/** Isn't answered. */
export const SILENCE = Symbol("silence");

/** What came in MessagePack, as it would be in JSON. */
function unpacked(value: any): any {
  if (typeof value === "bigint") return Number.isSafeInteger(Number(value)) ? Number(value) : value;
  if (value instanceof Uint8Array) return Buffer.from(value).toString("base64");
  if (Array.isArray(value)) return value.map(unpacked);
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, unpacked(one)]));
}

/** JSON in MessagePack. What isn't JSON is no message there either. */
export function packed(text: string): Uint8Array {
  try {
    return others.encode(parse(text).value, { useBigInt64: true });
  } catch {
    return Uint8Array.of(0xc1);
  }
}

/** It speaks the encoding that it is asked for. */
export class Peer implements Dial {
  readonly endpoint = "test:peer";
  /** All that came, in order. */
  readonly received: Sent[] = [];
  readonly answers = new Map<string, Answer>();
  /** What the handshake is answered with, beside the interfaces. */
  hello: Record<string, unknown> = { window: 4, windowBytes: 1_000_000, limits: { maxMessageBytes: 1_000_000, maxInFlight: 64 } };
  /** How each interface that is asked for is answered. */
  use: (used: any) => unknown = (used) => used;
  /** Hears each message as it is written. */
  heard: (text: string) => void = () => {};
  /** Whether the last connection has ended. */
  isClosed = false;
  dials = 0;
  buffered = 0;
  #transport: Transport | undefined;
  #waiting: (() => void)[] = [];

  constructor() {
    this.answers.set("rpc.handshake", (params) => ({ protocol: 1, uses: params.uses.map(this.use), exposes: [], ...this.hello }));
    this.answers.set("rpc.unsubscribe", () => true);
  }

  #isPacked = false;

  dial(encoding: "json" | "msgpack"): Promise<Transport> {
    this.dials++;
    this.#isPacked = encoding === "msgpack";
    const peer = this;
    this.#transport = {
      send: (message) => queueMicrotask(() => this.#receive(typeof message === "string" ? message : stringify(unpacked(others.decode(message, { useBigInt64: true }))))),
      close: () => this.end(new IpcError("disconnected", "the test's connection was closed")),
      get bufferedAmount() {
        return peer.buffered;
      },
      onmessage() {},
      onclose() {},
    };
    return Promise.resolve(this.#transport);
  }

  /** Sends a message. */
  say(message: object | string): void {
    const text = typeof message === "string" ? message : JSON.stringify({ jsonrpc: "2.0", ...message });
    this.#transport?.onmessage(this.#isPacked ? packed(text) : text);
  }

  /** Sends something as it is. */
  sayAsItIs(message: string | Uint8Array): void {
    this.#transport?.onmessage(message);
  }

  /** Ends the connection. */
  end(cause: IpcError = new IpcError("disconnected", "the test's connection has ended")): void {
    const transport = this.#transport;
    this.#transport = undefined;
    queueMicrotask(() => {
      this.isClosed = true;
      transport?.onclose(cause);
    });
  }

  /** The messages of a method. */
  of(method: string): Sent[] {
    return this.received.filter((message) => message.method === method);
  }

  /** Waits until something is so. Each message that comes is a reason to look again. */
  async until<T>(what: () => T | undefined | false | null): Promise<T> {
    for (;;) {
      const found = what();
      if (found) return found;
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
  }

  /** Waits for the nth message of a method, from 1. */
  get(method: string, nth = 1): Promise<Sent> {
    return this.until(() => this.of(method)[nth - 1]);
  }

  /** Calls a method of the client, and waits for its reply. */
  async ask(id: number | string, method: string, params?: unknown, ipc?: object): Promise<Sent> {
    this.say({ id, method, ...(ipc ? { ipc } : {}), ...(params === undefined ? {} : { params }) });
    return this.until(() => this.received.find((message) => message.method === undefined && message.id === id));
  }

  #receive(text: string): void {
    this.heard(text);
    const message = JSON.parse(text) as Sent;
    this.received.push(message);
    if (message.method !== undefined && message.id !== undefined) this.#answer(message);
    for (const wake of this.#waiting.splice(0)) wake();
  }

  #answer(message: Sent): void {
    const answer = this.answers.get(message.method);
    if (!answer) return this.say({ id: message.id, error: { code: -32601, message: `there is no ${message.method}` } });
    try {
      const result = answer(message.params, message);
      if (result !== SILENCE) this.say({ id: message.id, result });
    } catch (error) {
      const { code, message: text, data } = error as Refusal;
      this.say({ id: message.id, error: { code, message: text, ...(data === undefined ? {} : { data }) } });
    }
  }
}
