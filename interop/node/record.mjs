// What a test has found of a client. It is kept for the tables in docs/interop.md.

import { appendFileSync, mkdirSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../../", import.meta.url));
const folder = process.env.INTEROP_CELLS ?? path.join(root, "target/interop/cells");

/**
 * Records a cell: `yes` if the client's own API does it, `by hand` if the app has to help, or `–`. For
 * the latter two, `why` says so.
 */
export function record(client, feature, cell, why) {
  mkdirSync(folder, { recursive: true });
  const line = JSON.stringify({ client, feature, cell, why });
  appendFileSync(path.join(folder, `node-${process.pid}.jsonl`), `${line}\n`);
}
