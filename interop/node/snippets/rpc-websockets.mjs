import { once } from "node:events";
import { Client } from "rpc-websockets";

const client = new Client(process.argv[2]); // ws://127.0.0.1:PORT/
client.on("demo.desk.told", ([text]) => console.log("told:", text));
client.on("demo.archive.countdown", ({ result, done }) => {
  console.log(done ? "done" : result);
  if (done) client.close();
});
await once(client, "open");

console.log(await client.call("demo.archive.size", ["a.txt"]), "bytes");
try {
  await client.call("demo.archive.size", ["none"]);
} catch (error) {
  console.log(error.code, error.message, JSON.stringify(error.data));
}
await client.call("demo.archive.tell", ["hello"]);
await client.call("demo.archive.countdown", [2]);
