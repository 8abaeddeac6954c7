// A WebSocket server that takes connections and says nothing more, not even a ping.

import { once } from "node:events";
import { WebSocketServer } from "ws";

/** Starts it on a port of the system's choice. */
export async function silent() {
  const server = new WebSocketServer({ host: "127.0.0.1", port: 0 });
  await once(server, "listening");
  return {
    port: server.address().port,
    close() {
      for (const socket of server.clients) socket.terminate();
      server.close();
    },
  };
}
