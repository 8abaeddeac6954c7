// A backend that a test plays, at the other end of a channel: a component needs no other.
import { connect, handler, messagePort, type Dial, type Handler } from "ipc-runtime";
import { Docs, type DocsMethods } from "../../tests/support/docs.ts";

/** Where a client connects to that backend. Only the methods that a test needs are given. */
export function played(docs: Partial<Handler<DocsMethods>>): Dial {
  const missing = Object.keys(Docs.methods).map((name) => [name, () => { throw new Error(`the test has no ${name}`); }]);
  const served = [handler(Docs, { ...Object.fromEntries(missing), ...docs } as Handler<DocsMethods>)];
  return messagePort(() => {
    const { port1, port2 } = new MessageChannel();
    void connect(messagePort(port2), { serve: served });
    return port1;
  });
}
