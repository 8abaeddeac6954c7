// The page that calls, and comes back.
import { connect, reconnect } from "ipc-runtime";
import { Docs, Window } from "./bindings.js";

const ipc = await connect("/ipc", { reconnect: reconnect({ whileAway: "wait" }) });
const [docs, window] = [ipc.client(Docs), ipc.client(Window)];
console.log(await docs.list("."), await window.show("text"));
