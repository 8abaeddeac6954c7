// One connection: which reply belongs to which call, and which item to which subscription. It knows
// nothing of reconnecting.
import { places, type Answering, type AnswersSlot, type Carrier, type Reply } from "./answers.js";
import type { Arguments } from "./arguments.js";
import type { Ipc } from "./client.js";
import { sizeOf, type Codec } from "./codec.js";
import { decode } from "./decoding.js";
import { errorObject, failure, guarded, IpcError, received, textOf, thrown } from "./errors.js";
import { Exchange } from "./exchange.js";
import { Greeting, NOTHING_SERVED, type Limits } from "./greeting.js";
import { Heartbeat } from "./heartbeat.js";
import type { Parsed } from "./json.js";
import { isId, members, noteMessage, refusal, replyMessage, requestMessage, type Message } from "./message.js";
import type { Window } from "./outflow.js";
import type { Opening, Part, PartKind } from "./parts.js";
import { disconnected, replyError, unfitting } from "./reply-error.js";
import type { Transport } from "./transport.js";
import { Waiting } from "./waiting.js";

/** How long what was sent may take to leave when the connection is closed, in milliseconds. */
const PATIENCE = 2_000;

/** What a connection is made of, and whom it tells. */
export interface ConnectionOptions {
  codec: Codec;
  slot: AnswersSlot;
  limits: Limits;
  /** What handlers call back through: calls of this depth. */
  peer(depth: number): Ipc;
  /** Something has failed that nobody waits for. */
  onError(error: IpcError): void;
  /** The connection has ended. Calls and subscriptions know it already. */
  onEnd(cause: IpcError): void;
  /** The peer is about to end the connection; if it is final, this side mustn't come back. */
  onClosing(reason: string, isFinal: boolean): void;
  /** The peer has dropped notifications. */
  onDropped(channel: string, n: number): void;
}

interface Pending {
  exchange: Exchange;
  opening: Opening | undefined;
}

/** An open connection. */
export class Connection implements Carrier {
  readonly isJson: boolean;
  readonly greeting: Greeting;
  #lastId = 0;
  /** The peer has said why it is about to end the connection. */
  #reason: IpcError | undefined;
  /** An error that came without an id: it is the reason if the connection ends by it. */
  #warning: IpcError | undefined;
  #isClosing = false;
  #end: IpcError | undefined;
  /** Settled when the transport is closed. */
  readonly whenClosed: Promise<void>;
  #closed!: () => void;
  readonly #pending = new Map<number, Pending>();
  readonly #waiting = new Waiting();
  readonly #parts = new Map<PartKind<Part>, Part>();
  #answering: Answering | undefined;
  /** How many bytes waited to be written when it was looked at. */
  #buffered = 0;
  readonly #heartbeat: Heartbeat | undefined;

  constructor(
    readonly transport: Transport,
    readonly options: ConnectionOptions,
  ) {
    this.isJson = options.codec.name === "json";
    this.whenClosed = new Promise((resolve) => (this.#closed = resolve));
    this.greeting = new Greeting(options.slot, options.limits);
    const { heartbeat } = options.limits;
    if (heartbeat !== null) {
      const silent = new IpcError("disconnected", `the other side has been silent for ${2 * heartbeat} ms, and doesn't answer`);
      this.#heartbeat = new Heartbeat(
        heartbeat,
        () => this.control("rpc.ping", undefined, null).catch(() => {}),
        () => this.close(silent, false),
        () => this.#hasMoved(),
      );
      transport.onbytes = () => this.#heartbeat?.heard();
    }
    transport.onmessage = (message) => this.#receive(message);
    transport.onerror = (error) => this.failed(error);
    transport.onclose = (cause) => {
      this.#ended(cause);
      this.#closed();
    };
  }

  get codec(): Codec {
    return this.options.codec;
  }

  hello(): object {
    return this.greeting.hello();
  }

  peer(depth: number): Ipc {
    return this.options.peer(depth);
  }

  failed(error: IpcError): void {
    this.options.onError(error);
  }

  get window(): number {
    return this.options.limits.window;
  }

  get end(): IpcError | undefined {
    return this.#end;
  }

  /** Whether it has ended, or the peer is about to end it. */
  get isClosing(): boolean {
    return this.#isClosing || this.#end !== undefined;
  }

  /** What of this connection is one part's: made when it is asked for first. */
  part<P extends Part>(kind: PartKind<P>): P {
    let part = this.#parts.get(kind) as P | undefined;
    if (!part) this.#parts.set(kind, (part = new kind(this)));
    return part;
  }

  /** Whether bytes have left since it was looked at: what the peer is asked may be behind them. */
  #hasMoved(): boolean {
    const before = this.#buffered;
    this.#buffered = this.transport.bufferedAmount;
    return this.#buffered < before;
  }

  get peerWindow(): Window | undefined {
    return this.greeting.window;
  }

  /**
   * The peer has answered a handshake.
   *
   * @throws IpcError `protocol` if it takes next to nothing.
   */
  greeted(answer: Record<string, unknown>): void {
    this.greeting.answered(answer);
    this.#heartbeat?.heard();
  }

