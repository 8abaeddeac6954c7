// Each rule of the Engine.IO protocol, revision 4, by raw requests.

import assert from "node:assert/strict";
import http from "node:http";
import { after, before, describe, it } from "node:test";

import { eventually, inTime } from "../node/backend.mjs";
import { Polling, SEPARATOR, Socket, ask, serves } from "./raw.mjs";
import { MAX_PAYLOAD, Server, servers } from "./server.mjs";

const UNKNOWN = "AAAAAAAAAAAAAAAAAAAA";
const KEYS = ["maxPayload", "pingInterval", "pingTimeout", "sid", "upgrades"];

for (const kind of servers) {
  describe(`Engine.IO, ${kind}`, () => {
    let server;
    before(async () => (server = await Server.start(kind, { "upgrade-timeout": 400 })));
    after(() => server?.kill());

    describe("the handshake", () => {
      it("opens a session that polls, and tells of it", async () => {
        const { opened, handshake } = await Polling.open(server);
        assert.equal(opened.headers["content-type"], "text/plain; charset=UTF-8");
        assert.deepEqual(Object.keys(handshake).sort(), KEYS);
        const { sid, ...told } = handshake;
        assert.match(sid, /^[\w-]{20,}$/);
        assert.deepEqual(told, { upgrades: ["websocket"], pingInterval: 25_000, pingTimeout: 20_000, maxPayload: MAX_PAYLOAD });
      });

      it("opens a session on a WebSocket, which has nothing to upgrade to", async () => {
        const socket = await Socket.open(server);
        assert.deepEqual(Object.keys(socket.handshake).sort(), KEYS);
        assert.deepEqual(socket.handshake.upgrades, []);
        socket.terminate();
      });

      it("gives each session a sid of its own", async () => {
        const sessions = await Promise.all(Array.from({ length: 20 }, () => Polling.open(server)));
        assert.equal(new Set(sessions.map(({ sid }) => sid)).size, 20);
      });

      it("ignores other members of the query, in any order", async () => {
        const { status, text } = await ask(server, {}, { target: "/socket.io/?t=Nabc&x=%2F%20%C3%BC&transport=polling&y&EIO=4" });
        assert.equal(status, 200);
        assert.equal(text[0], "0");
      });

      it("refuses another revision of the protocol, or none", async () => {
        for (const target of ["EIO=3&transport=polling", "EIO=abc&transport=polling", "EIO=&transport=polling", "transport=polling"]) {
          const answer = await ask(server, {}, { target: `/socket.io/?${target}` });
          assert.deepEqual([answer.status, answer.json()], [400, { code: 5, message: "Unsupported protocol version" }], target);
          assert.match(answer.headers["content-type"], /^application\/json/);
        }
        for (const EIO of ["3", "abc"]) await new Socket(server, { EIO }).closed();
      });

      it("refuses a transport that it doesn't know, or none", async () => {
        for (const target of ["EIO=4&transport=abc", "EIO=4&transport=webtransport", "EIO=4&transport=", "EIO=4"]) {
          const answer = await ask(server, {}, { target: `/socket.io/?${target}` });
          assert.deepEqual([answer.status, answer.json()], [400, { code: 0, message: "Transport unknown" }], target);
        }
        await new Socket(server, { transport: "abc" }).closed();
      });

      it("begins by GET only", async () => {
        for (const method of ["POST", "PUT", "DELETE"]) {
          const answer = await ask(server, {}, { method });
          assert.deepEqual([answer.status, answer.json()], [400, { code: 2, message: "Bad handshake method" }], method);
        }
      });

      it("refuses a sid that it doesn't know", async () => {
        for (const method of ["GET", "POST"]) {
          const answer = await ask(server, { sid: UNKNOWN }, { method });
          assert.deepEqual([answer.status, answer.json()], [400, { code: 1, message: "Session ID unknown" }], method);
        }
        const { status } = await inTime(new Socket(server, { sid: UNKNOWN }).refused, "the refusal");
        assert.equal(status, 400);
      });

      it("refuses names of JavaScript's own as a sid", async () => {
        for (const sid of ["__proto__", "constructor", "toString"]) assert.equal((await ask(server, { sid })).json().code, 1);
      });

      it("refuses transport=websocket without an upgrade", async () => {
        const answer = await ask(server, { transport: "websocket" });
        assert.deepEqual([answer.status, answer.json()], [400, { code: 3, message: "Bad request" }]);
      });
    });

    describe("messages", () => {
      it("answers a POST with `ok`", async () => {
        const session = await Polling.open(server);
        const answer = await session.post("40");
        assert.deepEqual([answer.status, answer.text, answer.headers["content-type"]], [200, "ok", "text/html"]);
      });

      it("answers a GET when there is something to say", async () => {
        const session = await Polling.connect(server);
        let answered = false;
        const waiting = session.get().finally(() => (answered = true));
        await ask(server);
        assert.equal(answered, false);
        await session.send('42["message","hello"]');
        const { status, text, headers } = await waiting;
        assert.deepEqual([status, text, headers["content-type"]], [200, '42["message-back","hello"]', "text/plain; charset=UTF-8"]);
      });

      it("takes several packets in a POST, and gives several in a GET", async () => {
        const session = await Polling.connect(server);
        await session.send(...[1, 2, 3].map((n) => `42["message",${n}]`));
        const back = [await session.next(), await session.next(), await session.next()];
        assert.deepEqual(back, [1, 2, 3].map((n) => `42["message-back",${n}]`));
      });

      it("has bytes as base64 in polling", async () => {
        const session = await Polling.connect(server);
        await session.send('451-["message",{"_placeholder":true,"num":0}]', "bAQIDBA==");
        assert.equal(await session.next(), '451-["message-back",{"_placeholder":true,"num":0}]');
        assert.equal(await session.next(), "bAQIDBA==");
      });

      it("has a frame for each packet on a WebSocket, and bytes as they are", async () => {
        const socket = await Socket.connect(server);
        socket.send('42["message",1]', '451-["message",{"_placeholder":true,"num":0}]', Buffer.from([1, 2, 3, 4]), '42["message",2]');
        const back = [];
        for (let frame = 0; frame < 4; frame++) back.push(await socket.next());
        assert.deepEqual(back, ['42["message-back",1]', '451-["message-back",{"_placeholder":true,"num":0}]', Buffer.from([1, 2, 3, 4]), '42["message-back",2]']);
        socket.terminate();
      });

      it("counts the payload in bytes, not in characters", async () => {
        const session = await Polling.connect(server);
        await session.send('42["message","日本語 👋"]', '42["message","ü"]');
        assert.equal(await session.next(), '42["message-back","日本語 👋"]');
        assert.equal(await session.next(), '42["message-back","ü"]');
      });

      it("takes a POST that comes in pieces", async () => {
        const session = await Polling.connect(server);
        const body = Buffer.from('42["message","日本"]');
        const begun = async (request) => {
          // Within a character.
          for (const [from, to] of [[0, 15], [15, 16], [16]]) {
            request.write(body.subarray(from, to));
            await new Promise((resolve) => setTimeout(resolve, 20));
          }
          request.end();
        };
        assert.equal((await session.post(undefined, { begun })).text, "ok");
        assert.equal(await session.next(), '42["message-back","日本"]');
      });

      it("ends the session over what is no packet", async () => {
        for (const body of ["abc", "", `40${SEPARATOR}abc`, "9"]) {
          const session = await Polling.open(server);
          const answer = await session.post(body).catch(() => undefined);
          assert.notEqual(answer?.status, 413);
          assert.ok(await session.isOver(), body);
          const socket = await Socket.open(server);
          socket.send(body);
          await socket.closed();
        }
        await serves(server);
      });

      it("ends the session over a ping of the client's", async () => {
        const session = await Polling.open(server);
        await session.post("2").catch(() => {});
        assert.ok(await session.isOver());
        const socket = await Socket.open(server);
        socket.send("2");
        await socket.closed();
      });

      it("ignores a noop of the client's", async () => {
        const socket = await Socket.connect(server);
        socket.send("6", '42["message",1]');
        assert.equal(await socket.next(), '42["message-back",1]');
        socket.terminate();
      });

      it("ends the session when a second GET comes while one waits", async () => {
        const session = await Polling.connect(server);
        const [first, second] = (await Promise.all([session.get(), session.get()])).sort((a, b) => a.status - b.status);
        assert.deepEqual([first.status, first.text], [200, "1"]);
        assert.equal(second.status, 400);
        assert.ok(await session.isOver());
      });

      it("ends the session when a second POST comes while one is under way", async () => {
        const session = await Polling.connect(server);
        let request;
        const first = session.post(undefined, { headers: { "content-length": 100 }, begun: (begun) => (request = begun).write("42[") });
        first.catch(() => {});
        let second;
        // Until the first one has arrived.
        do second = await session.post("6");
        while (second.status === 200);
        assert.equal(second.status, 400);
        request.destroy();
        await eventually(() => session.isOver(), "the session's end");
      });

      it("ends the session when a GET is aborted", async () => {
        const session = await Polling.connect(server);
        const aborting = new AbortController();
        let sent;
        const begun = (request) => (sent = new Promise((resolve) => request.end(resolve)));
        session.get({ signal: aborting.signal, begun }).catch(() => {});
        await sent;
        aborting.abort();
        await eventually(() => session.isOver(), "the session's end");
      });

      it("ends the session when a POST is aborted", async () => {
        const session = await Polling.connect(server);
        let request;
        const posted = session.post(undefined, { headers: { "content-length": 100 }, begun: (begun) => (request = begun).write("42[") });
        posted.catch(() => {});
        await new Promise((resolve) => request.write("4", resolve));
        request.destroy();
        await eventually(async () => (await session.get()).status === 400, "the session's end");
      });

      it("refuses a POST beyond the limit, whether or not it tells its length", async () => {
        const body = `42["message","${"x".repeat(MAX_PAYLOAD)}"]`;
        for (const headers of [{ "content-length": Buffer.byteLength(body) }, { "transfer-encoding": "chunked" }]) {
          const session = await Polling.connect(server);
          const answer = await session.post(body, { headers });
          assert.equal(answer.status, 413);
        }
        await serves(server);
      });

      it("closes a WebSocket whose message is beyond the limit", async () => {
        const socket = await Socket.connect(server);
        socket.send(`42["message","${"x".repeat(MAX_PAYLOAD)}"]`);
        await socket.closed();
        await serves(server);
      });

      it("keeps a connection for the next requests", async () => {
        const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
        const session = await Polling.connect(server, "40", { agent });
        for (let n = 0; n < 5; n++) {
          const posted = await session.post(`42["message",${n}]`);
          assert.deepEqual([posted.text, posted.reused], ["ok", true]);
          assert.equal((await session.get()).text, `42["message-back",${n}]`);
        }
        agent.destroy();
      });
    });

    describe("the close packet", () => {
      it("ends a session that polls, and the GET that waits gets a noop", async () => {
        let session, answer;
        // The other way round where the POST overtakes the GET.
        do {
          session = await Polling.connect(server);
          [answer] = await Promise.all([session.get(), session.send("1")]);
        } while (answer.status === 400);
        assert.deepEqual([answer.status, answer.text], [200, "6"]);
        assert.ok(await session.isOver());
      });

      // socket.io's own server waits for the client to close it, or for the ping's time-out.
      if (kind === "ours") {
        it("ends a WebSocket", async () => {
          const socket = await Socket.connect(server);
          socket.send("1");
          await socket.closed();
        });
      }
    });

    describe("the upgrade", () => {
      const begin = async (session) => {
        const socket = new Socket(server, { sid: session.sid });
        await inTime(socket.opened, "the WebSocket");
        socket.send("2probe");
        assert.equal(await socket.next(), "3probe");
        return socket;
      };

      it("goes from polling to a WebSocket", async () => {
        const session = await Polling.connect(server);
        const socket = await begin(session);
        // The GET that waits is let go.
        assert.equal((await session.get()).text, "6");
        socket.send("5", '42["message","hello"]');
        assert.equal(await socket.next(), '42["message-back","hello"]');
        socket.terminate();
      });

      it("lets a GET go that waited before it began", async () => {
        const session = await Polling.connect(server);
        const waiting = session.get();
        const socket = await begin(session);
        assert.equal((await waiting).text, "6");
        socket.send("5", '42["message",1]');
        assert.equal(await socket.next(), '42["message-back",1]');
        socket.terminate();
      });

      it("takes a session that isn't connected to any namespace yet", async () => {
        const session = await Polling.open(server);
        const socket = await begin(session);
        socket.send("5", "40");
        assert.match(await socket.next(), /^40\{"sid":"/);
        socket.terminate();
      });

      it("keeps what was said before, during and after it, in order", async () => {
        const session = await Polling.connect(server);
        await session.send('42["message",1]');
        const socket = await begin(session);
        await session.send('42["message",2]');
        const polled = [];
        // The client polls until it has got a noop, or what it waited for.
        while (polled.length < 2) {
          const { text } = await session.get();
          polled.push(...text.split(SEPARATOR).filter((packet) => packet !== "6"));
        }
        await session.send('42["message",3]');
        socket.send("5", '42["message",4]');
        const frames = [await socket.next(), await socket.next()];
        assert.deepEqual([...polled, ...frames], [1, 2, 3, 4].map((n) => `42["message-back",${n}]`));
        socket.terminate();
      });

      it("leaves nothing to poll afterwards", async () => {
        const session = await Polling.connect(server);
        const socket = await begin(session);
        socket.send("5", '42["message",1]');
        assert.equal(await socket.next(), '42["message-back",1]');
        for (const answer of [await session.get(), await session.post('42["message",2]')]) {
          assert.deepEqual([answer.status, answer.json()], [400, { code: 3, message: "Bad request" }]);
        }
        socket.send('42["message",3]');
        assert.equal(await socket.next(), '42["message-back",3]');
        socket.terminate();
      });

      it("takes one WebSocket for a session, and closes a second one", async () => {
        const session = await Polling.connect(server);
        const socket = await begin(session);
        await new Socket(server, { sid: session.sid }).closed();
        socket.send("5", '42["message",1]');
        assert.equal(await socket.next(), '42["message-back",1]');
        await new Socket(server, { sid: session.sid }).closed();
        socket.send('42["message",2]');
        assert.equal(await socket.next(), '42["message-back",2]');
        socket.terminate();
      });

      it("closes a second WebSocket on a session that began with one", async () => {
        const socket = await Socket.connect(server);
        const second = new Socket(server, { sid: socket.sid });
        second.opened.then(() => second.send("2probe"), () => {});
        // socket.io's own server lets it begin, and closes it after the upgrade's time.
        await second.closed();
        socket.send('42["message",1]');
        assert.equal(await socket.next(), '42["message-back",1]');
        socket.terminate();
      });

      it("closes a WebSocket that begins with anything but a probe, and polling goes on", async () => {
        for (const packet of ['42["message",1]', "2other", "3probe", "1", "abc"]) {
          const session = await Polling.connect(server);
          const socket = new Socket(server, { sid: session.sid });
          await inTime(socket.opened, "the WebSocket");
          socket.send(packet);
          await socket.closed();
          await session.send('42["message",2]');
          assert.equal(await session.next(), '42["message-back",2]');
        }
      });

      it("is given up when it isn't finished in time, and polling goes on", async () => {
        for (const probes of [true, false]) {
          const session = await Polling.connect(server);
          const socket = probes ? await begin(session) : new Socket(server, { sid: session.sid });
          await socket.closed();
          await session.send('42["message",1]');
          let packet = await session.next();
          while (packet === "6") packet = await session.next();
          assert.equal(packet, '42["message-back",1]');
        }
      });

      it("may be tried again after it has failed", async () => {
        const session = await Polling.connect(server);
        (await begin(session)).terminate();
        await eventually(async () => {
          const socket = new Socket(server, { sid: session.sid });
          const opened = await socket.opened.then(() => true, () => false);
          if (!opened) return false;
          socket.send("2probe");
          if ((await socket.next()) !== "3probe") return false;
          socket.send("5", '42["message",1]');
          assert.equal(await socket.next(), '42["message-back",1]');
          socket.terminate();
          return true;
        }, "the upgrade");
      });

      it("ends with its session", async () => {
        const session = await Polling.connect(server);
        const socket = await begin(session);
        await session.send("1");
        await socket.closed();
        assert.ok(await session.isOver());
      });
    });
  });

  describe(`the heartbeat, ${kind}`, () => {
    const INTERVAL = 150;
    const TIMEOUT = 1000; // on a busy machine, answers take their time
    let server;
    before(async () => (server = await Server.start(kind, { "ping-interval": INTERVAL, "ping-timeout": TIMEOUT })));
    after(() => server?.kill());

    it("pings a session that polls, and takes its pongs", async () => {
      const session = await Polling.connect(server);
      assert.deepEqual([session.handshake.pingInterval, session.handshake.pingTimeout], [INTERVAL, TIMEOUT]);
      for (let n = 0; n < 4; n++) {
        assert.equal(await session.next(), "2");
        await session.send("3");
      }
    });

    it("pings a WebSocket, and takes its pongs", async () => {
      const socket = await Socket.connect(server);
      for (let n = 0; n < 4; n++) {
        assert.equal(await socket.next(), "2");
        socket.send("3");
      }
      socket.terminate();
    });

    it("goes on after an upgrade", async () => {
      const session = await Polling.connect(server);
      const socket = new Socket(server, { sid: session.sid });
      await inTime(socket.opened, "the WebSocket");
      socket.send("2probe");
      let packet = await socket.next();
      assert.equal(packet, "3probe");
      socket.send("5");
      for (let n = 0; n < 4; n++) {
        packet = await socket.next();
        assert.equal(packet, "2");
        socket.send("3");
      }
      socket.terminate();
    });

    it("ends a session that polls and says no pong", async () => {
      const session = await Polling.connect(server);
      assert.equal(await session.next(), "2");
      await eventually(() => ask(server, { sid: session.sid }, { method: "POST", body: "6" }).then(({ status }) => status === 400), "its end");
    });

    it("ends a session that never polls", async () => {
      const session = await Polling.open(server);
      await eventually(() => ask(server, { sid: session.sid }, { method: "POST", body: "6" }).then(({ status }) => status === 400), "its end");
    });

    it("ends a WebSocket that says no pong", async () => {
      const socket = await Socket.connect(server);
      assert.equal(await socket.next(), "2");
      await socket.closed();
    });
  });
}
