import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");

for (const compiler of ["typescript-5", "typescript-6", "typescript"]) {
  for (const project of ["bundler", "node16", "erasable"]) {
    test(`types hold under ${compiler}, ${project}`, async () => {
      const tsc = join(root, "node_modules", compiler, "bin", "tsc");
      await promisify(execFile)(process.execPath, [tsc, "-p", join(root, "tests", "types", `${project}.json`)]).catch((error) => assert.fail(error.stdout));
    });
  }
}

/** What a page is that uses a part of the package, minified. */
async function bundled(page: string, define: { [name: string]: string } = {}): Promise<Uint8Array> {
  const { outputFiles } = await build({ define, entryPoints: [join(root, "tests", "size", page)], bundle: true, minify: true, format: "esm", target: "es2022", write: false });
  assert.equal(outputFiles.length, 1);
  return (outputFiles[0] as { contents: Uint8Array }).contents;
}

for (const [page, budget] of [["page.js", 12_064], ["serving.js", 16_864], ["reconnecting.js", 13_344], ["store.js", 17_364], ["packed.js", 14_240], ["electron.js", 14_000]] as const) {
  test(`${page} has at most ${budget} bytes, minified and compressed`, async (t) => {
    const size = gzipSync(await bundled(page), { level: 9 }).length;
    t.diagnostic(`${page}: ${size} bytes`);
    assert.ok(size <= budget, `it has ${size}`);
  });
}

test("an interface that isn't imported isn't in a bundle, and neither are handlers and an encoding that nobody uses", async () => {
  const text = Buffer.from(await bundled("page.js")).toString();
  assert.match(text, /demo\.docs/);
  for (const name of ["demo.unused", "neverCalled", "is served already", "rpc.unsubscribe", "rpc.closeStream", "pagehide", "whileAway", "extension types of MessagePack"]) assert.ok(!text.includes(name), name);
});

test("checks are in a bundle for development, and nothing of them is in one for production", async () => {
  const [development, production] = await Promise.all(["true", "false"].map(async (DEV) => Buffer.from(await bundled("checking.js", { DEV })).toString()));
  for (const text of ["is expected", "#Entry"]) {
    assert.ok(development?.includes(text), text);
    assert.ok(!production?.includes(text), text);
  }
});
