// Notifications of the peer that wait for their turn: those of one channel run one after another.
import { stringify } from "./json.js";

/** So many notifications of one channel may wait. */
const MAX_WAITING = 1024;
/** And so many characters of their params. */
const MAX_WAITING_SIZE = 4 * 1024 * 1024;
/** How long drops are counted until they are told, after those that were told before, in milliseconds. */
const PAUSE = 1_000;

interface Queue {
  waiting: { run: () => Promise<void>; size: number }[];
  /** The sizes of those that wait. */
  size: number;
  /** How many were dropped that aren't told. */
  dropped: number;
  /** When drops were told. */
  toldAt: number;
}

/** The queues of one connection. */
export class NoteQueues {
  readonly #queues = new Map<string, Queue>();

  /** @param dropped tells how many of a channel were dropped. */
  constructor(readonly dropped: (channel: string, n: number) => void) {}

  /**
   * Runs what handles a notification, at once or in its turn. Beyond the limits it is dropped.
   *
   * @param run never rejects.
   * @returns whether it runs.
   */
  add(channel: string, params: unknown, run: () => Promise<void>): boolean {
    const queue = this.#queues.get(channel);
    if (!queue) {
      const own: Queue = { waiting: [], size: 0, dropped: 0, toldAt: -Infinity };
      this.#queues.set(channel, own);
      void this.#drain(channel, own, run);
      return true;
    }
    const size = params === undefined ? 0 : stringify(params).length;
    if (queue.waiting.length >= MAX_WAITING || queue.size + size > MAX_WAITING_SIZE) {
      queue.dropped++;
      // The first at once: nobody knows how long a handler runs.
      if (performance.now() - queue.toldAt >= PAUSE) this.#tell(channel, queue);
      return false;
    }
    queue.waiting.push({ run, size });
    queue.size += size;
    return true;
  }

  /** The connection has ended. What came before that still runs. */
  end(): void {
    this.#queues.clear();
  }

  async #drain(channel: string, queue: Queue, first: () => Promise<void>): Promise<void> {
    for (let next: Queue["waiting"][number] | undefined = { run: first, size: 0 }; next; next = queue.waiting.shift()) {
      queue.size -= next.size;
      await next.run();
      if (queue.dropped && this.#queues.get(channel) === queue) this.#tell(channel, queue);
    }
    if (this.#queues.get(channel) === queue) this.#queues.delete(channel);
  }

  #tell(channel: string, queue: Queue): void {
    this.dropped(channel, queue.dropped);
    queue.dropped = 0;
    queue.toldAt = performance.now();
  }
}
