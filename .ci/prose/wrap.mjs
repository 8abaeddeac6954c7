// Prose at one width: the Markdown pages and the doc comments of the Rust code. Tables and code
// stay as they are.
//
// node .ci/prose/wrap.mjs --check   names the files that aren't wrapped, and fails if there are any
// node .ci/prose/wrap.mjs --write   wraps them

import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

import { format } from "prettier";
import { parsers } from "prettier/plugins/markdown";

const WIDTH = 100;

// What isn't ours, and the cases of trybuild: what the compiler says of them names their lines.
const LEFT_OUT = [/^\./, /(^|\/)(target|node_modules)$/, /^tests\/ui$/];

// It walks the tree and asks no version control, which a machine may not have or not trust.
function* files(folder) {
  for (const entry of readdirSync(folder || ".", { withFileTypes: true })) {
    const path = folder + entry.name;
    if (LEFT_OUT.some((pattern) => pattern.test(path))) continue;
    if (entry.isDirectory()) yield* files(`${path}/`);
    else if (entry.isFile() && /\.(md|rs)$/.test(path)) yield path;
  }
}

// Prettier would pad the cells of a table to the widest of their column, however wide lines get.
// As HTML, a table is printed as it was written, behind the margin of the list or quote that it
// stands in.
function keepTables(node, text) {
  for (const child of node.children ?? []) {
    if (child.type === "table") {
      child.type = "html";
      const { start, end } = child.position;
      child.value = text.slice(start.offset, end.offset).replace(/\n[\s>]*/gu, "\n");
      delete child.children;
    }
    keepTables(child, text);
  }
}

const plugin = {
  parsers: {
    prose: {
      ...parsers.markdown,
      async parse(text, options) {
        const tree = await parsers.markdown.parse(text, options);
        keepTables(tree, text);
        return tree;
      },
    },
  },
};

const wrapped = (text, printWidth) =>
  format(text, {
    parser: "prose",
    plugins: [plugin],
    proseWrap: "always",
    embeddedLanguageFormatting: "off",
    printWidth,
  });

// What may hold `//` in Rust: a doc comment of any number of lines, and what only looks like one,
// within another comment or a literal.
const TOKEN = new RegExp(
  [
    String.raw`^(?<indent>[ \t]*)(?<mark>//!|///(?!/)).*(?:\n\k<indent>\k<mark>(?!/).*)*`,
    String.raw`//.*`,
    String.raw`/\*[^]*?\*/`,
    String.raw`\b[bc]?r(?<hashes>#*)"[^]*?"\k<hashes>`,
    String.raw`"(?:\\[^]|[^\\"])*"`,
    String.raw`'(?:\\.[^'\n]*|[^\\'\n])'`,
  ].join("|"),
  "gmu",
);

async function docComment(comment, indent, mark) {
  const start = indent.length + mark.length;
  const lines = comment.split("\n").map((line) => line.slice(start));
  const margins = lines.map((line) => line.search(/\S/u)).filter((margin) => margin >= 0);
  if (margins.length === 0) return comment;
  const margin = Math.min(...margins);
  const text = lines.map((line) => line.slice(margin)).join("\n");
  const prose = (await wrapped(text, WIDTH - start - 1)).trimEnd();
  const prefix = indent + mark;
  return prose.split("\n").map((line) => (line === "" ? prefix : `${prefix} ${line}`)).join("\n");
}

async function rust(source) {
  let result = "";
  let end = 0;
  for (const token of source.matchAll(TOKEN)) {
    const { indent, mark } = token.groups;
    if (mark === undefined) continue;
    result += source.slice(end, token.index) + (await docComment(token[0], indent, mark));
    end = token.index + token[0].length;
  }
  return result + source.slice(end);
}

const [mode] = process.argv.slice(2);
if (mode !== "--check" && mode !== "--write") {
  console.error("wrap.mjs --check | --write");
  process.exit(2);
}
process.chdir(fileURLToPath(new URL("../..", import.meta.url)));
let unwrapped = 0;
for (const file of files("")) {
  const text = readFileSync(file, "utf8");
  const prose = await (file.endsWith(".md") ? wrapped(text, WIDTH) : rust(text));
  if (prose === text) continue;
  unwrapped += 1;
  console.log(file);
  if (mode === "--write") writeFileSync(file, prose);
}
if (mode === "--check" && unwrapped > 0) {
  console.error(`Not wrapped at ${WIDTH} columns. To wrap them: node .ci/prose/wrap.mjs --write`);
  process.exit(1);
}
