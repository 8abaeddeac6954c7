import { once } from "node:events";
import { ConsoleLogger, createWebSocketConnection, toSocket } from "vscode-ws-jsonrpc";
import WebSocket from "ws"; // in a browser: its own

const webSocket = new WebSocket(process.argv[2]); // ws://127.0.0.1:PORT/
await once(webSocket, "open");
const connection = createWebSocketConnection(toSocket(webSocket), new ConsoleLogger());
connection.onNotification("demo.desk.told", (text) => console.log("told:", text));
connection.onNotification("demo.archive.countdown", ({ result, done }) => {
  console.log(done ? "done" : result);
  if (done) webSocket.close(1000);
});
connection.onRequest("demo.desk.confirm", (question) => `yes: ${question}`);
connection.listen();

console.log(await connection.sendRequest("demo.archive.size", "a.txt"), "bytes");
try {
  await connection.sendRequest("demo.archive.size", "none");
} catch (error) {
  console.log(error.code, error.message, JSON.stringify(error.data));
}
console.log(await connection.sendRequest("demo.archive.ask", "delete it?"));
await connection.sendRequest("demo.archive.tell", "hello");
await connection.sendRequest("demo.archive.countdown", 2);
