// The code blocks of the guides.
//
// - A block whose first line is a comment with a path (`// web/src/page.ts`) is that file of an app.
// - `ts ignore` is TypeScript of others, which isn't compiled.
// - What a comment `<!-- ts … -->` holds stands before each block of TypeScript that follows it in
//   the page, unseen, as lines with `#` do in Rust; up to the next such comment.

import { readdirSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import { fileURLToPath } from "node:url";

/** The tree. */
export const root = resolve(fileURLToPath(new URL("../..", import.meta.url)));

/** The pages that may have TypeScript. */
export function pages() {
  const guides = readdirSync(`${root}/docs`).filter((name) => name.endsWith(".md")).map((name) => `docs/${name}`);
  return ["README.md", "web/README.md", ...guides.sort()];
}

const FILE = /^(?:\/\/|#|<!--) (?<file>[\w./-]+\.\w+)(?: -->)?$/u;

/**
 * The blocks of a page: the language, the words behind it, the number of the first line, the text,
 * the file that it is, and what stands before it unseen, with the number of that's first line.
 */
export function blocks(page) {
  const lines = readFileSync(`${root}/${page}`, "utf8").split("\n");
  const found = [];
  let before = { line: 0, text: "" };
  for (let at = 0; at < lines.length; at++) {
    if (/^<!-- ts(?: -->)?$/u.test(lines[at])) {
      const line = at + 1;
      const text = [];
      if (!lines[at].endsWith("-->")) while (lines[++at] !== "-->") text.push(lines[at] ?? unclosed(page, line));
      before = { line, text: text.join("\n") };
      continue;
    }
    const fence = /^(?<margin> *)```(?<info>\S.*)$/u.exec(lines[at]);
    if (!fence) continue;
    const { margin, info } = fence.groups;
    const line = at + 1;
    const text = [];
    while (lines[++at] !== `${margin}\`\`\``) text.push(lines[at]?.slice(margin.length) ?? unclosed(page, line));
    const [language, ...words] = info.split(/[ ,]+/u);
    const file = FILE.exec(text[0] ?? "")?.groups.file;
    found.push({ page, line, language, words, text: `${text.join("\n")}\n`, file, before });
  }
  return found;
}

function unclosed(page, line) {
  throw new Error(`${page}:${line} isn't closed`);
}
