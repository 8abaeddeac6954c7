// A WebSocket, as vscode-jsonrpc takes it.

import rpc from "vscode-jsonrpc/node";

import { parse, stringify } from "./exact.mjs";

export class WebSocketReader extends rpc.AbstractMessageReader {
  constructor(socket) {
    super();
    this.socket = socket;
    socket.on("close", () => this.fireClose());
  }

  listen(callback) {
    this.socket.on("message", (data) => callback(parse(data.toString())));
    return rpc.Disposable.create(() => {});
  }
}

export class WebSocketWriter extends rpc.AbstractMessageWriter {
  constructor(socket, isBinary) {
    super();
    Object.assign(this, { socket, isBinary });
  }

  async write(message) {
    const written = stringify(message);
    this.socket.send(this.isBinary ? Buffer.from(written) : written);
  }

  end() {
    this.socket.close();
  }
}
