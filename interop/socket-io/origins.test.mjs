// Pages from elsewhere: what a browser asks before it lets them, and what it is told.

import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";

import { inTime } from "../node/backend.mjs";
import { Polling, Socket, ask } from "./raw.mjs";
import { Server, servers } from "./server.mjs";

const PAGE = "http://app.example:3000";

for (const kind of servers) {
  describe(`pages from elsewhere, ${kind}`, () => {
    let server;
    before(async () => (server = await Server.start(kind, { allow: PAGE })));
    after(() => server?.kill());

    /** What lets a browser hand an answer to the page that was allowed. */
    const isFor = ({ headers }, page) => {
      assert.equal(headers["access-control-allow-origin"], page);
      assert.equal(headers["access-control-allow-credentials"], "true");
      assert.match(headers.vary ?? "", /\borigin\b/i);
    };

    it("answers what a browser asks before a POST", async () => {
      const answer = await ask(server, {}, { method: "OPTIONS", headers: { "origin": PAGE, "access-control-request-method": "POST", "access-control-request-headers": "content-type" } });
      assert.ok([200, 204].includes(answer.status), String(answer.status));
      assert.equal(answer.text, "");
      isFor(answer, PAGE);
      assert.match(answer.headers["access-control-allow-methods"], /\bPOST\b/);
      assert.match(answer.headers["access-control-allow-headers"], /content-type/i);
    });

    it("tells the browser with each answer that the page may have it", async () => {
      const headers = { origin: PAGE };
      const session = await Polling.connect(server, "40", { headers });
      isFor(session.opened, PAGE);
      isFor(await session.post('42["message",1]'), PAGE);
      isFor(await session.get(), PAGE);
      // Refusals as well: the page has to see why.
      isFor(await ask(server, { sid: "AAAAAAAAAAAAAAAAAAAA" }, { headers }), PAGE);
      isFor(await ask(server, { EIO: "3" }, { headers }), PAGE);
      isFor(await ask(server, { transport: "abc" }, { headers }), PAGE);
    });

    it("takes a WebSocket of that page", async () => {
      const socket = await Socket.connect(server, "40", {}, { origin: PAGE });
      socket.terminate();
    });

    it("takes programs, which have no origin", async () => {
      const session = await Polling.connect(server);
      await session.send('42["message",1]');
      assert.equal(await session.next(), '42["message-back",1]');
    });

    // socket.io's own server leaves it to the browser, and takes every WebSocket.
    if (kind === "ours") {
      const others = ["http://other.example", "null", "http://app.example", "https://app.example:3000", "http://app.example:3000.evil.example"];

      it("refuses other pages", async () => {
        for (const origin of others) {
          for (const method of ["GET", "POST", "OPTIONS"]) {
            const answer = await ask(server, {}, { method, headers: { origin } });
            assert.equal(answer.status, 403, `${method} from ${origin}`);
            assert.equal(answer.headers["access-control-allow-origin"], undefined);
          }
          assert.deepEqual((await ask(server, {}, { headers: { origin } })).json().code, 4);
          const { status } = await inTime(new Socket(server, {}, { origin }).refused, "the refusal");
          assert.equal(status, 403);
        }
      });

      it("takes a page of its own origin", async () => {
        const origin = server.url;
        const session = await Polling.connect(server, "40", { headers: { origin } });
        isFor(session.opened, origin);
        (await Socket.connect(server, "40", {}, { origin })).terminate();
      });

      it("takes a page of its own origin, whose browser tells it by POST only", async () => {
        const session = await Polling.connect(server);
        const headers = { origin: server.url };
        assert.equal((await session.post('42["message",1]', { headers })).text, "ok");
        assert.equal(await session.next(), '42["message-back",1]');
        const socket = new Socket(server, { sid: session.sid }, { headers });
        await inTime(socket.opened, "the WebSocket");
        socket.send("2probe");
        assert.equal(await socket.next(), "3probe");
        socket.terminate();
      });

      it("never says that all pages may", async () => {
        const { headers } = await ask(server);
        assert.notEqual(headers["access-control-allow-origin"], "*");
      });

      it("refuses a page that came by another name of this machine", async () => {
        for (const host of [`evil.example:${server.port}`, "evil.example"]) {
          const answer = await ask(server, {}, { headers: { host } });
          assert.ok([400, 403, 421].includes(answer.status), String(answer.status));
          const { status } = await inTime(new Socket(server, {}, { headers: { host } }).refused, "the refusal");
          assert.ok([400, 403, 421].includes(status), String(status));
        }
      });

      it("lets no other page use a session, whose sid it knows", async () => {
        const session = await Polling.connect(server, "40", { headers: { origin: PAGE } });
        for (const origin of [server.url, undefined]) {
          const headers = origin ? { origin } : {};
          const answer = await ask(server, { sid: session.sid }, { method: "POST", body: '42["message",1]', headers });
          assert.ok([400, 403].includes(answer.status), `${answer.status} for ${origin}`);
          const { status } = await inTime(new Socket(server, { sid: session.sid }, { headers }).refused, "the refusal");
          assert.ok([400, 403].includes(status), `${status} for ${origin}`);
        }
        await session.send('42["message",2]');
        assert.equal(await session.next(), '42["message-back",2]');
      });
    }
  });
}
