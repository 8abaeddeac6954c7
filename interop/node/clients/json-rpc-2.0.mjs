import { once } from "node:events";
import { JSONRPCClient, JSONRPCServer, JSONRPCServerAndClient } from "json-rpc-2.0";
import WebSocket from "ws";

import { parse, stringify } from "../exact.mjs";

export default {
  name: "json-rpc-2.0",
  carrier: "ws",
  byHand: {
    cancel: "the app chooses the id (`requestAdvanced`) and notifies `$/cancelRequest`",
    progress: "the app adds `ipc.progress` to the request (`requestAdvanced`) and hears `$/progress`",
    integers: "the app brings its own JSON, as it brings the socket",
  },
  cannot: {},
  async connect(address, { exact } = {}) {
    const json = exact ? { parse, stringify } : JSON;
    const socket = new WebSocket(address);
    await once(socket, "open");
    const peer = new JSONRPCServerAndClient(
      new JSONRPCServer(),
      new JSONRPCClient((message) => socket.send(json.stringify(message))),
    );
    socket.on("message", (data) => void peer.receiveAndSend(json.parse(String(data))));
    socket.on("close", () => peer.rejectAllPendingRequests("the connection has ended"));
    let ids = 0;
    const advanced = async (id, method, params, more) => {
      const { result, error } = await peer.requestAdvanced({ jsonrpc: "2.0", id, method, params, ...more });
      if (error) throw error;
      return result;
    };
    return {
      api: peer,
      call: (method, params) => peer.request(method, params),
      notify: (method, params) => peer.notify(method, params),
      hear: (method, heard) => peer.addMethod(method, heard),
      serve: (method, served) => peer.addMethod(method, served),
      begin(method, params) {
        const id = `c${++ids}`;
        return { answer: advanced(id, method, params), cancel: () => peer.notify("$/cancelRequest", { id }) };
      },
      report(method, params, heard) {
        const id = `p${++ids}`;
        peer.addMethod("$/progress", ({ token, value }) => token === id && heard(value));
        return advanced(id, method, params, { ipc: { progress: id } });
      },
      batch: (calls) => peer.requestAdvanced(calls.map((call) => ({ jsonrpc: "2.0", id: `b${++ids}`, ...call }))),
      closed: once(socket, "close"),
      close: () => socket.terminate(),
    };
  },
};
