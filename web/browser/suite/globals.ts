// Node's globals in a page, as far as the suite uses them. esbuild puts them where they are named.

/** The timers that are set, and the sockets that are open: what keeps Node's process alive. */
const timers = new Set<number>();
const sockets = new Set<WebSocket>();

const [set, clear] = [globalThis.setTimeout, globalThis.clearTimeout];
const counted = (run: TimerHandler, ms?: number, ...args: unknown[]): number => {
  const id: number = set(() => {
    timers.delete(id);
    if (typeof run === "function") run(...args);
  }, ms) as unknown as number;
  timers.add(id);
  return id;
};
const uncounted = (id?: number): void => {
  timers.delete(id as number);
  clear(id);
};
Object.assign(globalThis, { setTimeout: counted, clearTimeout: uncounted });

globalThis.WebSocket = class extends WebSocket {
  constructor(url: string | URL, protocols?: string | string[]) {
    super(url, protocols);
    sockets.add(this);
    this.addEventListener("close", () => sockets.delete(this));
  }
};

/** The listeners of each target. Browsers don't tell. */
export const listeners = new WeakMap<EventTarget, Map<string, Set<unknown>>>();
const { addEventListener, removeEventListener } = EventTarget.prototype;
EventTarget.prototype.addEventListener = function (this: EventTarget | undefined, ...[name, listener, options]: Parameters<typeof addEventListener>) {
  const target = this ?? globalThis;
  const own = listeners.get(target) ?? new Map<string, Set<unknown>>();
  listeners.set(target, own);
  const all = own.get(name) ?? new Set();
  own.set(name, all.add(listener));
  const { once = false, signal = undefined } = typeof options === "object" ? options : {};
  const forget = (): void => void all.delete(listener);
  if (once) addEventListener.call(target, name, forget, { once: true });
  if (signal) addEventListener.call(signal, "abort", forget, { once: true });
  addEventListener.call(target, name, listener, options);
};
EventTarget.prototype.removeEventListener = function (this: EventTarget | undefined, ...[name, listener, options]: Parameters<typeof removeEventListener>) {
  const target = this ?? globalThis;
  listeners.get(target)?.get(name)?.delete(listener);
  removeEventListener.call(target, name, listener, options);
};

export const process = {
  pid: Math.floor(Math.random() * 2 ** 40),
  platform: "linux",
  env: { IPC_CUT_EACH: "7", IPC_ITEMS: "40" } as { [name: string]: string | undefined },
  getActiveResourcesInfo: (): string[] => [...[...timers].map(() => "Timeout"), ...[...sockets].map(() => "TCPSocketWrap")],
};

/** A turn of the event loop, which isn't slowed down as timers are. */
const turns: (() => void)[] = [];
const { port1, port2 } = new MessageChannel();
port1.onmessage = () => turns.shift()?.();
export function setImmediate(run: () => void): void {
  turns.push(run);
  port2.postMessage(null);
}

/** Bytes of which a slice is no copy, as Node's are. */
class Bytes extends Uint8Array<ArrayBuffer> {
  static compare(a: Uint8Array, b: Uint8Array): number {
    for (let n = 0; n < a.length && n < b.length; n++) if (a[n] !== b[n]) return (a[n] as number) < (b[n] as number) ? -1 : 1;
    return Math.sign(a.length - b.length);
  }

  override slice(from?: number, to?: number): Bytes {
    return this.subarray(from, to) as Bytes;
  }

  override toString(encoding: "utf8" | "base64" = "utf8"): string {
    if (encoding === "utf8") return new TextDecoder().decode(this);
    let text = "";
    for (const byte of this) text += String.fromCharCode(byte);
    return btoa(text);
  }
}

export const Buffer = Object.assign(Bytes, {
  from(what: string | ArrayLike<number>): Bytes {
    const bytes = typeof what === "string" ? new TextEncoder().encode(what) : Uint8Array.from(what);
    return new Bytes(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  },
});
