// A window that a peer calls.
import { handler, type Handler, type Method } from "ipc-runtime";
import { connect } from "./connect.js";
import { Window, type WindowMethods } from "./docs.js";
import { Peer } from "./peer.js";

export const quiet = { show: () => 0, moved() {}, async *ticks() {}, sum: () => 0, big: (n: bigint) => n } satisfies Handler<WindowMethods>;

/** @param more members that its methods have in its bindings. */
export async function serving(impl: Partial<Handler<WindowMethods>>, more: { [method: string]: Method } = {}) {
  const peer = new Peer();
  const def = { ...Window, methods: Object.fromEntries(Object.entries(Window.methods).map(([name, method]) => [name, { ...(method as Method), ...more[name] }])) as typeof Window.methods };
  const ipc = await connect(peer, { serve: [handler<WindowMethods>(def, { ...quiet, ...impl })] });
  return { peer, ipc };
}
