// Whether two versions of an interface fit together, by the rule of the Rust side.
import type { Exposed } from "./bindings.js";

/** Orders two versions: below 0 if the first is older. */
export function compareVersions(one: string, other: string): number {
  const [[a, b], [aPre, bPre]] = [[one, other].map(numbersOf), [one, other].map(preOf)] as [string[], string[]];
  // What is to come is older than its release.
  return order(a as string, b as string) || Number(!aPre) - Number(!bPre) || order(aPre as string, bPre as string);
}

const numbersOf = (version: string): string => version.split(/[-+]/)[0] as string;
const preOf = (version: string): string => /^[^-+]*-([^+]*)/.exec(version)?.[1] ?? "";

/** Orders by the parts between dots: numbers before words, each in its order, and fewer before more (semver.org, item 11). */
function order(one: string, other: string): number {
  const [a, b] = [one.split("."), other.split(".")];
  for (let at = 0; at < a.length && at < b.length; at++) {
    const [x, y] = [a[at] as string, b[at] as string];
    const difference = Number(x) - Number(y) || Number(x > y) - Number(x < y);
    if (difference) return difference;
  }
  return a.length - b.length;
}

const SEMVER = /^\d+\.\d+\.\d+(?![^-+])/;

/**
 * Whether who uses `used` can work with who serves `served`: by Cargo's caret rule (1.4.0 serves
 * 1.2.0), and not with different fingerprints under one version.
 */
export function fits(used: Exposed, served: Exposed, exact: boolean): boolean {
  const [wanted, there] = [String(used.version), served.version];
  if (!SEMVER.test(wanted) || !SEMVER.test(there)) return false;
  const difference = compareVersions(wanted, there);
  if (difference === 0) return !conflicts(String(used.fingerprint), served.fingerprint);
  if (exact || difference > 0) return false;
  const [wants, has] = [numbersOf(wanted), numbersOf(there)];
  // A release to come serves only who asked for one of the same three numbers.
  if (preOf(there) && !(preOf(wanted) && wants === has)) return false;
  // Up to the first number that isn't zero, they have to be equal.
  const fixed = /^(?:0\.){0,2}\d+/.exec(wants)?.[0];
  return has.startsWith(`${fixed}.`) || has === fixed;
}

/** Whether two fingerprints differ. Those of different algorithms say nothing about each other. */
export function conflicts(one: string, other: string): boolean {
  return one !== other && one.split(":")[0] === other.split(":")[0];
}
