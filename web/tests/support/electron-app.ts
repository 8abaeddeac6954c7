// The main process of an app with one page, which stays until somebody ends it.
import { connect } from "ipc-runtime";
import { serveRenderers } from "ipc-runtime/electron/main";
import { electron } from "ipc-runtime/electron/renderer";
import { AppWindow, IpcMain } from "./electron-window.js";
import { Survivor } from "./survivor.js";

const ipcMain = new IpcMain();
serveRenderers(ipcMain, { endpoint: process.argv[2] as string, allow: () => true });
const ipc = await connect(electron(new AppWindow(ipcMain).ask));
console.log(await ipc.client(Survivor).name());
