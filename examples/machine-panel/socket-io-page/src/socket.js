// The connection to the machine, as a page has it that was written for a server of socket.io. Only the
// server is another one: this module, and who uses it, don't know.
import { io } from "socket.io-client";

/** The version of the machine that this page was written for. */
const VERSION = "3.0.0";

/** Where the machine listens, on the host that the page comes from. index.html says it. */
const PORT = document.documentElement.dataset.port;

const socket = io(`:${PORT}/`, {
  transports: ["websocket", "polling"],
  // The backend compares this by itself. A page that doesn't fit hears why, by `connect_error`.
  auth: { uses: { "demo.machine": VERSION } },
});

// The check that the page had before: its first message is its version, which the machine's answer,
// `arm.checked`, is about. Where `auth` says it, this could go.
subscribeToMessages("connect", () => sendMessage("response", { 1: VERSION }));

export function sendMessage(name, ...args) {
  socket.emit(name, ...args);
}

export function subscribeToMessages(name, callback) {
  socket.on(name, callback);
}

export function unsubscribeFromMessages(name, callback) {
  socket.off(name, callback);
}
