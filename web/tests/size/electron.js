// The page that calls, and comes back, in a window of Electron.
import { connect, reconnect } from "ipc-runtime";
import { electron } from "ipc-runtime/electron/renderer";
import { Docs, Window } from "./bindings.js";

const ipc = await connect(electron(), { reconnect: reconnect({ whileAway: "wait" }) });
const [docs, window] = [ipc.client(Docs), ipc.client(Window)];
console.log(await docs.list("."), await window.show("text"));
