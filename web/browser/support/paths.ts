// Where things are. The bundles of these tests lie in `web/browser/build`.
import { mkdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

export const browser: string = join(dirname(fileURLToPath(import.meta.url)), "..");
export const web: string = join(browser, "..");

/** Where the report and the screenshots are left. */
export const output: string = join(web, "..", "target", "browser");
mkdirSync(output, { recursive: true });
