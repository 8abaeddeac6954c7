// Calls that wait until there is room among those in flight.
import { DEEPEST } from "./answers.js";
import type { Arguments } from "./arguments.js";
import { failure } from "./errors.js";
import type { Exchange } from "./exchange.js";
import type { Opening } from "./parts.js";

/** So many calls may wait. */
const MAX_WAITING = 65_536;

/** A call, and all that is needed to send it. */
export type WaitingCall = [exchange: Exchange, args: Arguments, opening: Opening | undefined];

/** Calls of one depth in their order. Any of them can be taken out, however many there are. */
class Line {
  readonly calls = new Map<number, WaitingCall>();
  #first = 0;
  #last = 0;

  /** Returns its place. */
  add(call: WaitingCall): number {
    this.calls.set(this.#last, call);
    return this.#last++;
  }

  take(): WaitingCall | undefined {
    while (this.#first < this.#last) {
      const call = this.calls.get(this.#first);
      this.calls.delete(this.#first++);
      if (call) return call;
    }
    return undefined;
  }
}

/** The calls that wait on one connection. */
export class Waiting {
  readonly #lines: Line[] = [];

  /** Takes a call until it has its turn or is settled; beyond the limit it fails. */
  add(call: WaitingCall): void {
    const [exchange] = call;
    const { depth, name, onSettled } = exchange;
    const count = this.#lines.reduce((all, { calls }) => all + calls.size, 0);
    if (count >= MAX_WAITING) return exchange.fail(failure("limit", name, `${count} calls wait already for answers of the other side`));
    const line = (this.#lines[Math.min(depth, DEEPEST)] ??= new Line());
    const place = line.add(call);
    // What nobody waits for any more isn't kept.
    exchange.onSettled = () => {
      line.calls.delete(place);
      onSettled?.();
    };
  }

  /** Takes out the next call that there is room for: a deeper one first, for which others wait. */
  take(hasRoom: (depth: number) => boolean): WaitingCall | undefined {
    for (let depth = this.#lines.length; depth-- > 0; ) {
      const line = this.#lines[depth];
      const call = line?.calls.size && hasRoom(depth) ? line.take() : undefined;
      if (call) return call;
    }
    return undefined;
  }

  /** Takes out all. */
  end(): WaitingCall[] {
    return this.#lines.splice(0).flatMap(({ calls }) => [...calls.values()]);
  }
}
