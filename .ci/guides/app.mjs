// The app of docs/typescript.md, built outside of the workspace from the files that the guide shows,
// with the package as it is packed. Its program runs against its backend, and its dev servers are
// asked for what a page would ask them for. No browser is needed.

import { mkdirSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { dirname } from "node:path";
import { pathToFileURL } from "node:url";
import { blocks } from "./blocks.mjs";
import { cargo, run, start } from "./command.mjs";
import { layCrate } from "./crate.mjs";

const GUIDE = "docs/typescript.md";
/** Where the guide's backend listens. Here it is another port, which nobody has. */
const PORT = "7000";

/** Lays the files of the guide's app. */
function lay(app, port) {
  const files = new Map();
  for (const { file, text, line } of blocks(GUIDE)) {
    if (!file) continue;
    if (files.has(file)) throw new Error(`${GUIDE}:${line}: there are two files ${file}`);
    files.set(file, text.replaceAll(PORT, port));
  }
  for (const file of ["Cargo.toml", "src/main.rs", "web/tsconfig.json", "web/src/program.ts", "web/index.html", "web/src/page.ts"]) {
    if (!files.has(file)) throw new Error(`${GUIDE} doesn't show ${file}`);
  }
  for (const [file, text] of files) {
    mkdirSync(dirname(`${app}/${file}`), { recursive: true });
    writeFileSync(`${app}/${file}`, text);
  }
  layCrate(app, files.get("Cargo.toml"));
}

/** What the guide says that the program prints. */
function expected() {
  const shown = blocks(GUIDE).find(({ language, text }) => language === "text" && text.includes("$ node build/program.js\n"));
  if (!shown) throw new Error(`${GUIDE} doesn't show what the program prints`);
  return shown.text.split("$ node build/program.js\n")[1];
}

/** @param modules where the packages are installed: in the app's own directory `web`. */
export async function checkApp(app, work, modules) {
  const port = await freePort();
  lay(app, port);
  const env = { IPC_BINDINGS: "write" };
  cargo(["test", "bindings"], { cwd: app, work, env });
  cargo(["test"], { cwd: app, work });
  cargo(["build"], { cwd: app, work });
  const web = `${app}/web`;
  const tool = (name, ...args) => run(process.execPath, [`${modules}/${name}`, ...args], { cwd: web, quiet: true });
  tool("typescript/bin/tsc");
  tool("vite/bin/vite.js", "build");
  tool("webpack-cli/bin/cli.js", "build");

  const runtime = { XDG_RUNTIME_DIR: `${work}/run` };
  mkdirSync(runtime.XDG_RUNTIME_DIR, { mode: 0o700 });
  const backend = await start(`${work}/target/debug/notes`, [], { cwd: app, env: runtime, until: /^listening on ws:/u });
  try {
    const printed = run(process.execPath, ["build/program.js"], { cwd: web, env: runtime });
    if (printed !== expected()) throw new Error(`the program was to print\n${expected()}and prints\n${printed}`);
    console.log("the guide's program prints what the guide says");
    await throughProxy(web, modules, "vite/bin/vite.js", ["--strictPort"], /Local:/u);
    await throughProxy(web, modules, "webpack-cli/bin/cli.js", ["serve"], /compiled/u);
  } finally {
    await backend.stop();
  }
}

/** A dev server lets its own page in, and no other. */
async function throughProxy(web, modules, server, args, until) {
  const port = await freePort();
  const running = await start(process.execPath, [`${modules}/${server}`, ...args, "--port", port], { cwd: web, env: { NO_COLOR: "1" }, until });
  try {
    const { connect, webSocket } = await import(pathToFileURL(`${modules}/ipc-runtime/dist/index.js`));
    const { WebSocket } = await import(pathToFileURL(`${modules}/ws/wrapper.mjs`));
    const from = (origin) => {
      const open = (url, protocols) => new WebSocket(url, protocols, { origin });
      return connect(webSocket(`ws://localhost:${port}/ipc`, { open }));
    };
    const ipc = await from(`http://localhost:${port}`);
    const notes = await ipc.call("app.notes.list");
    if (!notes.some(({ text }) => text === "write the README")) throw new Error(`the page gets ${JSON.stringify(notes)}`);
    ipc.close();
    const stranger = await from("http://evil.example").then(() => undefined, (error) => error);
    if (stranger?.kind !== "notConnected") throw new Error(`a page of elsewhere is let in, or told ${stranger}`);
    console.log(`${server} hands the page's calls on, and no other page's`);
  } catch (error) {
    throw new Error(`through ${server}: ${error}\n${running.said()}`, { cause: error });
  } finally {
    await running.stop();
  }
}

function freePort() {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const { port } = server.address();
      server.close(() => resolve(String(port)));
    });
  });
}
