// What the tests record of each client: the rows of the tables in docs/interop.md.

import { readFileSync } from "node:fs";

/** What a client does with a backend. */
export const backend = {
  calls: "calls, by position and by name",
  errors: "errors with code and data",
  notify: "notifies the backend",
  notified: "is notified by it",
  subscriptions: "subscribes, and unsubscribes",
  called: "is called by the backend",
  cancel: "cancels a call",
  progress: "hears of progress",
  upload: "sends a stream argument",
  batch: "sends a batch",
  integers: "integers beyond 2^53",
  bytes: "bytes, as base64",
  token: "shows a token",
  handshake: "compares versions",
  closing: "hears that the backend stops",
  reconnect: "connects again",
  idle: "stays for 65 s without a call, behind nginx",
};

/** What our clients do with a server that knows nothing of this project. */
export const server = {
  calls: "calls, by position and by name",
  errors: "errors with code and data",
  notify: "notifies the server",
  notified: "is notified by it",
  called: "is called by the server",
  cancel: "cancels a call",
  progress: "hears of `$/progress`",
  interface: "calls it through an interface",
  integers: "integers beyond 2^53",
  silence: "sends nothing that the server doesn't know",
  reconnect: "connects again",
};

/** The release of a package, as a lock file has it. */
function locked(file, pattern) {
  const found = pattern.exec(readFileSync(new URL(file, import.meta.url), "utf8"));
  if (!found) throw new Error(`interop/${file} doesn't lock ${pattern}`);
  return found[1];
}

const npm = (name) => `${name} ${locked("node/package-lock.json", new RegExp(`"node_modules/${name}": \\{\\s*"version": "([^"]+)"`, "u"))}`;
const pypi = (name) => `${name} ${locked("python/requirements.txt", new RegExp(`^${name}==(\\S+)`, "mu"))}`;
const crate = (name) => `${name} ${locked("jsonrpsee/Cargo.lock", new RegExp(`^name = "${name}"\nversion = "([^"]+)"`, "mu"))}`;

/** The tables: a mark in the page, the features, the clients with their headings. */
export const tables = [
  {
    mark: "backend",
    features: backend,
    clients: {
      "vscode-jsonrpc": npm("vscode-jsonrpc"),
      "vscode-ws-jsonrpc": npm("vscode-ws-jsonrpc"),
      "json-rpc-2.0": npm("json-rpc-2.0"),
      "rpc-websockets": npm("rpc-websockets"),
      "@open-rpc/client-js": npm("@open-rpc/client-js"),
      jsonrpcclient: `${pypi("jsonrpcclient")} with ${pypi("websockets")}`,
      pygls: pypi("pygls"),
      jsonrpsee: crate("jsonrpsee"),
    },
  },
  {
    mark: "server",
    features: server,
    clients: {
      "Frontend, unix": "`Frontend`, Unix socket",
      "Frontend, ws": "`Frontend`, WebSocket",
      "Frontend, stdio": "`Frontend`, child process",
      "npm, unix": "`ipc-runtime` (npm), Unix socket",
      "npm, ws": "`ipc-runtime` (npm), WebSocket",
    },
  },
  {
    mark: "runs",
    features: { suite: "the tests of its part of the npm package" },
    clients: { Electron: "Electron" },
  },
];
