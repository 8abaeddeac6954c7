// A reporter of Node's test runner: one page of HTML with all tests, and the pictures that they left.
import { execFileSync } from "node:child_process";
import { readdirSync } from "node:fs";

const escaped = (text) => String(text).replace(/[&<>]/g, (one) => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;" })[one]);

/** @typedef {{ name: string, sign: string, took: number, why: string, children: Row[] }} Row */

/** @param {Row} row */
function shown({ name, sign, took, why, children }) {
  const line = `<span class="${sign}">${{ pass: "✓", fail: "✗", skip: "–" }[sign]}</span> ${escaped(name)} <small>${took >= 1000 ? `${(took / 1000).toFixed(1)} s` : ""}</small>`;
  const more = why ? (sign === "skip" ? ` <small>${escaped(why)}</small>` : `<pre>${escaped(why)}</pre>`) : "";
  if (!children.length) return `<li>${line}${more}</li>`;
  return `<li><details${sign === "fail" ? " open" : ""}><summary>${line} <small>${children.length}</small>${more}</summary><ul>${children.map(shown).join("")}</ul></details></li>`;
}

export default async function* report(events) {
  /** @type {Row[][]} The tests that have no parent yet, by how deep they are. */
  const open = [];
  const counts = { pass: 0, fail: 0, skip: 0 };
  for await (const { type, data } of events) {
    if (type !== "test:pass" && type !== "test:fail") continue;
    const children = open[data.nesting + 1] ?? [];
    open[data.nesting + 1] = [];
    const isSkipped = data.skip !== undefined && data.skip !== false;
    const sign = type === "test:fail" ? "fail" : isSkipped ? "skip" : "pass";
    // A group may fail though none of its tests did, by what comes before or after them.
    if (!children.length || (sign === "fail" && !children.some((child) => child.sign === "fail"))) counts[sign]++;
    const { error } = data.details;
    const why = isSkipped ? data.skip : error ? (error.cause?.stack ?? error.cause ?? error.stack ?? error) : "";
    (open[data.nesting] ??= []).push({ name: data.name, sign, took: data.details.duration_ms, why: why === true ? "" : why, children });
  }
  const version = execFileSync(process.env.IPC_CHROMIUM ?? "/usr/bin/chromium", ["--version"], { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] }).trim();
  const pictures = readdirSync("../../target/browser").filter((file) => file.endsWith(".png"));
  yield `<!doctype html>
<html lang="en"><meta charset="utf-8"><title>In Chromium</title>
<style>
  body { font: 15px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 60rem; padding: 0 1rem }
  ul { list-style: none; padding-left: 1.2rem } small { color: #777 } pre { background: #8881; padding: .5rem; overflow: auto }
  .pass { color: #15803d } .fail { color: #b91c1c } .skip { color: #777 } img { max-width: 18rem; border: 1px solid #8885 } figure { display: inline-block; margin: .5rem }
</style>
<h1>${counts.fail ? "Some tests have failed" : "All tests have passed"}</h1>
<p>${escaped(version)}: ${counts.pass} passed, ${counts.fail} failed, ${counts.skip} left out.</p>
<ul>${(open[0] ?? []).map(shown).join("\n")}</ul>
${pictures.map((file) => `<figure><img src="${file}" alt=""><figcaption>${file}</figcaption></figure>`).join("\n")}
</html>
`;
}
