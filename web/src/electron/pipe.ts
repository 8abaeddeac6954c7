// One page's port, and its own connection to the backend: what comes on one goes out on the other.
import { IpcError, textOf, thrown } from "../errors.js";
import type { ByteDial, ByteTransport } from "../node/byte-stream.js";
import { FirstMessage } from "./first-message.js";
import { MOST, Pace, STEP } from "./pace.js";
import type { MainPort } from "./shapes.js";
import type { Ended } from "./words.js";

/** Where pipes lead, and the secret that is shown there. */
export interface Far {
  readonly dial: ByteDial;
  readonly token: string | (() => string | Promise<string>) | undefined;
  /** Tells the app what has failed. A page isn't told all of it. */
  readonly tell: (error: IpcError) => void;
}

type Message = string | Uint8Array;

/** A port and its connection. It connects with the port's first message. */
export class Pipe {
  #isOver = false;
  /** What came while it connects, which it does while this is here. */
  #early: Message[] | undefined;
  #transport: ByteTransport | undefined;
  readonly #giveUp = new AbortController();
  readonly #pace = new Pace();
  /** What was given to the connection, and isn't told to the page as taken. */
  #given = 0;
  /** What has come, and isn't told to the page as taken. */
  #behind = 0;
  /** How large a message may be: the backend says so in its answer to the first one. */
  #largest = 0;
  /** The first message, until it is answered. */
  #first: FirstMessage | undefined;
  /** Settled when both ends are closed. */
  readonly whenClosed: Promise<void>;
  #closed!: () => void;

  /** @param onOver called when it ends. */
  constructor(
    readonly port: MainPort,
    readonly far: Far,
    readonly onOver: (pipe: Pipe) => void,
  ) {
    this.whenClosed = new Promise((resolve) => (this.#closed = resolve));
    port.on("close", () => this.end());
    port.on("message", ({ data }) => this.#heard(data));
  }

  /** The port's messages are let in. */
  start(): void {
    if (!this.#isOver) this.port.start();
  }

  /**
   * Ends both. The backend isn't told that the page won't come back.
   *
   * @param cause what the page is told, if it is there.
   */
  end(cause?: IpcError): void {
    if (this.#isOver) return;
    this.#isOver = true;
    const isConnecting = this.#early !== undefined;
    this.#early = undefined;
    if (cause) this.#post({ ended: cause.kind, why: cause.message } satisfies Ended);
    this.port.close();
    this.#giveUp.abort(cause ?? new IpcError("disconnected", "the page has closed its port"));
    if (this.#transport) this.#transport.close();
    else if (!isConnecting) this.#closed();
    this.onOver(this);
  }

  #heard(data: unknown): void {
    if (this.#isOver) return;
    if (typeof data === "number") {
      this.#pace.took(data);
      if (!this.#pace.isFull) this.#transport?.resume();
    } else if (data === null) this.end();
    else if (typeof data === "string" || data instanceof Uint8Array) this.#came(data);
    else this.end(new IpcError("protocol", "the page has sent what is neither text nor bytes: connect by `electron()` of ipc-runtime/electron/renderer"));
  }

  #came(message: Message): void {
    this.#behind += message.length;
    if (!this.#transport && !this.#early) this.#begin(message);
    else if (this.#behind > MOST + this.#largest) {
      // `electron()` waits before that. What is kept here is the main process's memory.
      this.end(new IpcError("limit", `the page has sent ${this.#behind} bytes that the backend hasn't taken, and ${MOST + this.#largest} are the most: connect by \`electron()\` of ipc-runtime/electron/renderer`));
    } else if (this.#transport) this.#pass(this.#transport, message, message.length);
    // A copy, or all of the memory would be kept that the message is a part of.
    else this.#early?.push(typeof message === "string" ? message : new Uint8Array(message));
  }

  #begin(first: Message): void {
    this.#early = [];
    this.#connect(first).catch((error: unknown) => {
      this.end(error instanceof IpcError ? error : new IpcError("notConnected", `${this.far.dial.endpoint}: ${textOf(error)}`));
      this.#closed();
    });
  }

  async #connect(message: Message): Promise<void> {
    const { dial, token } = this.far;
    const { signal } = this.#giveUp;
    const first = (this.#first = new FirstMessage(message));
    const handshake = first.withToken(typeof token === "function" ? await Promise.race([this.#asked(token), aborted(signal)]) : token);
    signal.throwIfAborted();
    const transport = await dial.dial(first.encoding, signal, first.maxMessageBytes);
    transport.onclose = (cause) => {
      this.end(cause);
      this.#closed();
    };
    if (this.#isOver) return transport.close();
    this.#transport = transport;
    transport.onmessage = (message) => this.#answered(transport, message);
    transport.ondrain = () => this.#tell();
    // The page counts what it has sent.
    this.#pass(transport, handshake, message.length);
    for (const early of this.#early ?? []) this.#pass(transport, early, early.length);
    this.#early = undefined;
  }

  /** To the backend. */
  #pass(transport: ByteTransport, message: Message, size: number): void {
    transport.send(message);
    this.#given += size;
    // What the backend doesn't read holds the page back.
    if (transport.bufferedAmount < STEP) this.#tell();
  }

  #tell(): void {
    if (this.#isOver) return;
    const taken = this.#pace.take(this.#given);
    this.#given = 0;
    if (taken === undefined) return;
    this.#behind -= taken;
    this.#post(taken);
  }

  /** To the page. */
  #answered(transport: ByteTransport, message: Message): void {
    if (this.#isOver) return;
    const largest = this.#first?.answeredBy(message);
    if (largest !== undefined) {
      this.#largest = largest;
      this.#first = undefined;
    }
    this.#pace.ahead += message.length;
    // A copy, or all of the memory would be posted that the message is a part of.
    this.#post(typeof message === "string" ? message : new Uint8Array(message));
    if (this.#pace.isFull) transport.pause();
  }

  #post(message: Message | number | Ended): void {
    try {
      this.port.postMessage(message);
    } catch {
      // The page is gone, and its port with it.
      this.end();
    }
  }
  /** What the app's function gives: that it fails may pass. Why it fails is the app's own, and no page's. */
  async #asked(token: () => string | Promise<string>): Promise<string> {
    try {
      return await token();
    } catch (cause) {
      this.far.tell(thrown("`token` of `serveRenderers`", cause));
      throw new IpcError("notConnected", "there is no token: the main process's function for it failed");
    }
  }
}

function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
}
