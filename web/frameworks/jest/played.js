import { connect, handler, messagePort } from "ipc-runtime";
import { Docs } from "./ipc.js";

/** A backend that a test plays. */
export function played(docs) {
  return messagePort(() => {
    const { port1, port2 } = new MessageChannel();
    void connect(messagePort(port2), { serve: [handler(Docs, docs)] });
    return port1;
  });
}
