// The bindings of the interfaces in the guides: what `./ipc.ts` is in a page's TypeScript.
//
// They are made of the page's Rust blocks, each of which is a module of a program here. An interface
// is called by TypeScript unless a block says `.implemented::<…>()` of it; functions, events and keys
// are those of the blocks' own `.function::<…>(…)`, `.event::<…>(…)` and `.key(&…)`. A page without
// interfaces has those of docs/typescript.md.

import { mkdirSync, writeFileSync } from "node:fs";
import { blocks } from "./blocks.mjs";
import { cargo } from "./command.mjs";
import { layCrate } from "./crate.mjs";

const TYPESCRIPT = "docs/typescript.md";

/** The features are the quickstart's: what is built for it serves here too. */
const MANIFEST = `[package]
name = "bindings"
version = "0.0.0"
edition = "2024"

[dependencies]
futures-util = "0.3"
ipc-runtime = { path = "../ipc-runtime/ipc-runtime", features = ["local", "typescript", "websocket"] }
thiserror = "2"
tokio = { version = "1", features = ["fs", "macros", "rt-multi-thread", "signal", "time"] }
`;

/** Writes `folderOf(PAGE)/ipc.ts` for each page. */
export function writeBindings(work, pages, folderOf) {
  const crate = `${work}/bindings`;
  mkdirSync(`${crate}/src`, { recursive: true });
  layCrate(crate, MANIFEST);
  const modules = [];
  const files = [];
  const bindingsOf = new Map();
  for (const page of new Set([TYPESCRIPT, ...pages])) {
    const rust = blocks(page).filter(({ language, text }) => language === "rust" && /#\[ipc_interface|Bindings::new/u.test(text));
    const all = rust.map(({ text }) => text).join("");
    let chain = "Bindings::new()";
    for (const { line, text } of rust) {
      const module = `${page.replace(/\W/gu, "_").toLowerCase()}_${line}`;
      writeFileSync(`${crate}/src/${module}.rs`, visible(text));
      modules.push(module);
      for (const [, attribute, name] of text.matchAll(/#\[ipc_interface\(([^\]]*)\)\]\s*pub trait (\w+)/gu)) {
        const client = /client = (\w+)/u.exec(attribute)?.[1] ?? `${name}Client`;
        const how = all.includes(`.implemented::<${client}>()`) ? "implemented" : "interface";
        chain += `\n        .${how}::<${module}::${client}>()`;
      }
      for (const [, key] of text.matchAll(/pub const (\w+): Key</gu)) {
        if (all.includes(`.key(&${key})`)) chain += `\n        .key(&${module}::${key})`;
      }
    }
    for (const [call] of all.matchAll(/\.(?:function|event)::<[^;]*?>\("[^"]*"\)/gu)) chain += `\n        ${call}`;
    bindingsOf.set(page, chain);
  }
  for (const page of pages) {
    const chain = bindingsOf.get(page);
    const made = chain.includes("::<") ? chain : bindingsOf.get(TYPESCRIPT);
    files.push(`    ${made}\n        .checkable()\n        .write(${JSON.stringify(`${folderOf(page)}/ipc.ts`)})?;`);
  }
  const program = [
    "#![allow(dead_code, unused)]",
    ...modules.map((module) => `mod ${module};`),
    "use ipc_runtime::typescript::{Bindings, BindingsError};",
    "fn main() -> Result<(), BindingsError> {",
    ...files,
    "    Ok(())",
    "}",
  ];
  writeFileSync(`${crate}/src/main.rs`, `${program.join("\n")}\n`);
  cargo(["run"], { cwd: crate, work });
}

/** Lines that rustdoc hides are lines all the same. */
function visible(text) {
  return text.replace(/^# ?(?!\[|!)/gmu, "").replace(/^#!\[.*\]\n/gmu, "");
}
