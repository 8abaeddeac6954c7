// What is begun and never finished, at our backend: all of it ends, and holds nothing.

import assert from "node:assert/strict";
import { once } from "node:events";
import net from "node:net";
import { after, before, describe, it } from "node:test";

import { eventually, inTime } from "../node/backend.mjs";
import { Polling, Socket, ask, serves, target } from "./raw.mjs";
import { Server, servers } from "./server.mjs";

const alone = servers.includes("ours") ? describe : describe.skip;

/** A connection that says this much, and waits for its end. */
async function says(server, text) {
  const socket = net.connect(server.port, "127.0.0.1");
  socket.on("error", () => {});
  await once(socket, "connect");
  socket.write(text);
  socket.resume();
  await inTime(once(socket, "close"), "the end");
}

alone("what is never finished", () => {
  let server;
  before(async () => (server = await Server.start("ours", { "handshake-timeout": 400, "frame-timeout": 400, "max-payload": 10_000_000 })));
  after(() => server?.kill());

  it("ends a request whose head doesn't end", async () => {
    await says(server, `GET ${target({})} HTTP/1.1\r\nHost: 127.0.0.1:${server.port}\r\nX-`);
    await says(server, "");
    await says(server, "GET /sock");
  });

  it("ends the session when a body doesn't end", async () => {
    const session = await Polling.connect(server);
    const posted = session.post(undefined, { headers: { "content-length": 100 }, begun: (request) => request.write("42[") });
    const answer = await posted.catch(() => ({ status: 0 }));
    assert.notEqual(answer.status, 200);
    await eventually(() => session.isOver(), "the session's end");
  });

  it("ends the connection when attachments don't come", async () => {
    const socket = await Socket.connect(server);
    socket.send('452-["echo",{"_placeholder":true,"num":0},{"_placeholder":true,"num":1}]', Buffer.from([1]));
    await socket.closed();

    const session = await Polling.connect(server);
    await session.send('451-["echo",{"_placeholder":true,"num":0}]');
    await eventually(async () => {
      const { status } = await session.get();
      return status === 400;
    }, "the session's end");
  });

  it("ends the connection when attachments come that slowly", async () => {
    const socket = await Socket.connect(server);
    socket.send(`451000-["echo",${Array.from({ length: 1000 }, (_, num) => `{"_placeholder":true,"num":${num}}`)}]`);
    const ticking = setInterval(() => socket.ws.send(Buffer.from([1]), () => {}), 50);
    const rest = await socket.rest().finally(() => clearInterval(ticking));
    assert.deepEqual(rest, []);
  });

  it("ends a client that doesn't read", async () => {
    const reads = await Socket.connect(server);
    const count = async (room) => {
      reads.send(`421["demo.arm.members","${room}"]`);
      for (;;) {
        const frame = await reads.next();
        if (frame === "2") reads.send("3");
        else return JSON.parse(frame.slice(3))[0];
      }
    };
    const idle = await Socket.connect(server);
    idle.send('421["demo.arm.join","reading"]');
    assert.equal(await idle.next(), "431[null]");
    assert.equal(await count("reading"), 1);
    idle.ws._socket.pause();
    for (let n = 0; n < 8; n++) idle.send(`42${n + 5}["demo.arm.picture",5000000]`);
    await eventually(async () => (await count("reading")) === 0, "its end");
    idle.terminate();

    const session = await Polling.connect(server);
    await session.send('421["demo.arm.join","polling"]');
    assert.equal(await session.next(), "431[null]");
    assert.equal(await count("polling"), 1);
    for (let n = 0; n < 8; n++) {
      const answer = await session.post(`42${n + 5}["demo.arm.picture",5000000]`).catch(() => ({ status: 0 }));
      if (answer.status !== 200) break;
    }
    await eventually(async () => (await count("polling")) === 0, "its end");
    reads.terminate();
    await serves(server);
  });
});

alone("an HTTP connection", () => {
  let server;
  before(async () => (server = await Server.start("ours", { "ping-interval": 200, "ping-timeout": 200 })));
  after(() => server?.kill());

  it("ends when nobody uses it", async () => {
    await says(server, `GET ${target({})} HTTP/1.1\r\nHost: 127.0.0.1:${server.port}\r\n\r\n`);
  });
});

alone("a backend that takes two connections", () => {
  let server;
  before(async () => (server = await Server.start("ours", { connections: 2 })));
  after(() => server?.kill());

  it("refuses a third session, and takes it when there is room", async () => {
    const first = await Socket.connect(server);
    const second = await Polling.connect(server);
    const third = await ask(server);
    assert.ok(third.status >= 400, String(third.status));
    await new Socket(server).closed();
    await second.send('42["message",1]');
    assert.equal(await second.next(), '42["message-back",1]');

    await second.send("1");
    let next;
    await eventually(async () => {
      next = await Polling.open(server).catch(() => undefined);
      return next;
    }, "room");
    await next.post("1");
    first.terminate();
  });

  it("counts each namespace beyond the first", async () => {
    await eventually(async () => {
      const socket = new Socket(server);
      if ((await socket.next())?.[0] !== "0") return false;
      socket.send("40");
      if (!(await socket.next())?.startsWith("40{")) return false;
      socket.send("40/demo.arm,");
      // The sessions from before may still be ending.
      if (!(await socket.next()).startsWith("40/demo.arm,")) return socket.terminate();
      socket.send("40/tools,");
      assert.match(await socket.next(), /^44\/tools,\{.*"message":"/);
      socket.send('42["message",1]');
      assert.equal(await socket.next(), '42["message-back",1]');
      socket.terminate();
      return true;
    }, "room");
  });
});
