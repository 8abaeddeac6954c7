// The app in a real Electron, if there is one.
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { _electron, type Page } from "playwright-core";
import type { App } from "./pages.test.js";

/** Where Electron is, if that is said. */
export const dist: string | undefined = process.env["ELECTRON_OVERRIDE_DIST_PATH"];

const EXECUTABLES: { [platform: string]: string } = { darwin: "Electron.app/Contents/MacOS/Electron", win32: "electron.exe" };

export async function inElectron(endpoint: string, token: string): Promise<App> {
  const electron = await _electron.launch({
    executablePath: join(dist ?? "", EXECUTABLES[process.platform] ?? "electron"),
    args: [fileURLToPath(new URL("main.js", import.meta.url)), ...(process.getuid?.() === 0 ? ["--no-sandbox"] : [])],
    env: { ...(process.env as { [name: string]: string }), IPC_ENDPOINT: endpoint, IPC_TOKEN: token },
  });
  while (!(await electron.evaluate(() => "openPage" in globalThis))) await new Promise((resolve) => setImmediate(resolve));
  return {
    origin: "app://notes",
    other: "app://other",
    open: async (url: string): Promise<Page> => {
      const [page] = await Promise.all([electron.waitForEvent("window"), electron.evaluate((_, url) => (globalThis as unknown as { openPage(url: string): void }).openPage(url), url)]);
      return page;
    },
    [Symbol.asyncDispose]: () => electron.close(),
  };
}
