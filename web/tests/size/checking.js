// A page that checks values in development.
import { connect } from "ipc-runtime";
import { check } from "ipc-runtime/check";
import { $Types, Docs } from "./bindings.js";

const ipc = await connect("/ipc", { check: DEV ? check($Types) : undefined });
console.log(await ipc.client(Docs).list("."));
