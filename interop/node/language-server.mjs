// A server made with vscode-jsonrpc, as language servers are, for frontends of ipc-runtime. Started
// as a program, it serves its standard input and output.

import { fileURLToPath } from "node:url";
import rpc from "vscode-jsonrpc/node";

import { parse, stringify } from "./exact.mjs";

/** Readers and writers with these give integers back as they came. */
export const exact = {
  contentTypeDecoder: { name: "application/json", decode: async (bytes) => parse(new TextDecoder().decode(bytes)) },
  contentTypeEncoder: { name: "application/json", encode: async (message) => Buffer.from(stringify(message)) },
};

/** Serves a connection. Gives a promise of its end, which `exit` brings about, and `cut` at once. */
export function serve(reader, writer, { exit, cut } = {}) {
  const connection = rpc.createMessageConnection(reader, writer);
  /** What it was told and doesn't know. */
  const strange = [];
  const counts = { initialized: 0, waited: 0, cancelled: 0 };

  connection.onRequest("initialize", async (params) => {
    // A client is asked before it has its answer.
    const items = [{ section: "rust" }];
    const [configuration] = await connection.sendRequest("workspace/configuration", { items });
    await connection.sendNotification("window/logMessage", { type: 3, message: "Grüße, 世界 😀" });
    await connection.sendNotification("$/progress", { token: "loading", value: 50 });
    return { capabilities: { hoverProvider: true }, configuration, processId: params.processId };
  });
  connection.onNotification("initialized", () => (counts.initialized += 1));
  connection.onRequest("textDocument/hover", ({ textDocument, position }) => ({
    contents: `${textDocument.uri}:${position.line}`,
  }));
  connection.onRequest(new rpc.RequestType2("calc.add"), (a, b) => a + b);
  connection.onRequest(new rpc.RequestType1("same"), (value) => value);
  connection.onRequest("fail", () => {
    throw new rpc.ResponseError(-32803, "it failed", { at: 7 });
  });
  connection.onRequest("wait", (token) => {
    counts.waited += 1;
    return new Promise((_, reject) => {
      token.onCancellationRequested(() => {
        counts.cancelled += 1;
        reject(new rpc.ResponseError(-32800, "it was cancelled"));
      });
    });
  });
  connection.onRequest("counts", () => counts);
  connection.onRequest("strange", () => strange);
  connection.onRequest("shutdown", () => null);
  connection.onNotification("exit", exit ?? (() => connection.end()));
  connection.onNotification("cut", () => cut?.());
  // Whatever is left.
  connection.onRequest((method) => {
    if (method !== "no/such") strange.push(method);
    throw new rpc.ResponseError(rpc.ErrorCodes.MethodNotFound, `there is no ${method}`);
  });
  connection.onUnhandledNotification(({ method }) => strange.push(method));
  connection.onError(([error]) => strange.push(String(error)));

  const closed = new Promise((resolve) => connection.onClose(resolve));
  connection.listen();
  return closed;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { stdin, stdout } = process;
  const [reader, writer] = [rpc.StreamMessageReader, rpc.StreamMessageWriter];
  await serve(new reader(stdin, exact), new writer(stdout, exact), { exit: () => process.exit() });
}
