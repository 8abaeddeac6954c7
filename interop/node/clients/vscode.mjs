// What vscode-jsonrpc and vscode-ws-jsonrpc have in common: the connection.

import rpc from "vscode-jsonrpc/node";

/**
 * What the suite does with a connection.
 *
 * @param pending its `token` is that of the progress of the request that is written next.
 */
export function overConnection(connection, { pending, closed, close }) {
  const send = (method, params = [], ...rest) =>
    Array.isArray(params) ? connection.sendRequest(method, ...params, ...rest) : connection.sendRequest(method, params, ...rest);
  connection.listen();
  let tokens = 0;
  return {
    api: connection,
    call: send,
    notify: (method, params) => connection.sendNotification(method, ...params),
    // Params by position come as arguments, those by name as one object.
    hear: (method, heard) => connection.onNotification(method, (...params) => heard(typeof params[0] === "object" ? params[0] : params)),
    serve: (method, served) => connection.onRequest(method, (...params) => served(params)),
    begin(method, params) {
      const source = new rpc.CancellationTokenSource();
      return { answer: send(method, params, source.token), cancel: () => source.cancel() };
    },
    report(method, params, heard) {
      const token = `t${++tokens}`;
      connection.onProgress(new rpc.ProgressType(), token, heard);
      pending.token = token;
      const answer = send(method, params);
      pending.token = undefined;
      return answer;
    },
    closed,
    close,
  };
}
