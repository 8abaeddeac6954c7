// What of the suite doesn't run in a page, and why. `tests/suite.test.ts` checks that each entry is
// there, and that nothing else is left out.

/** Files that are about Node, about the package as it is packed, or about Rust's half. */
export const files: { readonly [file: string]: string } = {
  "cut.test.js": "cuts a byte stream after each byte, and looks for what is left by Node's async_hooks",
  "electron.test.js": "plays Electron's main process, which is Node: `web/electron` has real pages",
  "electron-ports.test.js": "plays Electron's main process, which is Node: `web/electron` has real pages",
  "node.test.js": "of the package for Node: local sockets, child processes, framing, the package `ws`",
  "package.test.js": "bundles the package, and measures it",
  "plain.test.js": "of the package for Node: servers on local sockets, and child processes",
  "values.test.js": "starts a Rust program for the values, and a compiler",
  "wrong-values.test.js": "starts a Rust program for the values, and a compiler",
};

/** Carriers that a page doesn't have: groups or tests of these names. */
export const rows: { readonly [name: string]: string } = {
  "over a Unix socket": "a page has no local sockets",
  "over a Unix socket in MessagePack": "a page has no local sockets",
  "over a local socket": "a page has no local sockets",
  "over a local socket in MessagePack": "a page has no local sockets",
  "over standard input and output": "a page starts no processes",
  "over standard input and output in MessagePack": "a page starts no processes",
};

/** What plays a page for Node can't be put over a real one. */
const PLAYED = "plays a page: `tests/` has the real one";

/** Of the calls, which MessagePack runs once more. */
const CALLS = {
  "what to do about a mismatch fits a page": PLAYED,
  "what to do about a mismatch fits a program": "a page is no program",
};

/** Single tests, or groups of them. */
export const tests: { readonly [file: string]: { readonly [name: string]: string } } = {
  "address.test.js": {
    "a path is one of the page's or the worker's own origin": PLAYED,
    "what is no WebSocket's address is told, when it is dialed": PLAYED,
    "a client that connects lazily looks at nothing before its first call": PLAYED,
  },
  "backend.test.js": {
    "a page of this machine is told that its origin isn't allowed, before any token is asked for": PLAYED,
  },
  "calls.test.js": CALLS,
  "packed.test.js": CALLS,
  "reconnect.test.js": {
    "a backend on standard input and output is started anew": "a page starts no processes",
  },
  "sessions.test.js": {
    "a page that wakes up tries at once": PLAYED,
    "a page that goes for good tells the backend, one that may be shown again does not": PLAYED,
    "a client that does not reconnect listens to nothing of a page": PLAYED,
  },
  "time.test.js": {
    "where `Symbol.dispose` is missing, the polyfill sets it to what helpers look for, and the client alone sets nothing": "starts a Node without it",
  },
};

/** Why a test doesn't run in a page; `undefined` if it does. `path` may be that of a group. */
export function whyLeftOut(file: string, path: readonly string[]): string | undefined {
  const named = tests[file] ?? {};
  return path.map((name) => rows[name] ?? named[name]).find((why) => why !== undefined);
}
