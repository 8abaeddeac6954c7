// Unix sockets and named pipes: where they lie, and whether what lies there may be trusted.
import { lstatSync, statSync } from "node:fs";
import { connect as open, type Socket } from "node:net";
import { userInfo } from "node:os";
import { join } from "node:path";
import { IpcError } from "../errors.js";
import { byteDial, type ByteDial } from "./byte-stream.js";

const NAME = /^[A-Za-z0-9_-][A-Za-z0-9._-]*$/;

/**
 * What an endpoint on this machine names; nothing for one of another scheme.
 *
 * @throws IpcError `notConnected` if it is no endpoint.
 */
export function localDial(endpoint: string): ByteDial | undefined {
  const { scheme, rest } = partsOf(endpoint);
  switch (scheme) {
    case "local":
    case "pipe":
      if (!NAME.test(rest)) throw noEndpoint(endpoint, "a name has letters, digits, `.`, `_` and `-`, and no dot in front");
      return localSocket(endpoint, () => (scheme === "local" ? localPath(rest) : pipePath(rest)));
    case "unix":
      if (!rest.startsWith("/") || rest === "/") throw noEndpoint(endpoint, "a Unix socket's path is absolute: unix:/PATH");
      return localSocket(endpoint, () => rest);
    default:
      return undefined;
  }
}

/** The scheme of an endpoint, and what is behind it. */
export function partsOf(endpoint: string): { scheme: string; rest: string } {
  const colon = endpoint.indexOf(":");
  return colon < 0 ? { scheme: "", rest: endpoint } : { scheme: endpoint.slice(0, colon), rest: endpoint.slice(colon + 1) };
}

/** What is no endpoint, and what to write instead. */
export function noEndpoint(endpoint: string, why: string): IpcError {
  return new IpcError("notConnected", `\`${endpoint}\` is no endpoint: ${why}`);
}

/** What of the system decides where a socket lies. */
export interface Surroundings {
  readonly platform: string;
  readonly env: { readonly [name: string]: string | undefined };
  /** The user's number, where the system has one. */
  readonly uid: number | undefined;
}

/** Those of this process. */
export function surroundings(): Surroundings {
  return { platform: process.platform, env: process.env, uid: process.getuid?.() };
}

/**
 * The path of `local:NAME`. On Unix it is in a directory that is checked: it belongs to this user,
 * and nobody else can enter.
 *
 * @throws IpcError `notConnected` if there is no such directory, or others have access.
 */
export function localPath(name: string, { platform, env, uid }: Surroundings = surroundings()): string {
  if (platform === "win32") {
    const user = env["USERNAME"];
    return `\\\\.\\pipe\\ipc-runtime.${user === undefined ? "" : `${user.replaceAll("\\", ".")}.`}${name}`;
  }
  const runtime = env["XDG_RUNTIME_DIR"];
  const directory = runtime && isOwnDirectory(runtime, uid) ? join(runtime, "ipc-runtime") : join(env["TMPDIR"] || "/tmp", `ipc-runtime-${uid}`);
  const found = lstatSync(directory, { throwIfNoEntry: false });
  const refuse = (why: string): never => {
    throw new IpcError("notConnected", `local:${name}: ${why}`);
  };
  if (!found) return refuse(`no backend has listened: there is no directory ${directory}`);
  if (found.isSymbolicLink() || !found.isDirectory()) return refuse(`${directory} is no directory of its own`);
  if (found.uid !== uid) return refuse(`${directory} belongs to another user`);
  if (found.mode & 0o077) return refuse(`${directory} is open to others: its mode has to be 0700`);
  return join(directory, `${name}.sock`);
}

function isOwnDirectory(path: string, uid: number | undefined): boolean {
  const found = statSync(path, { throwIfNoEntry: false });
  return found?.isDirectory() === true && found.uid === uid;
}

/** The path of `pipe:NAME`. */
export function pipePath(name: string): string {
  return `\\\\.\\pipe\\${name}`;
}

/** The longest path of a socket, in bytes: that of the system, without the zero at its end. */
const MAX_PATH = process.platform === "linux" ? 107 : 103;

/** A socket or pipe. The path is looked up for each connection. */
export function localSocket(endpoint: string, path: () => string): ByteDial {
  return byteDial(endpoint, async (signal) => {
    const at = path();
    if (process.platform !== "win32") check(endpoint, at);
    const socket = open(at);
    await connected(socket, endpoint, signal);
    return { input: socket, output: socket, end: () => ended(socket) };
  });
}

/** Node can't ask who is at the other end: it checks whose socket it is. */
function check(endpoint: string, path: string): void {
  const refuse = (why: string): never => {
    throw new IpcError("notConnected", `${endpoint}: ${why}`);
  };
  if (Buffer.byteLength(path) > MAX_PATH) refuse(`the path ${path} is longer than the ${MAX_PATH} bytes of a socket's address`);
  const found = statSync(path, { throwIfNoEntry: false });
  if (!found) return refuse(`no backend listens: there is no ${path}`);
  if (!found.isSocket()) refuse(`${path} is no socket`);
  const { uid } = userInfo();
  // Root may do everything anyway; who is root trusts root alone.
  if (found.uid !== uid && found.uid !== 0) refuse(`${path} belongs to another user`);
}

/** How long what was written may take to leave, in milliseconds. */
const PATIENCE = 2_000;

/** Ends a socket when what was written is out. A peer that doesn't read is given 2 s. */
function ended(socket: Socket): Promise<void> {
  if (socket.closed) return Promise.resolve();
  return new Promise((resolve) => {
    const timer = setTimeout(() => socket.destroy(), PATIENCE);
    socket.once("close", () => {
      clearTimeout(timer);
      resolve();
    });
    socket.destroySoon();
  });
}

function connected(socket: Socket, endpoint: string, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const abort = (): void => {
      socket.destroy();
      reject(signal.reason);
    };
    const failed = (error: NodeJS.ErrnoException): void => {
      signal.removeEventListener("abort", abort);
      const why = error.code === "ECONNREFUSED" ? "the backend that listened is gone" : error.message;
      reject(new IpcError("notConnected", `${endpoint}: ${why}`, { cause: error }));
    };
    socket.once("error", failed);
    socket.once("connect", () => {
      socket.off("error", failed);
      signal.removeEventListener("abort", abort);
      resolve();
    });
    signal.addEventListener("abort", abort);
  });
}
