// @generated from the Rust interfaces. Renew it: IPC_BINDINGS=write cargo test bindings
import type * as $ from "ipc-runtime";

/** One entry of a directory. */
export interface FileInfo {
  /** Its name, without the directory. */
  name: string;
  /** What it is. Release 1 didn't have this field. */
  kind: Kind;
  /** In bytes. */
  size: number;
}

/** What an entry of a directory is. */
export type Kind =
  /** A file. */
  | "File"
  /** A directory. */
  | "Directory"
  /** A link, a socket or the like. */
  | "Other";

/** What can go wrong with files. */
export type FileError =
  /** There is nothing of that name. */
  | { NotFound: string }
  /** The path leaves the directory that is served. */
  | { Outside: string }
  /** The file is larger than what is sent in one piece. */
  | { TooLarge: { /** The file. */ path: string; /** In bytes. */ limit: number } }
  /** Anything else. */
  | { Unreadable: { /** The file or directory. */ path: string; /** Why not. */ reason: string } };

/** Files of one directory of the backend's machine. */
export interface FilesMethods {
  /** Is anybody there? Gives one more at each call. A sync method runs inline: keep it short. */
  ping: $.Request<[], number>;
  /** Lists a directory. It waits for the disk, so it runs on a thread of its own. */
  list: $.Request<[dir: string], FileInfo[], FileError>;
  /** Reads a file. */
  read: $.Request<[path: string], $.Bytes, FileError>;
  /** Waits until an entry is added to a directory or removed from it. */
  changed: $.Request<[dir: string], null, FileError>;
  /** Takes a line for the backend's log. Nobody answers a notification. */
  log: $.Note<[line: string]>;
}

const $fileInfo: $.Plan = { s: { size: "int" } };
const $fileError: $.Plan = { s: { TooLarge: { s: { limit: "int" } } } };

export const Files: $.Interface<FilesMethods> = {
  channel: "demo.files", version: "2.0.0", fingerprint: "2:84a6ba0f1d5801f9", format: 1,
  methods: {
    ping: { f: "9018b30779152139" },
    list: { n: 1, keep: 1, r: { a: $fileInfo }, e: $fileError, f: "cba9d855a7a73608" },
    read: { n: 1, keep: 1, r: "bytes", e: $fileError, f: "f9c69045e739909c" },
    changed: { n: 1, e: $fileError, f: "7d30850bbfbd88a2" },
    log: { n: 1, k: "note", f: "6a34a5600d3d2161" },
  },
};
