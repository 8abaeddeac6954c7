import { once } from "node:events";
import net from "node:net";
import rpc from "vscode-jsonrpc/node";

import { parse, stringify } from "../exact.mjs";
import { overConnection } from "./vscode.mjs";

/** A writer that adds the token of its progress to a request. */
class Writer extends rpc.SocketMessageWriter {
  pending = {};

  write(message) {
    const { token } = this.pending;
    return super.write(token ? { ...message, ipc: { progress: token } } : message);
  }
}

export default {
  name: "vscode-jsonrpc",
  carrier: "unix",
  byHand: {
    progress: "a few lines of the app's add `ipc.progress` to the request, since the client has no place for it; `onProgress` hears the reports",
    integers: "the app brings its own JSON (`contentTypeEncoder` and `contentTypeDecoder`)",
  },
  cannot: {
    batch: "noBatches",
  },
  async connect(address, { exact } = {}) {
    const socket = net.connect(address);
    await once(socket, "connect");
    const options = exact && {
      contentTypeDecoder: { name: "application/json", decode: async (bytes) => parse(new TextDecoder().decode(bytes)) },
      contentTypeEncoder: { name: "application/json", encode: async (message) => Buffer.from(stringify(message)) },
    };
    const writer = new Writer(socket, options);
    const connection = rpc.createMessageConnection(new rpc.SocketMessageReader(socket, options), writer);
    const closed = new Promise((resolve) => connection.onClose(resolve));
    return overConnection(connection, { pending: writer.pending, closed, close: () => socket.destroy() });
  },
};
