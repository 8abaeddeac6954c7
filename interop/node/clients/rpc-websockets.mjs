import assert from "node:assert/strict";
import { once } from "node:events";
import { CommonClient, WebSocket } from "rpc-websockets";

import { parse, stringify } from "../exact.mjs";
import { hasNo } from "../suite.mjs";

export default {
  name: "rpc-websockets",
  carrier: "ws",
  reconnects: true,
  byHand: {
    subscriptions: "`on` hears the items by the method's name; `subscribe` is for servers of rpc-websockets",
    cancel: "the app chooses the id (`generate_request_id`) and notifies `$/cancelRequest`",
    progress: "the app adds `ipc.progress` to the request (in the `dataPack` of a `CommonClient`) and hears `$/progress`",
    integers: "the app brings its own JSON (the `dataPack` of a `CommonClient`)",
  },
  cannot: {
    called: {
      why: "it takes a request for an event, and can't answer",
      async proof({ link }) {
        const asked = new Promise((resolve) => link.hear("rpc.handshake", resolve));
        link.call("demo.archive.ask", ["delete it?"]).catch(() => {});
        assert.equal((await asked).protocol, 1);
        hasNo(link.api, /register|handler|respond|serve/i);
      },
    },
    batch: "noBatches",
  },
  async connect(address, { exact } = {}) {
    let next;
    let ids = 0;
    const json = exact ? { parse, stringify } : JSON;
    const encode = (message) => {
      const progress = next;
      next = undefined;
      return json.stringify(progress ? { ...message, ipc: { progress } } : message);
    };
    const client = new CommonClient(WebSocket, address, { reconnect_interval: 50, max_reconnects: 0 }, () => ++ids, { encode, decode: (text) => json.parse(text) });
    client.on("error", () => {});
    await once(client, "open");
    return {
      api: client,
      call: (method, params) => client.call(method, params),
      notify: (method, params) => client.notify(method, params),
      hear: (method, heard) => client.on(method, heard),
      begin(method, params) {
        const answer = client.call(method, params);
        const id = ids;
        return { answer, cancel: () => client.notify("$/cancelRequest", { id }) };
      },
      report(method, params, heard) {
        const id = `p${ids}`;
        client.on("$/progress", ({ token, value }) => token === id && heard(value));
        next = id;
        return client.call(method, params);
      },
      closed: new Promise((resolve) => client.once("close", resolve)),
      // Attempts that fail are errors, which `once` would take for its own.
      opened: () => new Promise((resolve) => client.once("open", resolve)),
      close() {
        client.setAutoReconnect(false);
        client.close();
      },
    };
  },
};
