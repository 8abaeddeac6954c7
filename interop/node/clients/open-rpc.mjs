import assert from "node:assert/strict";
import { once } from "node:events";
import { Client, RequestManager, WebSocketTransport } from "@open-rpc/client-js";

import { hasNo } from "../suite.mjs";

export default {
  name: "@open-rpc/client-js",
  carrier: "ws",
  byHand: {
    subscriptions: "`onNotification` hears the items, and the app tells them apart by `subscription`",
    cancel: "the app chooses the id (the second argument of `RequestManager`) and notifies `$/cancelRequest`; ids are sent as text",
    progress: "the app adds `ipc.progress` to the request (a transport of its own, over `WebSocketTransport`) and hears `$/progress`",
  },
  cannot: {
    called: {
      why: "it drops requests: it has no place for a handler",
      async proof({ link }) {
        const heard = [];
        link.hear("rpc.handshake", (params) => heard.push(params));
        // The backend asks, and is never answered. Calls go on meanwhile.
        const asked = link.begin("demo.archive.ask", ["delete it?"]);
        assert.equal(await link.call("demo.archive.size", ["a.txt"]), 7);
        assert.deepEqual(heard, []);
        await asked.cancel();
        await assert.rejects(asked.answer, { code: -32800 });
        hasNo(link.api, /register|handler|respond|serve|onRequest/i);
      },
    },
    integers: "rounded",
  },
  async connect(address) {
    let last = 0;
    let progress;
    class Transport extends WebSocketTransport {
      parseData(data) {
        const message = super.parseData(data);
        return progress && message.id ? { ...message, ipc: { progress } } : message;
      }
    }
    const transport = new Transport(address);
    const client = new Client(new RequestManager([transport], () => ++last));
    client.onError(() => {});
    await client.requestManager.connectPromise;
    const listeners = new Map();
    client.onNotification(({ method, params }) => listeners.get(method)?.(params));
    // `Client.request` takes an id only when it has waited for the connection; the manager does at once.
    const begin = (method, params) => {
      const answer = client.requestManager.request({ method, params });
      return { answer, id: String(last) };
    };
    return {
      api: client,
      call: (method, params) => client.request({ method, params }),
      notify: (method, params) => client.notify({ method, params }),
      hear: (method, heard) => void listeners.set(method, heard),
      begin(method, params) {
        const { answer, id } = begin(method, params);
        return { answer, cancel: () => client.notify({ method: "$/cancelRequest", params: { id } }) };
      },
      report(method, params, heard) {
        progress = "p1";
        listeners.set("$/progress", ({ token, value }) => token === "p1" && heard(value));
        const { answer } = begin(method, params);
        progress = undefined;
        return answer;
      },
      async batch(calls) {
        client.startBatch();
        const answers = calls.map(({ method, params }) =>
          client.requestManager.request({ method, params }).then(
            (result) => ({ result }),
            ({ code, message, data }) => ({ error: { code, message, data } }),
          ),
        );
        client.stopBatch();
        return Promise.all(answers);
      },
      closed: once(transport.connection, "close"),
      close: () => client.close(),
    };
  },
};
