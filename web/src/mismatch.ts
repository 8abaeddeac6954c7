// The error for two sides whose interfaces don't fit: which side is older, and what to do.
import type { Interface } from "./bindings.js";
import { IpcError, type ErrorObject } from "./errors.js";
import { compareVersions } from "./version.js";

/** A version of an interface, with the number for all that is visible of it on the wire. */
export interface VersionOf {
  readonly version: string;
  readonly fingerprint: string;
}

/** What the backend tells of its interface when it doesn't fit: `differences` reads it. */
export interface ServedVersion extends VersionOf {
  /** The methods by name, as Rust writes them, if there was room for them. */
  readonly methods?: { readonly [name: string]: { readonly signature: string; readonly fingerprint: string; readonly aliases?: readonly string[] } };
  /** The types that they use, by name, as Rust writes them. */
  readonly types?: { readonly [name: string]: string };
}

/** Two sides whose interfaces don't fit. */
export interface VersionMismatch {
  channel: string;
  /** What is in the bindings. */
  ours: VersionOf;
  theirs: ServedVersion;
  /** Which side has the newer version: `page` is this side. `same` if both name one version, of which they have two. */
  newer: "backend" | "page" | "same";
  /** One sentence, fit for a banner. */
  summary: string;
  /** With the versions, for people to read. */
  text: string;
}

/** The two sides have different interfaces. */
export class VersionMismatchError extends IpcError {
  override readonly name = "VersionMismatchError";

  constructor(readonly mismatch: VersionMismatch, details: { code?: number; data?: unknown } = {}) {
    super("versionMismatch", mismatch.text, details);
  }
}

/** What to do about it, where this runs: only a page can be reloaded. */
function summaryOf(newer: VersionMismatch["newer"]): string {
  const isPage = (globalThis as { location?: unknown }).location !== undefined;
  const here = isPage ? "page" : "program";
  if (newer === "page") return `The backend is older than this ${here}. Update the backend, or start it anew.`;
  if (newer === "same") return `This ${here} and the backend come from different builds. ${isPage ? "Reload the page, or build" : "Build"} both anew.`;
  return isPage ? "A new version is there. Reload the page." : "The backend is newer than this program. Update the program.";
}

/** Makes the error of what the backend serves, or of its -32003. */
export function mismatch(ours: Interface<unknown>, theirs: ServedVersion, error?: ErrorObject): VersionMismatchError {
  const { channel, version } = ours;
  const order = compareVersions(version, theirs.version);
  const newer = order < 0 ? "backend" : order > 0 ? "page" : "same";
  const what = newer === "same" ? `both sides say that they have version ${version}, but it isn't the same interface` : `this side was built with version ${version}, the backend serves ${theirs.version}`;
  const summary = summaryOf(newer);
  return new VersionMismatchError({ channel, ours, theirs, newer, summary, text: `${channel}: ${what}\n${summary}` }, error && { code: error.code, data: error.data });
}
