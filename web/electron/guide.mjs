// The files in the guide.
import { readFileSync } from "node:fs";

/** The text of each, by its name. */
export function guideFiles() {
  const guide = readFileSync(new URL("../../docs/electron.md", import.meta.url), "utf8");
  const blocks = guide.matchAll(/^```(?:ts ignore|js)\n(?<text>\/\/ electron\/(?<name>\S+)\n[^]*?)^```$/gmu);
  const files = Object.fromEntries([...blocks].map(({ groups }) => [groups.name, groups.text]));
  for (const name of ["main.ts", "preload.cjs", "renderer.ts"]) if (!files[name]) throw new Error(`docs/electron.md has no ${name}`);
  return files;
}
