// What carries messages: a WebSocket, a socket, a port.
import type { IpcError } from "./errors.js";

/** An open connection, below its messages' meaning. Its owner sets both listeners at once. */
export interface Transport {
  /** Sends one message. What can't be sent since the connection has ended is dropped. */
  send(message: string | Uint8Array): void;
  /**
   * Ends the connection when all that was sent is out. `onclose` is called when it is closed, and no
   * message comes after that.
   */
  close(): void;
  /** How many bytes wait to be written. */
  readonly bufferedAmount: number;
  /** A message has come. Never called within `send`. */
  onmessage: (message: string | Uint8Array) => void;
  /** Called when a part of a message has come, where that can be seen: who sends it is there. */
  onbytes?: (() => void) | undefined;
  /** Something has failed that nobody waits for, and by which the connection doesn't end. */
  onerror?: ((error: IpcError) => void) | undefined;
  /** The connection has ended, and this is why. Called once. */
  onclose: (cause: IpcError) => void;
}

/** Makes connections to one endpoint. */
export interface Dial {
  /** The endpoint, for errors. It holds no secret. */
  readonly endpoint: string;
  /**
   * Connects.
   *
   * @param encoding the name of the encoding that the messages will have.
   * @param signal aborted when nobody waits for the connection any more.
   * @param maxMessageBytes how large a message may be that comes: the peer is told so.
   * @throws IpcError `notConnected` if nobody answers, `unauthorized` or `limit` if that can be told.
   */
  dial(encoding: "json" | "msgpack", signal: AbortSignal, maxMessageBytes: number): Promise<Transport>;
}
