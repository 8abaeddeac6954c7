// The newest item of a subscription, in the form that frameworks take.
import type { Subscribing } from "./calls.js";
import { guarded, report, type IpcError } from "./errors.js";
import { event } from "./event.js";
import type { Lasting } from "./disposable.js";
import { Lingering } from "./lingering.js";
import { Cell, type Source } from "./source.js";

function reported(error?: unknown): void {
  const { kind } = (error ?? {}) as Partial<IpcError>;
  if (error !== undefined && kind !== "disconnected" && kind !== "notConnected") report(error);
}

/**
 * Holds the newest item of a subscription: `undefined` before the first. It is opened with the first
 * listener, and ended one macrotask after the last, so that a component that is mounted anew keeps it.
 * The item stays, also when the subscription has ended.
 *
 * @param subscribe opens the subscription.
 * @param onEnd called if it can't be opened or ends, with the error if there is one. The next listener
 * opens it anew, also one that joins others. Without it, an error is reported as an uncaught one, other
 * than that there is no connection: `ipc.state` shows that.
 */
export function latest<T, E>(subscribe: () => Subscribing<T, E>, onEnd: (error?: unknown) => void = reported): Source<T | undefined> {
  const items = event(subscribe, (...end) => {
    life.over();
    onEnd(...end);
  });
  const cell = new Cell<T | undefined>(undefined);
  let listening: Lasting | undefined;
  const life = new Lingering(
    () => (listening = items.on((item) => cell.set(item).forEach((listener) => void guarded(listener, report)))),
    () => listening?.dispose(),
  );
  return {
    get: cell.get,
    subscribe: (listener) => {
      const [forget, leave] = [cell.subscribe(listener), life.use()];
      return () => {
        forget();
        leave();
      };
    },
  };
}
