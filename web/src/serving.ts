// What the peer asks of this side on one connection: requests, notifications, their streams.
import { MAX_IN_FLIGHT, places, type Answering, type Carrier, type Reply } from "./answers.js";
import type { Exposed, Method } from "./bindings.js";
import type { CallContext } from "./calls.js";
import type { Ipc } from "./client.js";
import { sizeOf } from "./codec.js";
import { decode } from "./decoding.js";
import { Encoding } from "./encoding.js";
import { CANCELLED, errorObject, IpcError, METHOD_ERROR, MethodError, received, type ErrorObject, type IpcErrorKind } from "./errors.js";
import { Inflow } from "./inflow.js";
import { stringify } from "./json.js";
import { members, noteMessage, refusal, replyMessage, type Message } from "./message.js";
import { Outflow } from "./outflow.js";
import type { Plan, Unfit } from "./plan.js";
import type { Route, Routes } from "./routes.js";
import { fits } from "./version.js";

/** So many notifications of one channel may wait. */
const MAX_WAITING = 1024;
/** And so many characters of their params. */
const MAX_WAITING_SIZE = 4 * 1024 * 1024;
/** So many subscriptions and stream arguments of the peer may be open. */
const MAX_SUBSCRIPTIONS = 1024;
/** The longest id that is taken, in characters. */
const MAX_ID = 1024;

interface Running {
  controller: AbortController;
  /** Answers, unless it was answered. */
  answer(reply: { result: unknown } | { error: ErrorObject }, exact?: boolean): void;
}

interface Queue {
  waiting: { run: () => Promise<void>; size: number }[];
  /** The sizes of those that wait. */
  size: number;
  dropped: number;
}

