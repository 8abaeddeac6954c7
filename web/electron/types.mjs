// Compiles what is here and the files in the guide, strictly, against Electron's own types.
import { spawnSync } from "node:child_process";
import { copyFileSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { guideFiles } from "./guide.mjs";

rmSync("build", { recursive: true, force: true });
mkdirSync("build/guide", { recursive: true });
for (const [name, text] of Object.entries(guideFiles())) writeFileSync(`build/guide/${name}`, text);
copyFileSync("../tests/support/docs.ts", "build/guide/ipc.ts");
const { status } = spawnSync(process.execPath, ["node_modules/typescript/bin/tsc", "-p", "."], { stdio: "inherit" });
if (status === 0) console.log("the guide's files and the app of the tests are compiled against Electron's types");
process.exit(status ?? 1);
