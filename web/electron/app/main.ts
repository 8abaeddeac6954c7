// The app for a real Electron: its main process, and the scheme that its pages have.
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { app, BrowserWindow, ipcMain, net, protocol } from "electron";
import { appUrls, serveRenderers } from "ipc-runtime/electron/main";

const here = fileURLToPath(new URL(".", import.meta.url));
const { IPC_ENDPOINT: endpoint = "", IPC_TOKEN: token } = process.env;

protocol.registerSchemesAsPrivileged([{ scheme: "app", privileges: { standard: true, secure: true } }]);
const bridge = serveRenderers(ipcMain, { endpoint, token, allow: appUrls(["app://notes"]) });
app.on("will-quit", () => void bridge.close());
// The test closes windows, and opens others.
app.on("window-all-closed", () => {});

/** Also pages that aren't the app's own: they are to be refused. */
function page({ url }: Request): Response | Promise<Response> {
  const name = new URL(url).pathname.slice(1);
  if (name === "nothing") return new Response(null, { status: 204 });
  if (!/^[\w-]+\.(?:html|js)$/u.test(name)) return new Response(null, { status: 404 });
  return net.fetch(String(pathToFileURL(join(here, "pages", name))));
}

// Electron gets ready once this module is through: it can't be awaited here.
void app.whenReady().then(() => {
  protocol.handle("app", page);
  const webPreferences = { preload: join(here, "preload.cjs"), nodeIntegrationInSubFrames: true };
  const openPage = (url: string): void => void new BrowserWindow({ show: false, webPreferences }).loadURL(url);
  Object.assign(globalThis, { openPage });
});
