// What the two sides of a connection say of themselves, and how much each takes.
import { MAX_IN_FLIGHT, type AnswersSlot } from "./answers.js";
import { IpcError, type ErrorObject } from "./errors.js";
import { stringify } from "./json.js";
import { amount, members, named } from "./message.js";
import type { Window } from "./outflow.js";

/** The protocol that this package speaks. */
export const PROTOCOL = 1;
/** A handshake may ask for so many interfaces. */
export const MAX_USES = 256;
/** So large messages at least are taken by either side, in bytes. */
export const LEAST_MESSAGE = 1024;

/** The answer where nothing is served. */
export const NOTHING_SERVED: ErrorObject = { code: -32601, message: "nothing is served here" };

/** What this side takes. */
export interface Limits {
  /** How many items of each stream may be sent ahead. */
  window: number;
  /** How large a message may be, in bytes. */
  maxMessageBytes: number;
  /** How long the peer may be silent until it is asked whether it is there, in milliseconds. */
  heartbeat: number | null;
}

/** The handshakes of one connection. */
export class Greeting {
  /** The peer has answered one. */
  isDone = false;
  /** How large messages are that the peer takes, in bytes. */
  maxMessageBytes: number = 16 * 1024 * 1024;
  /** How many requests it takes at once. */
  maxInFlight: number = MAX_IN_FLIGHT;
  /** How much of each stream it takes ahead. */
  window: Window | undefined;
  /** The handshake that this side has sent. */
  sent: unknown;

  constructor(
    readonly slot: AnswersSlot,
    readonly limits: Limits,
  ) {}

  /** What a handshake says of this side, asking or answering. Two sides that are alike differ by a number. */
  hello(): object {
    const { window, maxMessageBytes, heartbeat } = this.limits;
    const exposes = [...(this.slot.answers?.interfaces ?? [])].map(named);
    const alive = heartbeat === null ? {} : { heartbeatMs: heartbeat };
    return { protocol: PROTOCOL, exposes, limits: { maxMessageBytes, maxInFlight: MAX_IN_FLIGHT }, window, nonce: Math.random(), ...alive };
  }

  /**
   * The peer has answered: it keeps to what this side takes, and says what it takes.
   *
   * @throws IpcError `protocol` if that is next to nothing.
   */
  answered(answer: Record<string, unknown>): void {
    const limits = members(answer["limits"]);
    const [bytes, requests, items] = [limits["maxMessageBytes"], limits["maxInFlight"], answer["window"]].map(amount);
    if (bytes !== undefined && bytes < LEAST_MESSAGE) {
      throw new IpcError("protocol", `the other side takes messages of ${bytes} bytes, and ${LEAST_MESSAGE} are needed`);
    }
    this.isDone = true;
    this.maxMessageBytes = bytes ?? this.maxMessageBytes;
    this.maxInFlight = Math.max(1, requests ?? this.maxInFlight);
    if (items !== undefined) this.window = { items, bytes: amount(answer["windowBytes"]) ?? Infinity };
  }

  /** The answer to a handshake, where nothing is served. */
  nothing(params: unknown): object {
    const { uses } = members(params);
    return { ...this.hello(), uses: (Array.isArray(uses) ? uses : []).map((used) => ({ channel: members(used)["channel"], error: NOTHING_SERVED })) };
  }

  /** Whether a handshake that came is the one that this side has sent. */
  isEcho(params: unknown): boolean {
    return this.sent !== undefined && stringify(params) === stringify(this.sent);
  }
}
