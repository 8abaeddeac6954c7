// A page that calls one interface and implements another.
import { connect, handler } from "ipc-runtime";
import { Docs, Window } from "./bindings.js";

const ipc = await connect("/ipc", { serve: [handler(Window, { show: (text) => text.length })] });
console.log(await ipc.client(Docs).list("."));
