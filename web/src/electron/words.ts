// What a page and the main process say to each other, beside messages.
import type { IpcErrorKind } from "../errors.js";

/** With this a page hands a port on. The preload script in the guide has it too. */
export const CONNECT = "ipc-runtime:connect";

/** The last thing that the main process says on a port: what has ended the connection. */
export interface Ended {
  readonly ended: IpcErrorKind;
  readonly why: string;
}
