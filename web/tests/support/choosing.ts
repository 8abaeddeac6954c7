// A peer that takes the numbers that are chosen for subscriptions.
import { connect } from "./connect.js";
import { Docs } from "./docs.js";
import { Peer } from "./peer.js";

/** A method that subscribes. */
export const CHANGED = "demo.docs.changed";

/** A client of a peer that takes the numbers that this side chooses. */
export async function choosing() {
  const peer = new Peer();
  peer.answers.set(CHANGED, (_params, { ipc }) => ipc.subscription);
  const ipc = await connect(peer, { callTimeout: null });
  const item = (subscription: number, n: number): void => peer.say({ method: CHANGED, params: { subscription, result: { name: `${n}`, kind: "File", size: n, inode: n } } });
  return { peer, ipc, docs: await ipc.open(Docs), item };
}
