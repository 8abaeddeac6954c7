// Builds the page: node build.mjs [DIRECTORY], which is `dist` unless it is said. What is built is
// committed, so that the app can be built without Node; `.ci/pages` sees that it is up to date.
import { build } from "esbuild";
import { copyFileSync, mkdirSync, readdirSync, rmSync, statSync } from "node:fs";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

/** The most that all files may have together, in bytes. */
const LIMIT = 200_000;

const here = fileURLToPath(new URL(".", import.meta.url));
const out = resolve(process.argv[2] ?? join(here, "dist"));

rmSync(out, { recursive: true, force: true });
mkdirSync(out, { recursive: true });
for (const file of ["index.html", "entered.html", "refused.html", "style.css", "icon.svg"]) copyFileSync(join(here, file), join(out, file));
await build({
  absWorkingDir: here,
  entryPoints: ["src/page.ts"],
  outfile: join(out, "page.js"),
  bundle: true,
  format: "esm",
  target: "es2022",
  charset: "utf8",
  logLevel: "warning",
});

const size = readdirSync(out).reduce((sum, file) => sum + statSync(join(out, file)).size, 0);
console.log(`${out}: ${size} bytes`);
if (size > LIMIT) throw new Error(`the page has ${size} bytes, and may have ${LIMIT}`);
