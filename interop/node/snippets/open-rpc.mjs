import { Client, RequestManager, WebSocketTransport } from "@open-rpc/client-js";

const transport = new WebSocketTransport(process.argv[2]); // ws://127.0.0.1:PORT/
const client = new Client(new RequestManager([transport]));
client.onNotification(({ method, params }) => {
  if (method === "demo.desk.told") console.log("told:", params[0]);
  if (method === "demo.archive.countdown") console.log(params.done ? "done" : params.result);
  if (method === "demo.archive.countdown" && params.done) client.close();
});

console.log(await client.request({ method: "demo.archive.size", params: ["a.txt"] }), "bytes");
try {
  await client.request({ method: "demo.archive.size", params: ["none"] });
} catch (error) {
  console.log(error.code, error.message, JSON.stringify(error.data));
}
await client.request({ method: "demo.archive.tell", params: ["hello"] });
await client.request({ method: "demo.archive.countdown", params: [2] });
