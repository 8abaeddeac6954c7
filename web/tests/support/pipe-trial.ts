// For Windows: calls over a named pipe, both ends of which are in this process. Under wine a process's
// output isn't there, so what became of it goes into a file.
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { connect } from "ipc-runtime/node";
import { localPath, pipePath } from "#dist/node/local-socket.js";
import { serveBytes } from "./native-peer.js";

const [report] = process.argv.slice(2) as [string];

async function trial(endpoint: string, path: string): Promise<void> {
  const server = createServer((socket) => {
    socket.on("error", () => {});
    serveBytes(socket, socket);
  });
  await new Promise<void>((resolve) => server.listen(path, resolve));
  const ipc = await connect(endpoint);
  const text = "ü".repeat(200_000);
  assert.deepEqual(await Promise.all([ipc.call("echo", [text]), ipc.call("echo", [2n ** 53n])]), [text, 2n ** 53n]);
  await ipc.close();
  server.close();
  await assert.rejects(connect(`${endpoint}-none`), { kind: "notConnected" });
}

try {
  assert.equal(process.platform, "win32");
  await trial("pipe:web-trial", pipePath("web-trial"));
  await trial("local:web-trial", localPath("web-trial"));
  writeFileSync(report, "passed");
} catch (error) {
  writeFileSync(report, String((error as Error).stack).slice(0, 2_000));
}
