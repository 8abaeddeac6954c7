// The page that calls, in MessagePack.
import { connect } from "ipc-runtime";
import { msgpack } from "ipc-runtime/msgpack";
import { Docs, Window } from "./bindings.js";

const ipc = await connect("/ipc", { encoding: msgpack });
const [docs, window] = [ipc.client(Docs), ipc.client(Window)];
console.log(await docs.list("."), await window.show("text"));
