// WebSockets: of browsers, of Node, or of the package `ws`.
import { IpcError } from "./errors.js";
import type { Dial, Transport } from "./transport.js";

/** What is used of a WebSocket: the browsers' own class and that of `ws` have it. */
export interface Socket {
  binaryType: string;
  readonly bufferedAmount: number;
  onopen: ((event: never) => void) | null;
  onmessage: ((event: never) => void) | null;
  onclose: ((event: never) => void) | null;
  onerror: ((event: never) => void) | null;
  send(data: string | Uint8Array<ArrayBuffer>): void;
  close(code?: number, reason?: string): void;
}

/** How a WebSocket is made. */
export interface WebSocketOptions {
  /** Makes the socket. Default: the global `WebSocket`. */
  open?: (url: string, protocols: string[]) => Socket;
}

/**
 * A backend's WebSocket.
 *
 * @param url `ws://`, `wss://`, or a path of the page's own origin, such as `/ipc`. Only dialing looks
 * where that is: a server that renders the page has no origin, and connects to nobody.
 */
export function webSocket(url: string | URL, options: WebSocketOptions = {}): Dial {
  const { open = (to: string, protocols: string[]) => new WebSocket(to, protocols) as unknown as Socket } = options;
  const given = String(url);
  return {
    endpoint: given,
    dial: async (encoding, signal) => {
      const endpoint = absolute(given);
      return new Promise<Transport>((resolve, reject) => connect(open(endpoint, [`ipc.v1.${encoding}`, "ipc.session"]), endpoint, signal, resolve, reject));
    },
  };
}

function absolute(url: string): string {
  // Of a page or a worker. A worker that was made of a blob has the origin of its page.
  const { location } = globalThis as { location?: { href: string; protocol: string; origin: string } };
  try {
    const whole = new URL(url, location?.protocol === "blob:" ? location.origin : location?.href);
    whole.protocol = whole.protocol.replace("http", "ws");
    if (/^wss?:/.test(whole.protocol)) return whole.href;
  } catch {
    // It is refused below.
  }
  throw new IpcError("notConnected", `\`${url}\` is no URL of a WebSocket: write ws://HOST:PORT, wss://… or, in a page, /PATH`);
}

function connect(socket: Socket, endpoint: string, signal: AbortSignal, resolve: (transport: Transport) => void, reject: (error: unknown) => void): void {
  let isOpen = false;
  const transport: Transport = {
    // A socket that is closing drops what is sent, and says so on the console.
    send: (message) => socket.send(message as string | Uint8Array<ArrayBuffer>),
    close: () => socket.close(1000),
    get bufferedAmount() {
      return socket.bufferedAmount;
    },
    onmessage() {},
    onclose() {},
  };
  const abort = (): void => {
    socket.close();
    reject(signal.reason);
  };
  socket.binaryType = "arraybuffer";
  socket.onopen = () => {
    isOpen = true;
    signal.removeEventListener("abort", abort);
    resolve(transport);
  };
  socket.onmessage = ({ data }: { data: string | ArrayBuffer }) => transport.onmessage(typeof data === "string" ? data : new Uint8Array(data));
  // The event says nothing, and `onclose` follows.
  socket.onerror = () => {};
  socket.onclose = ({ code, reason }: { code: number; reason: string }) => {
    signal.removeEventListener("abort", abort);
    const cause = closed(endpoint, code, reason, isOpen);
    if (isOpen) transport.onclose(cause);
    else reject(cause);
  };
  signal.addEventListener("abort", abort);
}

function closed(endpoint: string, code: number, reason: string, wasOpen: boolean): IpcError {
  const why = reason ? `: ${reason}` : "";
  // 4403 is for pages of this machine whose origin isn't allowed; the reason names it.
  if (code === 1008 || code === 4403) return new IpcError("unauthorized", `${endpoint} doesn't let this side in${why}`, { code });
  if (code === 1013) return new IpcError("limit", `${endpoint} has as many connections as it may have`, { code });
  if (wasOpen) return new IpcError("disconnected", `the connection to ${endpoint} has ended (${code})${why}`, { code });
  const text = `${endpoint} can't be reached, or doesn't let this side in: a WebSocket isn't told which. The backend's log says so`;
  return new IpcError("notConnected", text, { code });
}
