// The page that calls, with the store.
import { connect } from "ipc-runtime";
import { cell, store } from "ipc-runtime/store";
import { Docs, Theme, Window } from "./bindings.js";

const ipc = await connect("/ipc");
const [docs, window] = [ipc.client(Docs), ipc.client(Window)];
console.log(await docs.list("."), await window.show("text"));
const replica = await store(ipc);
console.log(replica.get(Theme), cell(ipc, Theme).get());
