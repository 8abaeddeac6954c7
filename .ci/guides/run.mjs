// The TypeScript in the guides: all of it is compiled, and the app of docs/typescript.md is built and
// run outside of the workspace, with the package as `npm pack` makes it.
//
// node .ci/guides/run.mjs [types | app]

import { copyFileSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { checkApp } from "./app.mjs";
import { blocks, root } from "./blocks.mjs";
import { run } from "./command.mjs";
import { checkTypes } from "./types.mjs";

const [only] = process.argv.slice(2);
const work = mkdtempSync(join(tmpdir(), "ipc-guides-"));
try {
  const app = `${work}/notes`;
  const modules = install(`${app}/web`);
  if (only !== "app") checkTypes(work, modules);
  if (only !== "types") await checkApp(app, work, modules);
} finally {
  rmSync(work, { recursive: true, force: true });
}

/** Installs what the guide installs, in the versions that are locked here, and the packed package. */
function install(web) {
  const quiet = ["--no-audit", "--no-fund", "--ignore-scripts", "--loglevel=error"];
  mkdirSync(web, { recursive: true });
  const named = blocks("docs/typescript.md").flatMap(({ text }) => [...text.matchAll(/npm install --save-dev (.*)/gu)].flatMap(([, names]) => names.split(" ")));
  const { devDependencies } = JSON.parse(run("npm", ["pkg", "get"], { cwd: `${root}/.ci/guides` }));
  const unknown = named.filter((name) => !(name in devDependencies));
  if (!named.length || unknown.length) throw new Error(`.ci/guides/package.json doesn't lock what the guide installs: ${unknown}`);
  for (const file of ["package.json", "package-lock.json", ".npmrc"]) copyFileSync(`${root}/.ci/guides/${file}`, `${web}/${file}`);
  run("npm", ["ci", ...quiet], { cwd: web });
  run("npm", ["pack", "--silent", "--pack-destination", work], { cwd: `${root}/web` });
  const { version } = JSON.parse(run("npm", ["pkg", "get"], { cwd: `${root}/web` }));
  run("npm", ["install", "--no-save", ...quiet, `${work}/ipc-runtime-${version}.tgz`], { cwd: web });
  return `${web}/node_modules`;
}
