// The error for two sides whose interfaces don't fit: what differs, and what to do.
import type { Exposed, Interface } from "./bindings.js";
import { IpcError, type ErrorObject } from "./errors.js";

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
  /** Which side has the newer version; `same` if both name one version, of which they have two. */
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

const SUMMARIES = {
  backend: "A new version is there. Reload the page.",
  page: "The backend is older than this page. Update the backend, or start it anew.",
  same: "This page and the backend come from different builds. Reload the page, or build both anew.",
};

/** Makes the error of what the backend serves, or of its -32003. */
export function mismatch(ours: Interface<unknown>, theirs: Exposed, error?: ErrorObject): VersionMismatchError {
  const data = asObject(error?.data);
  const their = { version: theirs.version, fingerprint: theirs.fingerprint };
  // Near enough to the order of versions for a hint.
  const order = ours.version.localeCompare(theirs.version, "en", { numeric: true });
  const newer = order < 0 ? "backend" : order > 0 ? "page" : "same";
  const methods = compareMethods(ours, asObject(data["methods"]));
  const types: { [name: string]: string } = {};
  for (const [name, text] of Object.entries(asObject(data["types"]))) if (typeof text === "string") types[name] = text;
  const lines = methods.map(({ name, theirs: signature, reason }) => {
    if (reason === "missingThere") return `  the backend has no ${name}`;
    return reason === "missingHere" ? `  the backend alone has ${signature ?? name}` : `  it has ${signature ?? name}, which differs`;
  });
  const head =
    newer === "same"
      ? `${ours.channel}: both sides say that they have version ${ours.version}, but it isn't the same interface`
      : `${ours.channel}: this side was built with version ${ours.version}, the backend serves ${theirs.version}`;
  const summary = SUMMARIES[newer];
  const known: { code?: number; data?: unknown } = error ? { code: error.code, data: error.data } : {};
  return new VersionMismatchError(
    {
      channel: ours.channel,
      ours: { version: ours.version, fingerprint: ours.fingerprint },
      theirs: their,
      newer,
      methods,
      types,
      summary,
      text: [head, ...lines.slice(0, 24), summary].join("\n"),
    },
    known,
  );
}

function compareMethods(ours: Interface<unknown>, theirs: Record<string, unknown>): MethodMismatch[] {
  // What isn't told had no room in the answer.
  if (Object.keys(theirs).length === 0) return [];
  const methods: MethodMismatch[] = [];
  const here = new Map<string, string | undefined>();
  for (const [name, method] of Object.entries<{ w?: string; f?: string }>(ours.methods)) here.set(method.w ?? name, method.f);
  for (const [name, their] of Object.entries(theirs)) {
    const { signature, fingerprint } = asObject(their);
    const known: { theirs?: string } = typeof signature === "string" ? { theirs: signature } : {};
    if (!here.has(name)) methods.push({ name, ...known, reason: "missingHere" });
    // The algorithm's number stands before theirs.
    else if (String(fingerprint).split(":").pop() !== here.get(name)) methods.push({ name, ...known, reason: "differs" });
  }
  for (const name of here.keys()) if (!Object.hasOwn(theirs, name)) methods.push({ name, reason: "missingThere" });
  return methods;
}

function asObject(value: unknown): Record<string, unknown> {
  return value !== null && typeof value === "object" ? (value as Record<string, unknown>) : {};
}
