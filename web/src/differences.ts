// What differs between two sides whose interfaces don't fit. Only who asks has this in a bundle.
import type { Interface } from "./bindings.js";
import { members } from "./message.js";
import type { VersionMismatch } from "./mismatch.js";

/** A method that differs. */
export interface MethodDifference {
  name: string;
  /** Its signature in the backend, as Rust writes it. */
  theirs?: string;
  reason: "differs" | "missingThere" | "missingHere";
}

/**
 * The methods that differ, by their fingerprints: those of the backend in its order, then those that
 * only the bindings have. There are none if the backend had no room to tell of them.
 */
export function differences({ ours, theirs }: VersionMismatch): MethodDifference[] {
  const there: Record<string, unknown> = members(theirs.methods);
  if (Object.keys(there).length === 0) return [];
  const here = new Map<string, string | undefined>();
  for (const [name, method] of Object.entries<{ w?: string; f?: string }>((ours as Interface<unknown>).methods)) here.set(method.w ?? name, method.f);
  const methods: MethodDifference[] = [];
  // A method of another name there, or here, isn't missing.
  const old = new Map<string, string>();
  for (const [name, method] of Object.entries<{ w?: string; was?: readonly string[] }>((ours as Interface<unknown>).methods)) for (const was of method.was ?? []) old.set(was, method.w ?? name);
  const renamed = new Set<string>();
  for (const [name, their] of Object.entries(there)) {
    const { signature, fingerprint, aliases } = members(their);
    const ourName = [...(Array.isArray(aliases) ? aliases : []), old.get(name)].find((one) => !Object.hasOwn(there, one) && here.has(one));
    const known: { theirs?: string } = typeof signature === "string" ? { theirs: signature } : {};
    if (!here.has(name) && ourName !== undefined) {
      renamed.add(ourName);
      methods.push({ name: ourName, ...known, reason: "differs" });
    } else if (!here.has(name)) methods.push({ name, ...known, reason: "missingHere" });
    // The algorithm's number stands before theirs.
    else if (String(fingerprint).split(":").pop() !== here.get(name)) methods.push({ name, ...known, reason: "differs" });
  }
  for (const name of here.keys()) if (!Object.hasOwn(there, name) && !renamed.has(name)) methods.push({ name, reason: "missingThere" });
  return methods;
}
