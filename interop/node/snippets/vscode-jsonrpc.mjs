import net from "node:net";
import rpc from "vscode-jsonrpc/node";

const socket = net.connect(process.argv[2]); // the path of a Unix socket
const connection = rpc.createMessageConnection(
  new rpc.SocketMessageReader(socket),
  new rpc.SocketMessageWriter(socket),
);
connection.onNotification("demo.desk.told", (text) => console.log("told:", text));
connection.onNotification("demo.archive.countdown", ({ result, done }) => {
  console.log(done ? "done" : result);
  if (done) socket.end();
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
