// One subscription for any number of listeners.
import type { Subscribing, Subscription } from "./calls.js";
import { disposable, type Lasting } from "./disposable.js";
import { guarded, report } from "./errors.js";

/** Something that happens again and again. */
export interface Event<T> {
  /** Calls the listener each time, until what it returns is disposed of. */
  on(listener: (value: T) => void): Lasting;
}

/**
 * Makes an event of a subscription. It is opened with the first listener and ended after the last.
 *
 * @param subscribe opens the subscription.
 * @param onEnd called if it can't be opened or ends, with the error if there is one. The next listener
 * opens it anew. Without it, an error is reported as an uncaught one, as is what a listener throws.
 */
export function event<T, E>(subscribe: () => Subscribing<T, E>, onEnd?: (error?: unknown) => void): Event<T> {
  const listeners = new Set<{ listener: (value: T) => void }>();
  /** Counts openings, so that a subscription that has ended late ends nothing else. */
  let current: { subscription?: Subscription<T> } | undefined;

  async function run(own: { subscription?: Subscription<T> }): Promise<void> {
    let end: [unknown?] = [];
    try {
      const subscription = await subscribe();
      if (current !== own) return subscription.close();
      own.subscription = subscription;
      for await (const value of subscription) {
        for (const entry of [...listeners]) {
          if (listeners.has(entry)) void guarded(() => entry.listener(value), report);
        }
      }
    } catch (error) {
      end = [error];
    }
    if (current !== own) return;
    current = undefined;
    listeners.clear();
    if (onEnd) void guarded(() => onEnd(...end), report);
    else if (end.length) report(end[0]);
  }

  return {
    on(listener) {
      const entry = { listener };
      listeners.add(entry);
      if (!current) {
        current = {};
        void run(current);
      }
      return disposable(() => {
        if (!listeners.delete(entry) || listeners.size) return;
        current?.subscription?.close();
        current = undefined;
      });
    },
  };
}
