// Bundles for pages: of a file of the suite, with what stands in for Node, and of the app.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { build, type Plugin } from "esbuild";
import { web } from "./paths.js";

const suite = (file: string): string => join(web, "browser", "suite", file);

/** What stands in for a module in a page. */
const STAND_INS: { readonly [module: string]: string } = {
  "node:assert/strict": "assert.ts",
  "node:events": "events.ts",
  "node:test": "test.ts",
  "node:timers/promises": "timers.ts",
  "node:util": "inspect.ts",
  "ipc-runtime/node": "node-client.ts",
  "./support/backend.js": "backend.ts",
  "./backend.js": "backend.ts",
  "./cable.js": "cable.ts",
  ws: "ws.ts",
};

const standIns: Plugin = {
  name: "stand-ins",
  setup(bundling) {
    bundling.onResolve({ filter: /./ }, ({ path, importer }) => {
      const own = STAND_INS[path];
      if (own !== undefined && !importer.includes(join("browser", "suite"))) return { path: suite(own) };
      if (path.startsWith("node:")) return { path, namespace: "not-here" };
      return undefined;
    });
    // Support that a page's rows don't reach names these.
    bundling.onLoad({ filter: /./, namespace: "not-here" }, ({ path }) => ({
      contents: `module.exports = new Proxy({}, { get: (_, name) => () => { throw new Error("${path} isn't there in a page: " + String(name)); } });`,
    }));
  },
};

/** Bundles a file of the suite as it was compiled for Node. */
export async function suiteBundle(file: string): Promise<string> {
  const { outputFiles } = await build({
    stdin: {
      contents: `import { run } from ${JSON.stringify(suite("page.ts"))};\nimport ${JSON.stringify(join(web, "build", file))};\nawait run(${JSON.stringify(file)});\n`,
      resolveDir: web,
      loader: "js",
    },
    bundle: true,
    write: false,
    format: "esm",
    target: "chrome120",
    platform: "browser",
    // The package says that its files have no side effects, and a test is nothing else.
    ignoreAnnotations: true,
    sourcemap: "inline",
    inject: [suite("globals.ts")],
    plugins: [standIns],
    logLevel: "error",
  });
  return outputFiles[0]?.text ?? "";
}

/** Bundles the app. @param isWhole whether the package is in it; else who serves it bundles that. */
export async function appBundle(isWhole = true): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [join(web, "browser", "app", "app.ts")],
    bundle: true,
    write: false,
    format: "esm",
    target: "chrome120",
    ...(isWhole ? {} : { external: ["ipc-runtime", "ipc-runtime/*"] }),
    logLevel: "error",
  });
  return outputFiles[0]?.text ?? "";
}

/** The app's page, with the address of its script. */
export const appPage = (script: string): string => readFileSync(join(web, "browser", "app", "page.html"), "utf8").replace("SCRIPT", script);
