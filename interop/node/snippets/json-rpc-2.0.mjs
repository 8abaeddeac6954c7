import { once } from "node:events";
import { JSONRPCClient, JSONRPCServer, JSONRPCServerAndClient } from "json-rpc-2.0";
import WebSocket from "ws"; // in a browser: its own

const socket = new WebSocket(process.argv[2]); // ws://127.0.0.1:PORT/
const peer = new JSONRPCServerAndClient(
  new JSONRPCServer(),
  new JSONRPCClient((message) => socket.send(JSON.stringify(message))),
);
socket.on("message", (data) => void peer.receiveAndSend(JSON.parse(String(data))));
socket.on("close", () => peer.rejectAllPendingRequests("the connection has ended"));
peer.addMethod("demo.desk.told", ([text]) => console.log("told:", text));
peer.addMethod("demo.archive.countdown", ({ result, done }) => {
  console.log(done ? "done" : result);
  if (done) socket.close();
});
peer.addMethod("demo.desk.confirm", ([question]) => `yes: ${question}`);
await once(socket, "open");

console.log(await peer.request("demo.archive.size", ["a.txt"]), "bytes");
try {
  await peer.request("demo.archive.size", ["none"]);
} catch (error) {
  console.log(error.code, error.message, JSON.stringify(error.data));
}
console.log(await peer.request("demo.archive.ask", ["delete it?"]));
await peer.request("demo.archive.tell", ["hello"]);
await peer.request("demo.archive.countdown", [2]);
