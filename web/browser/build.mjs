// Bundles these tests for Node: they are TypeScript, and Node 20 reads none.
import { readdirSync } from "node:fs";
import { build } from "esbuild";

await build({
  entryPoints: readdirSync("tests").map((file) => `tests/${file}`),
  outdir: "build",
  bundle: true,
  format: "esm",
  platform: "node",
  target: "node20",
  packages: "external",
  sourcemap: "inline",
  logLevel: "warning",
});