/** Answers the requests of one connection. */
export class Serving implements Answering {
  readonly #running = new Map<string, Running>();
  readonly #queues = new Map<string, Queue>();
  readonly #subscriptions = new Map<number, Outflow>();
  /** The numbers that the peer has chosen for subscriptions that aren't open yet. */
  readonly #chosen = new Map<number, Running>();
  readonly #streams = new Map<number, { inflow: Inflow<unknown>; plan: Plan | 0 }>();
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
    if (this.#running.has(key)) return refuse(-32600, `the id of this request to ${name} is in flight already`);
    if (name === "rpc.unsubscribe") {
      const subscription = (params as [number] | undefined)?.[0] as number;
      const outflow = this.#subscriptions.get(subscription);
      outflow?.stop();
      this.#subscriptions.delete(subscription);
      return say(replyMessage(id, { result: outflow !== undefined }));
    }
    const route = this.routes.route(name);
    if (!route) return refuse(-32601, this.#unknown(name));
    const value = places(MAX_IN_FLIGHT, depthOf(message));
    if (this.#running.size >= value) return refuse(-32009, `${this.#running.size} requests are in flight already`, { limit: "maxInFlight", value });
    const { k, a } = route.method;
    const isStreaming = k === "sub" || a?.some((plan) => typeof plan === "object" && "stream" in plan);
    if (isStreaming && this.#subscriptions.size + this.#streams.size >= MAX_SUBSCRIPTIONS) {
      return refuse(-32009, `${MAX_SUBSCRIPTIONS} subscriptions and streams are open already`, { limit: "maxSubscriptions", value: MAX_SUBSCRIPTIONS });
    }
    const number = k === "sub" ? (members(message.ipc)["subscription"] as number | undefined) : undefined;
    if (number !== undefined) {
      if (!Number.isSafeInteger(number) || number < 0) return refuse(-32600, `${name} did not run: the \`subscription\` in \`ipc\` has to be a whole number from 0 to 2^53 - 1`);
      if (this.#isTaken(number)) return refuse(-32600, `${name} did not run: a subscription with the number ${number} is open`);
    }
    const running: Running = {
      controller: new AbortController(),
      answer: (reply, exact = false) => {
        if (this.#running.get(key) !== running) return;
        this.#running.delete(key);
        try {
          say(replyMessage(id, reply), exact);
        } catch (error) {
          refuse(-32008, `${name}: the reply can't be sent: ${(error as Error).message}`, (error as IpcError).data);
        }
      },
    };
    this.#running.set(key, running);
    if (number !== undefined) this.#chosen.set(number, running);
    void this.#run(name, route, message, long, running);
  }

  /** A notification came that isn't about calls of this side. */
  note(message: Message, long: boolean): void {
    const name = String(message.method);
    const route = this.routes.route(name);
    // Values are converted in their place, so each listener has its own.
    const listeners = this.routes.listeners(name).map((entry) => ({ ...entry, params: structuredClone(message.params) }));
    if (route) this.#queue(name, route, message, long);
    for (const { method, listener, params } of listeners) {
      try {
        const args = this.#noted(name, method, params, long);
        if (args) listener(args, this.#context(name, method, new AbortController(), message));
      } catch (error) {
        this.#failed(name, "a listener failed", error);
      }
    }
  }

  /** An item or the end of a stream argument came. Returns whether there is such a stream. */
  item(params: Record<string, unknown>, long: boolean): boolean {
    const id = params["stream"] as number;
    const stream = this.#streams.get(id);
    if (!stream) return false;
    if (!("item" in params)) {
      this.#streams.delete(id);
      stream.inflow.finish("error" in params ? { error: received(errorObject(params["error"])) } : {});
      // This side has ended it: the other one would go on.
      if ("lost" in params) this.carrier.send(noteMessage("rpc.closeStream", [id]), false);
      return true;
    }
    try {
      stream.inflow.push(decode(stream.plan, params["item"], long, ["item"]));
    } catch (error) {
      stream.inflow.end(new IpcError("inexact", (error as Error).message));
    }
    return true;
  }

  /** The caller of a request gives it up. */
  cancel(id: unknown): void {
    const running = this.#running.get(`${typeof id} ${String(id)}`);
    if (!running) return;
    running.controller.abort();
    running.answer({ error: { code: CANCELLED, message: "the request was cancelled" } });
  }

  /** The peer takes more of a subscription. */
  credit(subscription: number, items: number, bytes: number | undefined): void {
    this.#subscriptions.get(subscription)?.credit(items, bytes);
  }

  /** The connection has ended. */
  end(cause: IpcError): void {
    for (const { controller } of this.#running.values()) controller.abort(cause);
    for (const outflow of this.#subscriptions.values()) outflow.stop();
    for (const { inflow } of this.#streams.values()) inflow.finish({ error: cause });
    this.#running.clear();
    this.#subscriptions.clear();
    this.#chosen.clear();
    this.#streams.clear();
    this.#queues.clear();
  }

  use(used: Exposed): object {
    const { channel } = used;
    const served = this.routes.interface(channel);
    if (!served) return { channel, error: { code: -32601, message: `there is no channel ${channel} here` } };
    const { version, fingerprint } = served;
    if (fits(used, served, false)) return { channel, version, fingerprint };
    const message = `${channel}: version ${used.version} is asked for, ${version} is served`;
    return { channel, error: { code: -32003, message, data: { channel, version, fingerprint } } };
  }

  #unknown(name: string): string {
    const channel = name.slice(0, name.lastIndexOf("."));
    const served = this.routes.interface(channel);
    if (served) return `the channel \`${channel}\` (version ${served.version}) has no method \`${name.slice(channel.length + 1)}\``;
    return `there is no method or function \`${name}\` here`;
  }

  async #run(name: string, route: Route, message: Message, long: boolean, running: Running): Promise<void> {
    const { method } = route;
    const { controller, answer } = running;
    let inflows: Inflow<unknown>[] = [];
    const encoding = new Encoding(this.carrier.isJson);
    try {
      let args: unknown[];
      try {
        ({ args, inflows } = this.#arguments(method, message.params, long));
      } catch (error) {
        return answer({ error: { code: -32602, message: `${name}: ${(error as Error).message}` } });
      }
      const result = await route.run(args, this.#context(name, method, controller, message));
      if (method.k === "sub") {
        if (controller.signal.aborted) return void (result as AsyncIterator<unknown>).return?.();
        await this.#subscribe(name, method, result as AsyncIterable<unknown>, members(message.ipc), answer);
        return;
      }
      const converted = encoding.convert(method.r, result ?? null, "the result");
      answer({ result: converted }, encoding.exact);
    } catch (error) {
      const own = this.#ownError(method, error, controller);
      answer({ error: own.error }, own.exact);
      if (own.error.code === -32603) this.#failed(name, "the handler failed", error);
    } finally {
      // A number that was chosen for a subscription that isn't opened is free again.
      for (const [number, by] of this.#chosen) if (by === running) this.#chosen.delete(number);
      for (const inflow of inflows) inflow.close();
    }
  }

  /** A handler's error as it travels: what it didn't mean to tell isn't told. */
  #ownError(method: Method, error: unknown, controller: AbortController): { error: ErrorObject; exact: boolean } {
    const own = error as MethodError<unknown> | undefined;
    const encoding = new Encoding(true);
    if (own?.kind === "method") {
      try {
        const data = encoding.convert(method.e, own.data, "the error");
        return { error: { code: METHOD_ERROR, message: own.message, data }, exact: encoding.exact };
      } catch {
        // Falls through: the handler has failed.
      }
    }
    if (controller.signal.aborted) return { error: { code: CANCELLED, message: "the request was cancelled" }, exact: false };
    return { error: { code: -32603, message: "the handler failed" }, exact: false };
  }

  async #subscribe(name: string, method: Method, items: AsyncIterable<unknown>, asked: Record<string, unknown>, answer: Running["answer"]): Promise<void> {
    const { window, subscription: chosen } = asked;
    const narrowed = typeof window === "number" ? window : undefined;
    if (chosen === undefined) while (this.#isTaken(++this.#lastSubscription));
    const subscription = (chosen as number | undefined) ?? this.#lastSubscription;
    const told = (member: object, exact: boolean): string | Uint8Array => this.carrier.send(noteMessage(name, { subscription, ...member }), exact);
    const peer = this.carrier.peerWindow;
    const overhead = JSON.stringify(noteMessage(name, { subscription, result: 0 })).length - 1;
    const outflow = new Outflow(items, {
      window: peer && { ...peer, items: Math.min(peer.items, Math.max(1, narrowed ?? peer.items)) },
      item: (value) => {
        const encoding = new Encoding(this.carrier.isJson);
        const result = encoding.convert(method.r, value, "an item");
        return sizeOf(told({ result }, encoding.exact)) - overhead;
      },
      done: () => told({ done: true }, false),
      failed: (error) => {
        const own = this.#ownError({ ...method, ...(method.x ? { e: method.x } : {}) }, error, new AbortController());
        if (own.error.code === -32603) this.#failed(name, "the stream failed", error);
        told({ error: own.error }, own.exact);
      },
      buffered: () => this.carrier.buffered(),
    });
    this.#subscriptions.set(subscription, outflow);
    this.#chosen.delete(subscription);
    answer({ result: subscription });
    await outflow.run();
    // The peer may have chosen its number for another one by now.
    if (this.#subscriptions.get(subscription) === outflow) this.#subscriptions.delete(subscription);
  }

  #isTaken(number: number): boolean {
    return this.#subscriptions.has(number) || this.#chosen.has(number);
  }

  /** Notifications of one channel run one after another. */
  #queue(name: string, route: Route, message: Message, long: boolean): void {
    const run = async (): Promise<void> => {
      try {
        const args = this.#noted(name, route.method, message.params, long);
        if (args) await route.run(args, this.#context(name, route.method, new AbortController(), message));
      } catch (error) {
        this.#failed(name, "the handler failed", error);
      }
    };
    const queue = this.#queues.get(route.queue);
    if (!queue) {
      const own: Queue = { waiting: [], size: 0, dropped: 0 };
      this.#queues.set(route.queue, own);
      void this.#drain(route.queue, own, run);
      return;
    }
    const size = message.params === undefined ? 0 : stringify(message.params).length;
    if (queue.waiting.length < MAX_WAITING && queue.size + size <= MAX_WAITING_SIZE) {
      queue.waiting.push({ run, size });
      queue.size += size;
    } else queue.dropped++;
  }

  async #drain(channel: string, queue: Queue, first: () => Promise<void>): Promise<void> {
    for (let next: Queue["waiting"][number] | undefined = { run: first, size: 0 }; next; next = queue.waiting.shift()) {
      queue.size -= next.size;
      await next.run();
      if (queue.dropped && this.#queues.get(channel) === queue) {
        this.carrier.send(noteMessage("rpc.dropped", { channel, n: queue.dropped }), false);
        queue.dropped = 0;
      }
    }
    if (this.#queues.get(channel) === queue) this.#queues.delete(channel);
  }

  /** The arguments of a notification, if they fit: its sender hears nothing, so this side does. */
  #noted(name: string, method: Method, params: unknown, long: boolean): unknown[] | undefined {
    try {
      return this.#arguments(method, params, long).args;
    } catch (error) {
      this.#failed(name, "a notification was dropped", error, (error as Partial<Unfit>).kind ?? "invalidArguments");
      return undefined;
    }
  }

  #arguments(method: Method, params: unknown, long: boolean): { args: unknown[]; inflows: Inflow<unknown>[] } {
    const inflows: Inflow<unknown>[] = [];
    if (method.o) return { args: [decode(method.a?.[0], params, long, ["argument 1"])], inflows };
    // A function without bindings takes what comes.
    const isOpen = method.n === undefined && method.f === undefined;
    const given: unknown[] = Array.isArray(params) ? params : params === undefined || params === null ? [] : [params];
    if (!Array.isArray(params) && given.length && !isOpen) throw new Error("give the arguments by position");
    const count = isOpen ? given.length : (method.n ?? 0);
    if (given.length > count) throw new Error(`${count} arguments are taken, ${given.length} came`);
    const args = Array.from({ length: count }, (_, at) => {
      const plan = method.a?.[at];
      if (typeof plan !== "object" || !("stream" in plan)) return decode(plan, given[at], long, [`argument ${at + 1}`]);
      if (Array.isArray(given[at])) return listed(decode({ a: plan.stream || "json" }, given[at], long, [`argument ${at + 1}`]) as unknown[]);
      const id = members(given[at])["$stream"];
      if (typeof id !== "number" || this.#streams.has(id)) throw new Error(`argument ${at + 1} is no stream`);
      const inflow = this.#inflow(id);
      this.#streams.set(id, { inflow, plan: plan.stream });
      inflows.push(inflow);
      return inflow;
    });
    return { args, inflows };
  }

  #inflow(id: number): Inflow<unknown> {
    return new Inflow({
      name: "a stream argument",
      window: this.carrier.window,
      credit: (n) => void this.carrier.send(noteMessage("rpc.credit", { stream: id, n }), false),
      stop: () => {
        if (this.#streams.delete(id)) this.carrier.send(noteMessage("rpc.closeStream", [id]), false);
      },
    });
  }

  #failed(method: string, what: string, cause: unknown, kind: IpcErrorKind = "handlerFailed"): void {
    const why = cause instanceof Error ? cause.message : String(cause);
    this.carrier.failed(new IpcError(kind, `${method}: ${what}: ${why}`, { method, cause }));
  }

  #context(name: string, method: Method, controller: AbortController, message: Message): CallContext<never> {
    const token = members(message.ipc)["progress"];
    const { carrier } = this;
    let peer: Ipc | undefined;
    return {
      signal: controller.signal,
      get peer() {
        return (peer ??= carrier.peer(depthOf(message) + 1));
      },
      fail: (data, text = "the method failed") => new MethodError(data, text, name),
      progress: (progress) => {
        if (token === undefined || controller.signal.aborted) return;
        const encoding = new Encoding(this.carrier.isJson);
        const value = encoding.convert(method.p, progress, "the progress");
        this.carrier.send(noteMessage("$/progress", { token, value }), encoding.exact);
      },
    };
  }
}

function isId(id: unknown): boolean {
  return id === null || typeof id === "number" || typeof id === "bigint" || (typeof id === "string" && id.length <= MAX_ID);
}

/** How many handlers the caller of a request is nested in. */
function depthOf({ ipc }: Message): number {
  const { depth } = members(ipc);
  return typeof depth === "number" && depth > 0 ? Math.floor(depth) : 0;
}

async function* listed(items: unknown[]): AsyncGenerator<unknown, void> {
  yield* items;
}
