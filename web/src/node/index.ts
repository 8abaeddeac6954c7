// The package for Node: all of `ipc-runtime`, and sockets, pipes and processes.
export * from "../index.js";
export { connect, connectLazily } from "./connect.js";
export { stdio, type StdioOptions } from "./child.js";
export { plainJsonRpc, type NodePlainOptions, type PlainFraming } from "./plain.js";