  buffered(): number {
    return this.transport.bufferedAmount;
  }

  send(message: object, exact: boolean): string | Uint8Array {
    const encoded = this.options.codec.encode(message, exact);
    // No UTF-16 unit has more than three bytes: few texts have to be measured.
    const { maxMessageBytes: limit } = this.greeting;
    if (encoded.length * 3 > limit && sizeOf(encoded) > limit) {
      const size = sizeOf(encoded);
      const text = `a message of ${size} bytes is larger than the ${limit} that the other side takes`;
      throw new IpcError("tooLarge", text, { data: { limit, size } });
    }
    if (!this.#end) this.transport.send(encoded);
    return encoded;
  }

  tell(message: object, exact = false): void {
    if (!this.#end) this.transport.send(this.options.codec.encode(message, exact));
  }

  reply(replies: object, exact: boolean): void {
    try {
      this.send(replies, exact);
    } catch (error) {
      const { data } = error as IpcError;
      const smaller = ({ id }: Message): object => refusal(id, -32008, `the reply can't be sent: ${textOf(error)}`, data);
      this.tell(Array.isArray(replies) ? replies.map(smaller) : smaller(replies), exact);
    }
  }

  /** Sends a call, when there is room among those in flight. */
  start(exchange: Exchange, args: Arguments, opening?: Opening | undefined): void {
    if (exchange.isSettled) return;
    if (this.#end) return exchange.lost(this.#end, false);
    // While it closes, it is there: it finishes what runs.
    if (this.#isClosing && !exchange.name.startsWith("rpc.")) {
      if (exchange.again?.(false)) return;
      return exchange.fail(failure("closing", exchange.name, "the other side is closing", { cause: this.#reason }));
    }
    // What the runtime asks is answered at once: it waits for no place.
    if (!this.#hasRoom(exchange.depth) && !exchange.name.startsWith("rpc.")) return this.#waiting.add([exchange, args, opening]);
    const id = ++this.#lastId;
    const { isDone } = this.greeting;
    const ipc = isDone ? { timeoutMs: exchange.left, progress: exchange.onProgress && id, depth: exchange.depth || undefined, ...opening?.asks(id) } : {};
    try {
      this.send(requestMessage(id, exchange.name, ipc, args.params), args.exact);
    } catch (error) {
      return exchange.fail(error instanceof IpcError ? failure(error.kind, exchange.name, error, { data: error.data }) : error);
    }
    if (exchange.name === "rpc.handshake") this.greeting.sent = args.params;
    // It stays until it is answered, also if it is given up: so long the peer counts it.
    this.#pending.set(id, { exchange, opening });
    if (!exchange.method.keep) exchange.onGivenUp = () => this.tell(noteMessage("$/cancelRequest", { id }));
    const stop = args.streams?.start(this, exchange.method.keep === 1);
    exchange.onSettled = () => {
      stop?.();
      opening?.forget();
    };
  }

  /** Calls within calls have places of their own, so that both sides don't wait for each other. */
  readonly #hasRoom = (depth: number): boolean => this.#pending.size < places(this.greeting.maxInFlight, depth);

  /** Sends a notification. */
  note(name: string, args: Arguments): void {
    if (this.#end) throw disconnected(name, this.#end, false);
    this.send(noteMessage(name, args.params), args.exact);
  }

  /** Calls a method of the runtime. */
  control(name: string, params: unknown, timeout: number | null): Promise<unknown> {
    const exchange = new Exchange(name, {}, {}, timeout);
    this.start(exchange, { params, exact: false });
    return exchange.promise;
  }

  /** Ends the connection. The promise settles when all that was sent is out, or after 2 s. */
  close(cause: IpcError, isFinal: boolean): Promise<void> {
    if (!this.#end) {
      this.tell(noteMessage("rpc.closing", { reason: cause.message, restart: false, final: isFinal }));
      this.transport.close();
      this.#reason = cause;
      this.#ended(cause);
      const timer = setTimeout(this.#closed, PATIENCE);
      void this.whenClosed.then(() => clearTimeout(timer));
    }
    return this.whenClosed;
  }

  #receive(encoded: string | Uint8Array): void {
    if (this.#end) return;
    if (this.greeting.isDone) this.#heartbeat?.heard();
    // It wasn't the last thing that came.
    this.#warning = undefined;
    let parsed: Parsed;
    try {
      parsed = this.options.codec.decode(encoded);
    } catch (error) {
      // Nobody knows for whom it was.
      return void this.close(new IpcError("protocol", `a message can't be read: ${textOf(error)}`, { cause: error }), false);
    }
    // An id may be as long as any integer.
    const { value, long } = parsed;
    const take = (message: unknown, say: Reply): void => this.#message(message as Message, long, say);
    if (!this.isJson || !Array.isArray(value) || !value.length) return take(value, (reply, exact = false) => reply && this.reply(reply, exact || long));
    if (this.#answers) return this.#answers.batch(value, long, take);
    // Where nothing is served, nothing takes time to answer.
    const replies: object[] = [];
    for (const message of value) take(message, (reply) => reply && replies.push(reply));
    if (replies.length) this.reply(replies, long);
  }

  /** A message: what it is answered with, or that it isn't answered, is said once. */
  #message(message: Message, long: boolean, say: Reply): void {
    try {
      if (members(message) !== message || Array.isArray(message)) say(refusal(null, -32600, "a message is an object"));
      else if (message.method === undefined) say(this.#reply(message, long));
      else if (message.id !== undefined) this.#request(message, long, say);
      else {
        this.#note(message, long);
        say();
      }
    } catch (error) {
      // A message of a form that nobody has thought of is that message's error.
      const text = `a message can't be handled: ${textOf(error)}`;
      this.failed(new IpcError("protocol", text, { cause: error }));
      const { id, method } = message;
      say(id === undefined || method === undefined ? undefined : refusal(isId(id) ? id : null, -32603, text));
    }
  }

  /** What answers, from the first moment on in which something is served. */
  get #answers(): Answering | undefined {
    return (this.#answering ??= this.options.slot.answers?.start(this));
  }

  #request(message: Message, long: boolean, say: Reply): void {
    const { id, method, params } = message;
    if (method === "rpc.ping") say(replyMessage(id, { result: null }));
    else if (method === "rpc.handshake" && this.greeting.isEcho(params)) {
      void this.close(new IpcError("protocol", "the other side sends back what it gets: it is no backend"), false);
    } else if (this.#answers) this.#answers.request(message, long, say);
    else say(replyMessage(id, method === "rpc.handshake" ? { result: this.greeting.nothing(params) } : { error: NOTHING_SERVED }));
  }

  /** Returns what a message is answered with that is neither a call nor a reply. */
  #reply({ id, result, error }: Message, long: boolean): object | undefined {
    const isError = error !== undefined && error !== null;
    const pending = this.#pending.get(id as number);
    if (!pending) {
      // Without an id it concerns the connection, which the peer may be about to end, or something
      // that has no reply.
      if (isError && (id === null || id === undefined)) {
        this.#warning = received(errorObject(error));
        if (this.greeting.isDone) this.failed(this.#warning);
      }
      return isError || result !== undefined ? undefined : refusal(id ?? null, -32600, "a message has a method, a result or an error");
    }
    const { exchange, opening } = pending;
    this.#pending.delete(id as number);
    if (isError) exchange.fail(replyError(error, exchange.name, exchange.method.e, long));
    else if (result === undefined) exchange.fail(failure("protocol", exchange.name, "the reply has neither result nor error"));
    else if (opening) opening.answered(result);
    else {
      try {
        exchange.succeed(decode(exchange.method.r, result, long, ["result"]));
      } catch (unfit) {
        exchange.fail(unfitting(unfit, exchange.name));
      }
    }
    for (let next = this.#waiting.take(this.#hasRoom); next; next = this.#waiting.take(this.#hasRoom)) this.start(...next);
    return undefined;
  }

  #note(message: Message, long: boolean): void {
    const params = members(message.params);
    switch (message.method) {
      case "$/progress":
        return this.#progress(Array.isArray(params) ? { token: params[0], value: params[1] } : params, long);
      case "rpc.closing":
        return this.#peerCloses(params);
      case "rpc.dropped":
        return this.options.onDropped(String(params["channel"]), Number(params["n"]));
      default:
        for (const part of this.#parts.values()) if (part.note(message.method, params, long)) return;
        this.#answers?.note(message, params, long);
    }
  }

  #progress({ token, value }: Record<string, unknown>, long: boolean): void {
    const exchange = this.#pending.get(token as number)?.exchange;
    if (!exchange?.onProgress || exchange.isSettled) return;
    const { name, method, onProgress } = exchange;
    let progress: unknown;
    try {
      progress = decode(method.p, value, long, ["progress"]);
    } catch (unfit) {
      return exchange.giveUp(unfitting(unfit, name));
    }
    void guarded(() => onProgress(progress as never), (cause) => this.failed(thrown(`${name}: \`onProgress\``, cause)));
  }

  #peerCloses({ reason, final }: Record<string, unknown>): void {
    this.#isClosing = true;
    const text = typeof reason === "string" ? reason : "the other side is closing";
    this.#reason = new IpcError("closing", text);
    this.options.onClosing(text, final === true);
  }

  /** The one place where everything that waits for this connection ends. */
  #ended(cause: IpcError): void {
    if (this.#end) return;
    const end = this.#reason ?? this.#warning ?? cause;
    this.#end = end;
    this.#heartbeat?.stop();
    for (const { exchange } of this.#pending.values()) exchange.lost(end, true);
    for (const [exchange] of this.#waiting.end()) exchange.lost(end, false);
    for (const part of this.#parts.values()) part.end(end);
    this.#pending.clear();
    this.#answering?.end(end);
    this.options.onEnd(end);
  }
}
