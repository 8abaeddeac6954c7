import { once } from "node:events";
import { createWebSocketConnection, toSocket } from "vscode-ws-jsonrpc";
import WebSocket from "ws";

import { overConnection } from "./vscode.mjs";

const quiet = { error() {}, warn() {}, info() {}, log() {}, debug() {} };

export default {
  name: "vscode-ws-jsonrpc",
  carrier: "ws",
  byHand: {
    progress: "a few lines of the app's add `ipc.progress` to the request, since the client has no place for it; `onProgress` hears the reports",
  },
  cannot: {
    batch: "noBatches",
    integers: "rounded",
  },
  async connect(address) {
    const webSocket = new WebSocket(address);
    await once(webSocket, "open");
    const pending = {};
    const socket = toSocket(webSocket);
    const { send } = socket;
    socket.send = (text) => send(pending.token ? JSON.stringify({ ...JSON.parse(text), ipc: { progress: pending.token } }) : text);
    const connection = createWebSocketConnection(socket, quiet);
    return overConnection(connection, { pending, closed: once(webSocket, "close"), close: () => webSocket.terminate() });
  },
};
