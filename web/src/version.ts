// Whether two versions of an interface fit together, by the rule of the Rust side.

import type { Exposed } from "./bindings.js";

const SEMVER = /^(\d+)\.(\d+)\.(\d+)(?:-([^+]*))?/;

interface Version {
  numbers: [number, number, number];
  pre: string;
}

function parse(version: string): Version | undefined {
  const found = SEMVER.exec(version);
  return found ? { numbers: [Number(found[1]), Number(found[2]), Number(found[3])], pre: found[4] ?? "" } : undefined;
}

/** Orders two versions: below 0 if the first is older. Texts that aren't versions are equal to all. */
export function compareVersions(one: string, other: string): number {
  const [a, b] = [parse(one), parse(other)];
  if (!a || !b) return 0;
  for (let at = 0; at < 3; at++) {
    const difference = (a.numbers[at] as number) - (b.numbers[at] as number);
    if (difference) return difference;
  }
  if (a.pre === b.pre) return 0;
  if (!a.pre || !b.pre) return a.pre ? -1 : 1;
  return comparePre(a.pre.split("."), b.pre.split("."));
}

/** Numbers before words, each in its order, and more parts after fewer (semver.org, item 11). */
function comparePre(a: string[], b: string[]): number {
  for (let at = 0; at < a.length && at < b.length; at++) {
    const [x, y] = [a[at] as string, b[at] as string];
    if (x === y) continue;
    const [n, m] = [/^\d+$/.test(x), /^\d+$/.test(y)];
    if (n && m) return Number(x) - Number(y);
    if (n !== m) return n ? -1 : 1;
    return x < y ? -1 : 1;
  }
  return a.length - b.length;
}

/**
 * Whether who uses `used` can work with who serves `served`: by Cargo's caret rule (1.4.0 serves
 * 1.2.0), and not with different fingerprints under one version.
 */
export function fits(used: Exposed, served: Exposed, exact: boolean): boolean {
  const [wants, has] = [parse(String(used.version)), parse(served.version)];
  if (!wants || !has) return false;
  const order = compareVersions(used.version, served.version);
  if (order === 0) return !conflicts(String(used.fingerprint), served.fingerprint);
  if (exact || order > 0) return false;
  // A release to come serves only who asked for one of the same three numbers.
  if (has.pre && !(wants.pre && wants.numbers.join() === has.numbers.join())) return false;
  // Up to the first number that isn't zero, they have to be equal.
  const first = wants.numbers.findIndex((number) => number !== 0);
  const fixed = first < 0 ? 3 : first + 1;
  return wants.numbers.slice(0, fixed).join() === has.numbers.slice(0, fixed).join();
}

/** Fingerprints of different algorithms say nothing about each other. */
function conflicts(one: string, other: string): boolean {
  return one !== other && one.split(":")[0] === other.split(":")[0];
}
