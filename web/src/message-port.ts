// Message ports: to a worker, to another frame, or to a backend that a test plays.
import { IpcError } from "./errors.js";
import type { Dial, Transport } from "./transport.js";

/**
 * What is used of a port: that of a `MessageChannel` has it, and so has a worker, in the page and from
 * within (`self`).
 */
export interface Port {
  postMessage(message: unknown): void;
  addEventListener(type: string, listener: (event: any) => void): void;
  removeEventListener(type: string, listener: (event: any) => void): void;
  /** A port lies still until it is started; a worker has no such thing. */
  start?(): void;
  /** Called with the end of the connection, if there is `start`: a worker would close itself by it. */
  close?(): void;
}

/** Ends the connection at the other side: few browsers say there that a port was closed. */
const END = null;

/** Says more than messages over a port: how much of them was taken, and why there are no more. */
export interface Pacing {
  /** Posts a message, or keeps it until there is room for it. */
  send(message: string | Uint8Array): void;
  /** The connection ends. Calls this when what is kept is posted, or when there was no room for it for 2 s. */
  flush(then: () => void): void;
  /** How much the other side hasn't taken. */
  waiting(): number;
  /** A message of this size was handled. */
  handled(size: number): void;
  /** Something else came. Returns why the connection ends, if it ends by that. */
  heard(data: unknown): IpcError | undefined;
}

/** Makes connections over ports. */
export interface PortDial extends Dial {
  /**
   * Called if a client is to come back over it.
   *
   * @throws IpcError `invalidArguments` if there is one port for it.
   */
  again(): void;
}

/**
 * What is at the other end of a port: a backend that is bridged to it, or another client that connects
 * over its own end and serves (`connect(messagePort(port2), { serve: [handler(Docs, …)] })`).
 *
 * @param port the port, for one connection. A function is asked for each, so a client may reconnect: over a
 * port itself it can't, and `connect` says so.
 */
export function messagePort(port: Port | (() => Port | Promise<Port>)): PortDial {
  const endpoint = "port:";
  const another = "give `messagePort` a function that makes another one";
  let isUsed = false;
  return {
    endpoint,
    again: () => {
      if (typeof port !== "function") throw new IpcError("invalidArguments", `${endpoint} \`reconnect\` needs a port for each connection: ${another}`);
    },
    dial: async () => {
      if (typeof port === "function") return overPort(await port(), endpoint);
      if (isUsed) throw new IpcError("notConnected", `${endpoint} this port had its connection: give \`messagePort\` a function that makes another one`);
      isUsed = true;
      return overPort(port, endpoint);
    },
  };
}

/** Ports that had their connection: they are closed by its end, unlike workers. */
const used = new WeakSet<Port>();

/**
 * A connection over a port. Without `pacing`, the port takes whatever there is.
 *
 * @throws IpcError `invalidArguments` for a port that had one.
 */
export function overPort(port: Port, endpoint: string, pacing?: Pacing): Transport {
  if (used.has(port)) throw new IpcError("invalidArguments", `${endpoint} this port had its connection: each one needs another port`);
  if (port.start) used.add(port);
  let isOpen = true;
  const end = (cause: IpcError): void => {
    if (!isOpen) return;
    isOpen = false;
    port.removeEventListener("message", heard);
    port.removeEventListener("close", lost);
    if (port.start) port.close?.();
    // In a turn of its own, as with a socket.
    queueMicrotask(() => transport.onclose(cause));
  };
  const lost = (): void => end(new IpcError("disconnected", `the connection over ${endpoint} has ended`));
  const leave = (): void => {
    if (!isOpen) return;
    port.postMessage(END);
    lost();
  };
  const heard = ({ data }: { data: unknown }): void => {
    if (data === END) return lost();
    if (typeof data === "string" || data instanceof Uint8Array) {
      transport.onmessage(data);
      if (isOpen) pacing?.handled(data.length);
      return;
    }
    const cause = pacing?.heard(data);
    if (cause) end(cause);
  };
  const transport: Transport = {
    send: (message) => {
      if (isOpen) (pacing ? pacing.send(message) : port.postMessage(message));
    },
    close: () => (pacing ? pacing.flush(leave) : leave()),
    get bufferedAmount() {
      return pacing?.waiting() ?? 0;
    },
    onmessage() {},
    onclose() {},
  };
  port.addEventListener("message", heard);
  // Node and Electron have this event. Chromium's pages have none: there the heartbeat finds out.
  port.addEventListener("close", lost);
  port.start?.();
  return transport;
}
