// Bundles the test, the app and its page. The preload script is that of the guide, as it stands there.
import { copyFileSync, rmSync, writeFileSync } from "node:fs";
import { build } from "esbuild";
import { guideFiles } from "./guide.mjs";

rmSync("build", { recursive: true, force: true });
const common = { bundle: true, format: "esm", target: "es2022", outdir: "build", logLevel: "warning" };
await build({ ...common, entryPoints: ["pages.test.ts"], platform: "node", packages: "external" });
await build({ ...common, entryPoints: { main: "app/main.ts" }, platform: "node", external: ["electron"] });
await build({ ...common, entryPoints: { "pages/page": "app/page.ts", "pages/worker": "app/worker.ts" } });
copyFileSync("app/index.html", "build/pages/index.html");
writeFileSync("build/preload.cjs", guideFiles()["preload.cjs"]);
