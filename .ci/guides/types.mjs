// Compiles the TypeScript in the guides, strictly, against the packed package and bindings that are
// made of the Rust blocks of the same page.

import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { basename } from "node:path";
import { writeBindings } from "./bindings.mjs";
import { blocks, pages } from "./blocks.mjs";
import { run } from "./command.mjs";

const CONFIG = {
  compilerOptions: {
    strict: true,
    exactOptionalPropertyTypes: true,
    target: "es2022",
    lib: ["es2022", "dom", "dom.iterable", "dom.asynciterable", "esnext.disposable"],
    module: "esnext",
    moduleResolution: "bundler",
    moduleDetection: "force",
    allowImportingTsExtensions: true,
    types: ["node"],
    noEmit: true,
  },
};

/** @param modules where the package and TypeScript are installed. */
export function checkTypes(work, modules) {
  const folderOf = (page) => `${work}/pages/${page.replaceAll("/", "-")}`;
  const found = pages().flatMap(blocks).filter(({ language, words }) => language === "ts" && !words.includes("ignore"));
  const withTypes = [...new Set(found.map(({ page }) => page))];
  mkdirSync(`${work}/pages`);
  symlinkSync(modules, `${work}/pages/node_modules`);
  writeFileSync(`${work}/pages/tsconfig.json`, JSON.stringify(CONFIG));
  for (const page of withTypes) mkdirSync(folderOf(page));
  writeBindings(work, withTypes, folderOf);
  for (const { page, line, text, file, before } of found) {
    writeFileSync(`${folderOf(page)}/${file ? basename(file) : `block-${line}.ts`}`, file ? "\n".repeat(line) + text : atTheirLines(line, text, before));
  }
  run(process.execPath, [`${modules}/typescript/bin/tsc`, "-p", `${work}/pages`], { cwd: `${work}/pages` });
  console.log(`${found.length} blocks of TypeScript in ${withTypes.length} pages are compiled`);
}

/** So that the compiler's lines are those of the page. */
function atTheirLines(line, text, before) {
  const hidden = before.line + before.text.split("\n").length;
  return `${"\n".repeat(before.line)}${before.text}${"\n".repeat(Math.max(1, line - hidden + 1))}${text}`;
}
