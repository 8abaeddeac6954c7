// A crate outside of the workspace that depends on the clone, as the guide's app does.

import { copyFileSync, readFileSync, writeFileSync } from "node:fs";
import { root } from "./blocks.mjs";

/**
 * Writes what a crate has beside its source. Its dependencies are those that the workspace has locked,
 * and the clone is this tree: by its own path, so that what is built of it is built once.
 */
export function layCrate(folder, manifest) {
  const profile = /^\[profile\.dev\]\n(?:.+\n)*/mu.exec(readFileSync(`${root}/Cargo.toml`, "utf8"))?.[0] ?? "";
  writeFileSync(`${folder}/Cargo.toml`, `${manifest.replaceAll('"../ipc-runtime/', `"${root}/`)}\n${profile}`);
  copyFileSync(`${root}/Cargo.lock`, `${folder}/Cargo.lock`);
}
