// What the peer asks of this side on one connection: requests, notifications, their streams.
import { MAX_IN_FLIGHT, places, type Answering, type Carrier, type Reply } from "./answers.js";
import { batch } from "./batch.js";
import type { Exposed, Method } from "./bindings.js";
import type { CallContext } from "./calls.js";
import type { Ipc } from "./client.js";
import { sizeOf } from "./codec.js";
import { decode } from "./decoding.js";
import { Encoding } from "./encoding.js";
import { CANCELLED, errorObject, IpcError, METHOD_ERROR, received, textOf, wellFormed, type ErrorObject, type IpcErrorKind } from "./errors.js";
import { handshakeAnswer } from "./handshake-answer.js";
import { Inflow } from "./inflow.js";
import { itemsOf } from "./items.js";
import { amount, isId, MAX_ID, members, noteMessage, refusal, replyMessage, type Message } from "./message.js";
import { NoteQueues } from "./note-queues.js";
import { Outflow } from "./outflow.js";
import type { Plan, Unfit } from "./plan.js";
import { unfitting } from "./reply-error.js";
import type { Route, Routes } from "./routes.js";
import { Running } from "./running.js";
import { fits } from "./version.js";

/** So many subscriptions and stream arguments of the peer may be open. */
const MAX_SUBSCRIPTIONS = 1024;
/** Answers the requests of one connection. */
export class Serving implements Answering {
  /** The requests that aren't answered, by their ids. */
  readonly #asked = new Map<string, Running>();
  /** The requests whose handlers run, answered or not: a handler can't be stopped, it can only be told. */
  readonly #handlers = new Set<Running>();
  /** The notifications that wait or are handled. */
  readonly #notes = new Set<Running>();
  readonly #queues = new NoteQueues((channel, n) => {
    this.carrier.tell(noteMessage("rpc.dropped", { channel, n }));
    this.carrier.failed(new IpcError("limit", `${channel}: ${n} notifications were dropped: those before them are still being handled`));
  });
  readonly #subscriptions = new Map<number, Running>();
  /** The numbers that the peer has chosen for subscriptions that aren't open yet. */
  readonly #chosen = new Map<number, Running>();
  readonly #streams = new Map<number, { inflow: Inflow<unknown>; plan: Plan | 0; name: string }>();
  #lastSubscription = 0;

  constructor(
    readonly routes: Routes,
    readonly carrier: Carrier,
  ) {}

  /** A request came. */
  request(message: Message, long: boolean, say: Reply): void {
    const { id, method: name, params } = message;
    const refuse = (code: number, text: string, data?: unknown): void => say(refusal(id, code, text, data));
    if (!isId(id)) return say(refusal(null, -32600, `an id is text of up to ${MAX_ID} characters, a number or null`));
    if (message.jsonrpc !== "2.0") return refuse(-32600, "a request has `\"jsonrpc\": \"2.0\"`");
    if (typeof name !== "string") return refuse(-32600, "the name of a method is text");
    if (params !== undefined && typeof params !== "object") return refuse(-32600, `${name}: params are a list or an object`);
    const key = `${typeof id} ${String(id)}`;
    if (this.#asked.has(key)) return refuse(-32600, `the id of this request to ${name} is in flight already`);
    if (name === "rpc.handshake") return say(replyMessage(id, handshakeAnswer(params, this.carrier.hello(), this.#use)));
    if (name === "rpc.unsubscribe") return say(replyMessage(id, { result: this.#unsubscribe((params as [number] | undefined)?.[0] as number) }));
    const route = this.routes.route(name);
    if (!route) return refuse(-32601, this.#unknown(name));
    const value = places(MAX_IN_FLIGHT, depthOf(message));
    if (this.#handlers.size >= value) return refuse(-32009, `${this.#handlers.size} requests are in flight already`, { limit: "maxInFlight", value });
    const { method } = route;
    const isStreaming = isSubscription(method) || method.a?.some((plan) => typeof plan === "object" && "stream" in plan);
    if (isStreaming && this.#subscriptions.size + this.#streams.size >= MAX_SUBSCRIPTIONS) {
      return refuse(-32009, `${MAX_SUBSCRIPTIONS} subscriptions and streams are open already`, { limit: "maxSubscriptions", value: MAX_SUBSCRIPTIONS });
    }
    const number = isSubscription(method) ? (members(message.ipc)["subscription"] as number | undefined) : undefined;
    if (number !== undefined) {
      if (!Number.isSafeInteger(number) || number < 0) return refuse(-32600, `${name} did not run: the \`subscription\` in \`ipc\` has to be a whole number from 0 to 2^53 - 1`);
      if (this.#isTaken(number)) return refuse(-32600, `${name} did not run: a subscription with the number ${number} is open`);
    }
    const running = new Running(name, method, (reply, exact = false) => {
      if (this.#asked.get(key) !== running) return;
      this.#asked.delete(key);
      say(replyMessage(id, reply), exact);
    });
    this.#asked.set(key, running);
    this.#handlers.add(running);
    if (number !== undefined) this.#chosen.set(number, running);
    void this.#run(route, message, long, running);
  }

  /** A notification came that isn't about calls of this side. */
  note(message: Message, params: Record<string, unknown>, long: boolean): void {
    switch (message.method) {
      case "$/stream":
        return this.#item(params, long);
      case "$/cancelRequest":
        return this.#cancel(params["id"]);
      case "rpc.credit":
        this.#subscriptions.get(params["subscription"] as number)?.outflow?.credit(amount(params["n"]) ?? 0, amount(params["bytes"]));
        return;
      default:
        this.#notify(message, long);
    }
  }

  #notify(message: Message, long: boolean): void {
    const name = String(message.method);
    const route = this.routes.route(name);
    // Values are converted in their place, so each listener has its own.
    const listeners = this.routes.listeners(name).map((entry) => ({ ...entry, params: structuredClone(message.params) }));
    // Nobody could read what a subscription gives.
    if (route && !isSubscription(route.method)) {
      const running = new Running(name, route.method);
      this.#notes.add(running);
      const run = (): Promise<void> => this.#noted(running, message, message.params, long, route.run, "the handler failed");
      if (!this.#queues.add(route.queue, message.params, run)) this.#notes.delete(running);
    }
    for (const { method, listener, params } of listeners) {
      const running = new Running(name, method);
      this.#notes.add(running);
      void this.#noted(running, message, params, long, listener, "a listener failed");
    }
  }

  /** An item or the end of a stream argument came. */
  #item(params: Record<string, unknown>, long: boolean): void {
    const id = params["stream"] as number;
    const stream = this.#streams.get(id);
    if (!stream) return;
    if (!("item" in params)) {
      this.#streams.delete(id);
      stream.inflow.finish("error" in params ? { error: received(errorObject(params["error"])) } : {});
      // This side has ended it: the other one would go on.
      if ("lost" in params) this.carrier.tell(noteMessage("rpc.closeStream", [id]));
      return;
    }
    try {
      stream.inflow.push(decode(stream.plan, params["item"], long, ["item"]));
    } catch (error) {
      stream.inflow.end(unfitting(error, stream.name));
    }
  }

  /** The caller of a request gives it up. */
  #cancel(id: unknown): void {
    const running = this.#asked.get(`${typeof id} ${String(id)}`);
    if (!running || running.method.keep) return;
    running.end(new IpcError("cancelled", `${running.name}: its caller has given it up`));
    running.answer({ error: { code: CANCELLED, message: "the request was cancelled" } });
  }

  batch(messages: readonly Message[], long: boolean, take: (message: Message, say: Reply) => void): void {
    batch(messages, this.carrier, long, take);
  }

  /** The connection has ended. */
  end(cause: IpcError): void {
    for (const running of [...this.#handlers, ...this.#subscriptions.values(), ...this.#notes]) running.end(cause);
    this.#asked.clear();
    this.#subscriptions.clear();
    this.#chosen.clear();
    this.#streams.clear();
    this.#queues.end();
  }

  readonly #use = (used: Exposed): object => {
    const { channel } = used;
    const served = this.routes.interface(channel);
    if (!served) return { channel, error: { code: -32601, message: `there is no channel ${channel} here` } };
    const { version, fingerprint } = served;
    if (fits(used, served, false)) return { channel, version, fingerprint };
    const message = `${channel}: version ${used.version} is asked for, ${version} is served`;
    return { channel, error: { code: -32003, message, data: { channel, version, fingerprint } } };
  };

  #unknown(name: string): string {
    const channel = name.slice(0, name.lastIndexOf("."));
    const served = this.routes.interface(channel);
    if (served) return `the channel \`${channel}\` (version ${served.version}) has no method \`${name.slice(channel.length + 1)}\``;
    return `there is no method or function \`${name}\` here`;
  }

  #unsubscribe(subscription: number): boolean {
    const running = this.#subscriptions.get(subscription);
    this.#subscriptions.delete(subscription);
    running?.end(new IpcError("cancelled", `${running.name}: its caller has unsubscribed`));
    return running !== undefined;
  }

  async #run(route: Route, message: Message, long: boolean, running: Running): Promise<void> {
    const { name, method, answer } = running;
    const encoding = new Encoding(this.carrier.isJson);
    try {
      let args: unknown[];
      try {
        args = this.#arguments(running, message.params, long);
      } catch (error) {
        return answer({ error: { code: -32602, message: `${name}: ${(error as Error).message}` } });
      }
      const result = await route.run(args, this.#context(running, message));
      if (isSubscription(method)) {
        await this.#subscribe(running, result as AsyncIterable<unknown>, members(message.ipc));
        return;
      }
      const converted = encoding.convert(method.r, result ?? null, "the result");
      answer({ result: converted }, encoding.exact);
    } catch (error) {
      const own = this.#ownError(running, method.e, error);
      answer({ error: own.error }, own.exact);
      if (own.error.code === -32603) this.#failed(name, "the handler failed", own.unfit ?? error);
    } finally {
      // A number that was chosen for a subscription that isn't opened is free again.
      for (const [number, by] of this.#chosen) if (by === running) this.#chosen.delete(number);
      this.#handlers.delete(running);
      for (const inflow of running.inflows) inflow.close();
    }
  }

  /** A handler's error as it travels: what it didn't mean to tell isn't told. */
  #ownError(running: Running, plan: Plan | undefined, error: unknown): { error: ErrorObject; exact: boolean; unfit?: unknown } {
    const encoding = new Encoding(true);
    let unfit: unknown;
    if (running.isOwn(error)) {
      try {
        const data = encoding.convert(plan, error.data, "the error");
        return { error: { code: METHOD_ERROR, message: wellFormed(error.message), data }, exact: encoding.exact };
      } catch (thrown) {
        // The handler has failed, and this side is told by what.
        unfit = thrown;
      }
    }
    if (running.signal.aborted) return { error: { code: CANCELLED, message: "the request was cancelled" }, exact: false };
    return { error: { code: -32603, message: "the handler failed" }, exact: false, unfit };
  }

  async #subscribe(running: Running, items: AsyncIterable<unknown>, asked: Record<string, unknown>): Promise<void> {
    const { name, method } = running;
    const { window, subscription: chosen } = asked;
    const narrowed = amount(window);
    if (chosen === undefined) while (this.#isTaken(++this.#lastSubscription));
    const subscription = (chosen as number | undefined) ?? this.#lastSubscription;
    const told = (member: object, exact: boolean): string | Uint8Array => this.carrier.send(noteMessage(name, { subscription, ...member }), exact);
    const peer = this.carrier.peerWindow;
    const overhead = sizeOf(this.carrier.codec.encode(noteMessage(name, { subscription, result: 0 }), false)) - 1;
    const outflow = new Outflow(itemsOf(items), {
      window: peer && { ...peer, items: Math.min(peer.items, Math.max(1, narrowed ?? peer.items)) },
      item: (value) => {
        const encoding = new Encoding(this.carrier.isJson);
        const result = encoding.convert(method.r, value, "an item");
        return sizeOf(told({ result }, encoding.exact)) - overhead;
      },
      done: () => told({ done: true }, false),
      failed: (error) => {
        const own = this.#ownError(running, method.x ?? method.e, error);
        if (own.error.code === -32603) this.#failed(name, "the stream failed", own.unfit ?? error);
        told({ error: own.error }, own.exact);
      },
      lost: (error) => this.#failed(name, "the end of the stream can't be sent", error),
      buffered: () => this.carrier.buffered(),
    });
    // It was cancelled while it was being opened.
    if (running.signal.aborted) return outflow.stop();
    running.outflow = outflow;
    this.#subscriptions.set(subscription, running);
    this.#chosen.delete(subscription);
    this.#handlers.delete(running);
    running.answer({ result: subscription });
    await outflow.run();
    // The peer may have chosen its number for another one by now.
    if (this.#subscriptions.get(subscription) === running) this.#subscriptions.delete(subscription);
  }

  #isTaken(number: number): boolean {
    return this.#subscriptions.has(number) || this.#chosen.has(number);
  }

  /** Handles a notification: its sender hears of nothing, so this side does. */
  async #noted(running: Running, message: Message, params: unknown, long: boolean, run: Route["run"], failed: string): Promise<void> {
    const { name, inflows } = running;
    try {
      let args: unknown[];
      try {
        args = this.#arguments(running, params, long);
      } catch (error) {
        return this.#failed(name, "a notification was dropped", error, (error as Partial<Unfit>).kind ?? "invalidArguments");
      }
      await run(args, this.#context(running, message));
    } catch (error) {
      this.#failed(name, failed, error);
    } finally {
      this.#notes.delete(running);
      for (const inflow of inflows) inflow.close();
    }
  }

  /** The arguments of a handler, which has the streams among them then. */
  #arguments({ name, method, inflows }: Running, params: unknown, long: boolean): unknown[] {
    if (method.o) return [decode(method.a?.[0], params, long, ["argument 1"])];
    // A function without bindings takes what comes.
    const isOpen = method.n === undefined && method.f === undefined;
    const given: unknown[] = Array.isArray(params) ? params : params === undefined || params === null ? [] : [params];
    if (!Array.isArray(params) && given.length && !isOpen) throw new Error("give the arguments by position");
    const count = isOpen ? given.length : (method.n ?? 0);
    if (given.length > count) throw new Error(`${count} arguments are taken, ${given.length} came`);
    return Array.from({ length: count }, (_, at) => {
      const plan = method.a?.[at];
      if (typeof plan !== "object" || !("stream" in plan)) return decode(plan, given[at], long, [`argument ${at + 1}`]);
      if (Array.isArray(given[at])) return listed(decode({ a: plan.stream || "json" }, given[at], long, [`argument ${at + 1}`]) as unknown[]);
      const id = members(given[at])["$stream"];
      if (typeof id !== "number" || this.#streams.has(id)) throw new Error(`argument ${at + 1} is no stream`);
      const inflow = this.#inflow(name, id);
      this.#streams.set(id, { inflow, plan: plan.stream, name });
      inflows.push(inflow);
      return inflow;
    });
  }

  #inflow(name: string, id: number): Inflow<unknown> {
    return new Inflow({
      name,
      window: this.carrier.window,
      credit: (n) => this.carrier.tell(noteMessage("rpc.credit", { stream: id, n })),
      stop: () => {
        if (this.#streams.delete(id)) this.carrier.tell(noteMessage("rpc.closeStream", [id]));
      },
    });
  }

  #failed(method: string, what: string, cause: unknown, kind: IpcErrorKind = "handlerFailed"): void {
    this.carrier.failed(new IpcError(kind, `${method}: ${what}: ${textOf(cause)}`, { method, cause }));
  }

  #context(running: Running, message: Message): CallContext<never> {
    const { method, signal } = running;
    const token = members(message.ipc)["progress"];
    const { carrier } = this;
    let peer: Ipc | undefined;
    return {
      signal,
      get peer() {
        return (peer ??= carrier.peer(depthOf(message) + 1));
      },
      fail: (data, text) => running.fail(data, text),
      progress: (progress) => {
        if (token === undefined || signal.aborted) return;
        const encoding = new Encoding(this.carrier.isJson);
        const value = encoding.convert(method.p, progress, "the progress");
        this.carrier.send(noteMessage("$/progress", { token, value }), encoding.exact);
      },
    };
  }
}

const isSubscription = ({ k }: Method): boolean => k !== undefined && k !== "note";

/** How many handlers the caller of a request is nested in. */
function depthOf({ ipc }: Message): number {
  const { depth } = members(ipc);
  return typeof depth === "number" && depth > 0 ? Math.floor(depth) : 0;
}

async function* listed(items: unknown[]): AsyncGenerator<unknown, void> {
  yield* items;
}
