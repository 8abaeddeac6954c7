// A page that calls one method of each of two interfaces, of three in its bindings.
import { connect } from "ipc-runtime";
import { Docs, Window } from "./bindings.js";

const ipc = await connect("/ipc");
const [docs, window] = [ipc.client(Docs), ipc.client(Window)];
console.log(await docs.list("."), await window.show("text"));
