// The tables in docs/interop.md, made of what the tests have recorded, and the programs that the page
// shows, which are those that the tests run.
//
// node interop/table.mjs            fails if a cell wasn't recorded, or the page says something else
// node interop/table.mjs --write    writes the page

import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";

import { tables } from "./features.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));
const page = path.join(root, "docs/interop.md");
const folder = process.env.INTEROP_CELLS ?? path.join(root, "target/interop/cells");
const isWritten = process.argv.includes("--write");
const wrong = [];
/** Where there is an Electron, its tests have run, and what is said of a machine without one stays. */
const told = tables.filter(({ mark }) => mark !== "runs" || !process.env.ELECTRON_OVERRIDE_DIST_PATH);

/** What was recorded, by client and feature. A test may run twice, and has to find the same. */
function recorded() {
  const found = new Map();
  for (const file of readdirSync(folder)) {
    for (const line of readFileSync(path.join(folder, file), "utf8").split("\n").filter(Boolean)) {
      const { client, feature, cell, why } = JSON.parse(line);
      const known = tables.some(({ clients, features }) => client in clients && feature in features);
      if (!known) wrong.push(`${client}, ${feature}: the tables have no such cell`);
      if ((cell === "–" || cell === "by hand") && !why) wrong.push(`${client}, ${feature}: ${cell}, and no test says why`);
      const key = `${client}\n${feature}`;
      const before = found.get(key);
      const entry = { cell, why: why ?? undefined };
      if (before && (before.cell !== entry.cell || before.why !== entry.why)) {
        wrong.push(`${client}, ${feature}: the tests have found both ${before.cell} and ${cell}`);
      }
      found.set(key, entry);
    }
  }
  return found;
}

/** A table, and what its cells say by numbers. */
function rendered({ features, clients }, found) {
  const notes = [];
  const row = (cells) => `| ${cells.join(" | ")} |`;
  const rows = Object.entries(features).map(([feature, title]) => {
    const cells = Object.keys(clients).map((client) => {
      const entry = found.get(`${client}\n${feature}`);
      if (!entry) {
        wrong.push(`${client}, ${feature}: no test has recorded it`);
        return "?";
      }
      if (!entry.why) return entry.cell;
      if (!notes.includes(entry.why)) notes.push(entry.why);
      return `${entry.cell} (${notes.indexOf(entry.why) + 1})`;
    });
    return row([title, ...cells]);
  });
  const headings = ["", ...Object.values(clients)];
  const table = [row(headings), row(headings.map(() => "---")), ...rows];
  if (notes.length) table.push("", row(["", "why"]), row(["---", "---"]), ...notes.map((note, at) => row([at + 1, note])));
  return table.join("\n");
}

/** Puts a text between the marks of the page. */
function between(text, begin, end, made) {
  const from = text.indexOf(begin);
  const to = text.indexOf(end, from);
  if (from < 0 || to < 0) throw new Error(`docs/interop.md has no ${begin}`);
  return `${text.slice(0, from + begin.length)}\n\n${made}\n\n${text.slice(to)}`;
}

const before = readFileSync(page, "utf8");
let after = before;
const found = recorded();
for (const table of told) after = between(after, `<!-- table: ${table.mark} -->`, "<!-- end of the table -->", rendered(table, found));
for (const [mark, file] of before.matchAll(/<!-- file: (\S+) -->/gu)) {
  const program = readFileSync(path.join(root, file), "utf8").trimEnd();
  const language = { ".mjs": "js", ".py": "python", ".rs": "rust", ".conf": "nginx" }[path.extname(file)];
  after = between(after, mark, "<!-- end of the file -->", `\`\`\`${language}\n${program}\n\`\`\``);
}

if (wrong.length) {
  console.error(wrong.join("\n"));
  process.exitCode = 1;
} else if (isWritten) {
  writeFileSync(page, after);
} else if (before !== after) {
  const lines = before.split("\n");
  const first = after.split("\n").findIndex((line, at) => line !== lines[at]);
  console.error(`docs/interop.md:${first + 1} isn't what the tests have found: run .ci/interop --write. It would be\n${after.split("\n")[first]}`);
  process.exitCode = 1;
} else {
  console.log(`docs/interop.md has the ${found.size} cells that the tests have recorded`);
}
