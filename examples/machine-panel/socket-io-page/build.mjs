// Builds the page: node build.mjs [DIRECTORY], which is `dist` unless it is said. What is built is
// committed, so that the machine can be built without Node; `.ci/pages` sees that it is up to date.
import { build } from "esbuild";
import { copyFileSync, mkdirSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

/** The most that all files may have together, in bytes. */
const LIMIT = 200_000;

const here = fileURLToPath(new URL(".", import.meta.url));
const out = resolve(process.argv[2] ?? join(here, "dist"));

rmSync(out, { recursive: true, force: true });
mkdirSync(out, { recursive: true });
copyFileSync(join(here, "index.html"), join(out, "index.html"));
copyFileSync(join(here, "../page/icon.svg"), join(out, "icon.svg"));
const { metafile } = await build({
  absWorkingDir: here,
  entryPoints: ["src/page.js", "src/style.css"],
  outdir: out,
  bundle: true,
  format: "esm",
  target: "es2022",
  charset: "utf8",
  logLevel: "warning",
  metafile: true,
});

// What others wrote is there with their licences.
const bundled = Object.keys(metafile.inputs).flatMap((file) => /^node_modules\/(?:@[^/]+\/)?[^/]+/.exec(file) ?? []);
const licences = [...new Set(bundled)].sort().map((directory) => {
  const { name, version } = JSON.parse(readFileSync(join(here, directory, "package.json"), "utf8"));
  return `${name} ${version}\n\n${readFileSync(join(here, directory, "LICENSE"), "utf8").trim()}\n`;
});
writeFileSync(join(out, "licences.txt"), licences.join("\n---\n\n"));

const size = readdirSync(out).reduce((sum, file) => sum + statSync(join(out, file)).size, 0);
console.log(`${out}: ${size} bytes`);
if (size > LIMIT) throw new Error(`the page has ${size} bytes, and may have ${LIMIT}`);
