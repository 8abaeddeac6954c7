// The error for two sides whose interfaces don't fit: what differs, and what to do.
import type { Exposed, Interface } from "./bindings.js";
import { IpcError, type ErrorObject } from "./errors.js";
import { members } from "./message.js";
import { compareVersions } from "./version.js";

/** A version of an interface, with the number for all that is visible of it on the wire. */
export interface VersionOf {
  version: string;
  fingerprint: string;
}

/** A method that differs. */
export interface MethodMismatch {
  name: string;
  /** Its signature in the backend, in the words of Rust. */
  theirs?: string;
  reason: "differs" | "missingThere" | "missingHere";
}

/** Two sides whose interfaces don't fit. */
export interface VersionMismatch {
  channel: string;
  ours: VersionOf;
  theirs: VersionOf;
  /** Which side has the newer version: `page` is this side. `same` if both name one version, of which they have two. */
  newer: "backend" | "page" | "same";
  /** The methods that differ, if the backend told. */
  methods: MethodMismatch[];
  /** The types that the backend uses, by name, in the words of Rust. */
  types: { readonly [name: string]: string };
  /** One sentence, fit for a banner. */
  summary: string;
  /** All of it, for people to read. */
  text: string;
}

/** The two sides have different interfaces. */
export class VersionMismatchError extends IpcError {
  override readonly name = "VersionMismatchError";

  constructor(readonly mismatch: VersionMismatch, details: { code?: number; data?: unknown } = {}) {
    super("versionMismatch", mismatch.text, details);
  }
}

const REASONS = {
  differs: "differs from the backend's",
  missingThere: "isn't in the backend:",
  missingHere: "is in the backend alone:",
};

/** What to do about it, where this runs: only a page can be reloaded. */
function summaryOf(newer: VersionMismatch["newer"]): string {
  const isPage = (globalThis as { location?: unknown }).location !== undefined;
  const here = isPage ? "page" : "program";
  if (newer === "page") return `The backend is older than this ${here}. Update the backend, or start it anew.`;
  if (newer === "same") return `This ${here} and the backend come from different builds. ${isPage ? "Reload the page, or build" : "Build"} both anew.`;
  return isPage ? "A new version is there. Reload the page." : "The backend is newer than this program. Update the program.";
}

const version = ({ version, fingerprint }: Exposed): VersionOf => ({ version, fingerprint });

/** Makes the error of what the backend serves, or of its -32003. */
export function mismatch(ours: Interface<unknown>, theirs: Exposed, error?: ErrorObject): VersionMismatchError {
  const data = members(error?.data);
  const order = compareVersions(ours.version, theirs.version);
  const newer = order < 0 ? "backend" : order > 0 ? "page" : "same";
  const methods = compareMethods(ours, members(data["methods"]));
  const lines = methods.slice(0, 24).map(({ name, theirs: signature = name, reason }) => `  ${REASONS[reason]} ${signature}`);
  const head =
    newer === "same"
      ? `${ours.channel}: both sides say that they have version ${ours.version}, but it isn't the same interface`
      : `${ours.channel}: this side was built with version ${ours.version}, the backend serves ${theirs.version}`;
  const summary = summaryOf(newer);
  return new VersionMismatchError(
    {
      channel: ours.channel,
      ours: version(ours),
      theirs: version(theirs),
      newer,
      methods,
      types: members(data["types"]) as { [name: string]: string },
      summary,
      text: [head, ...lines, summary].join("\n"),
    },
    error && { code: error.code, data: error.data },
  );
}

function compareMethods(ours: Interface<unknown>, theirs: Record<string, unknown>): MethodMismatch[] {
  // What isn't told had no room in the answer.
  if (Object.keys(theirs).length === 0) return [];
  const methods: MethodMismatch[] = [];
  const here = new Map<string, string | undefined>();
  for (const [name, method] of Object.entries<{ w?: string; f?: string }>(ours.methods)) here.set(method.w ?? name, method.f);
  for (const [name, their] of Object.entries(theirs)) {
    const { signature, fingerprint } = members(their);
    const known: { theirs?: string } = typeof signature === "string" ? { theirs: signature } : {};
    if (!here.has(name)) methods.push({ name, ...known, reason: "missingHere" });
    // The algorithm's number stands before theirs.
    else if (String(fingerprint).split(":").pop() !== here.get(name)) methods.push({ name, ...known, reason: "differs" });
  }
  for (const name of here.keys()) if (!Object.hasOwn(theirs, name)) methods.push({ name, reason: "missingThere" });
  return methods;
}
