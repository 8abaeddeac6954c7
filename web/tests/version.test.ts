import assert from "node:assert/strict";
import { test } from "node:test";
import { fits } from "#dist/version.js";

// Used, served, and whether they fit: by Cargo's caret rule, which the crate semver has.
const PAIRS: [string, string, boolean][] = [
  ["1.2.0", "1.2.0", true],
  ["1.2.0", "1.4.0", true],
  ["1.2.0", "1.2.1", true],
  ["1.4.0", "1.2.0", false],
  ["1.2.0", "2.0.0", false],
  ["1.9.0", "1.10.0", true],
  ["0.2.0", "0.2.5", true],
  ["0.2.0", "0.3.0", false],
  ["0.0.3", "0.0.3", true],
  ["0.0.3", "0.0.4", false],
  ["0.0.0", "0.0.1", false],
  ["1.2.0", "1.2.0+build", true],
  ["1.2.0-alpha", "1.2.0-beta", true],
  ["1.2.0-beta", "1.2.0-alpha", false],
  ["1.2.0-alpha.2", "1.2.0-alpha.10", true],
  ["1.2.0-alpha", "1.2.0", true],
  ["1.2.0", "1.2.0-alpha", false],
  ["1.2.0", "1.3.0-alpha", false],
  ["1.2.0-alpha", "1.3.0-alpha", false],
  ["1.2.0-alpha", "1.3.0", true],
  ["nonsense", "1.0.0", false],
  ["1.0.0", "nonsense", false],
];

for (const [used, served, expected] of PAIRS) {
  test(`${served} ${expected ? "serves" : "doesn't serve"} ${used}`, () => {
    const [a, b] = [used, served].map((version) => ({ channel: "c", version, fingerprint: `2:${version}` }));
    assert.ok(a && b);
    // Versions that are the same have one fingerprint.
    const equal = used.split("+")[0] === served.split("+")[0] ? { ...b, fingerprint: a.fingerprint } : b;
    assert.equal(fits(a, equal, false), expected);
  });
}

test("an interface that asks for the same version takes no other", () => {
  const one = { channel: "c", version: "1.2.0", fingerprint: "2:a" };
  assert.equal(fits(one, { ...one, version: "1.2.1" }, true), false);
  assert.equal(fits(one, one, true), true);
});

test("one version with two fingerprints doesn't fit, those of other algorithms aren't compared", () => {
  const one = { channel: "c", version: "1.2.0", fingerprint: "2:a" };
  assert.equal(fits(one, { ...one, fingerprint: "2:b" }, false), false);
  assert.equal(fits(one, { ...one, fingerprint: "3:b" }, false), true);
});
