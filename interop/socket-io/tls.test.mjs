// Stock clients on a backend that has TLS of its own.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, afterEach, before, describe, it } from "node:test";

import { inTime } from "../node/backend.mjs";
import { Site, heard, ways } from "./site.mjs";

const folder = mkdtempSync(join(tmpdir(), "ipc-socket-io-"));
const [certificate, key] = ["certificate.pem", "key.pem"].map((name) => join(folder, name));
const subject = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"];
execFileSync("openssl", ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2", "-keyout", key, "-out", certificate, ...subject], { stdio: "ignore" });
after(() => rmSync(folder, { recursive: true }));

for (const way of ways.filter((way) => !way.proxied)) {
  describe(`over TLS, ${way.name}`, () => {
    const site = new Site(way);
    before(() => site.open("ours", { certificate, key }));
    afterEach(() => site.leave());
    after(() => site.end());

    it("calls, sends bytes, and hears events", async () => {
      const socket = await site.connect("/", { ca: readFileSync(certificate) });
      assert.match(socket.io.uri, /^https:/);
      assert.equal(await socket.emitWithAck("echo", "Grüße"), "Grüße");
      assert.deepEqual(await socket.emitWithAck("echo", Buffer.from([0, 255])), Buffer.from([0, 255]));
      const told = heard(socket, "demo.arm.told");
      await socket.emitWithAck("demo.arm.tell", "hello");
      assert.deepEqual(await inTime(told, "the event"), ["hello"]);
    });

    it("isn't used by a client that doesn't trust it", async () => {
      const socket = site.client("/", { reconnection: false });
      const [error] = await inTime(heard(socket, "connect_error"), "the refusal");
      assert.match(String(error.description?.message ?? error.description?.error ?? error.message), /self-signed|certificate|xhr poll error|websocket error/);
      assert.equal(socket.connected, false);
    });
  });
}
