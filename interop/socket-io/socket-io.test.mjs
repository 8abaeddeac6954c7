// Each rule of the Socket.IO protocol, revision 5, by raw packets.

import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";

import { Polling, SEPARATOR, Socket, serves } from "./raw.mjs";
import { Server, servers } from "./server.mjs";

const placeholder = (num) => `{"_placeholder":true,"num":${num}}`;

for (const kind of servers) {
  describe(`Socket.IO, ${kind}`, () => {
    let server;
    before(async () => (server = await Server.start(kind)));
    after(() => server?.kill());

    /** Sees that a packet ends the connection, and no other one. */
    const ends = async (frames, connect = "40") => {
      const socket = connect ? await Socket.connect(server, connect) : await Socket.open(server);
      socket.send(...frames);
      const answers = await socket.rest().catch(() => assert.fail(`open after ${frames}`));
      assert.deepEqual(answers, [], `after ${frames}`);
    };

    /** Sees that a connection is as it was. */
    const goesOn = async (socket) => {
      socket.send('42["message","on"]');
      assert.equal(await socket.next(), '42["message-back","on"]');
      socket.terminate();
    };

    describe("CONNECT", () => {
      it("is answered with an id", async () => {
        const socket = await Socket.connect(server);
        const answer = JSON.parse(socket.connected.slice(2));
        assert.deepEqual(Object.keys(answer), ["sid"]);
        assert.match(answer.sid, /^[\w-]{8,}$/);
        assert.notEqual(answer.sid, socket.sid);
        await goesOn(socket);
      });

      it("may bring what the client shows", async () => {
        for (const auth of ["{}", '{"token":"123"}', '{"name":{"deep":[1,null]}}']) await goesOn(await Socket.connect(server, `40${auth}`));
      });

      it("names another namespace, with or without a comma, with or without what the client shows", async () => {
        for (const packet of ["40/demo.arm,", "40/demo.arm", '40/demo.arm,{"a":"b,c"}']) {
          const socket = await Socket.connect(server, packet);
          assert.match(socket.connected, /^40\/demo\.arm,\{"sid":"[\w-]+"\}$/);
          socket.send('42/demo.arm,1["move",3,4]');
          const answer = await socket.next();
          assert.equal(answer.slice(0, 15), "43/demo.arm,1[{");
          assert.deepEqual(JSON.parse(answer.slice(13)), [{ x: 3, y: 4, distance: 5 }]);
          socket.terminate();
        }
      });

      it("is refused where there is no such namespace, and the connection is kept", async () => {
        const socket = await Socket.open(server);
        socket.send("40/random");
        assert.equal(await socket.next(), '44/random,{"message":"Invalid namespace"}');
        socket.send("40/toString,");
        assert.equal(await socket.next(), '44/toString,{"message":"Invalid namespace"}');
        socket.send("40");
        assert.match(await socket.next(), /^40\{"sid":"/);
        await goesOn(socket);
      });

      it("comes once for a namespace", () => ends(["40"]));

      it("has an object or nothing", async () => {
        for (const packet of ['40"text"', "40[]", "40{", "40null"]) await ends([packet], null);
      });

      it("comes before everything else", async () => {
        for (const packet of ['42["message",1]', '421["echo",1]', "41", "431[1]", '42/demo.arm,["move",1,2]']) await ends([packet], null);
        for (const packet of ['42/demo.arm,["move",1,2]', "41/demo.arm,"]) await ends([packet]);
      });

      it("has to come in time", async () => {
        const impatient = await Server.start(kind, { "handshake-timeout": 300 });
        try {
          const [socket, session] = [await Socket.open(impatient), await Polling.open(impatient)];
          assert.equal(await session.next(), "1");
          await socket.closed();
          // Being refused is no connection either.
          const refused = await Socket.open(impatient);
          refused.send("40/random");
          assert.match(await refused.next(), /^44/);
          await refused.closed();
          // And who has one, keeps it.
          const connected = await Socket.connect(impatient);
          await new Promise((resolve) => setTimeout(resolve, 600));
          await goesOn(connected);
        } finally {
          await impatient.kill();
        }
      });
    });

    describe("EVENT", () => {
      it("comes and goes, with arguments of every kind", async () => {
        const socket = await Socket.connect(server);
        socket.send('42["message",1,"2",{"3":[true]}]');
        assert.equal(await socket.next(), '42["message-back",1,"2",{"3":[true]}]');
        socket.send('42["message"]');
        assert.equal(await socket.next(), '42["message-back"]');
        await goesOn(socket);
      });

      it("has a comma or a slash in its text", async () => {
        const socket = await Socket.connect(server, "40/tools,");
        socket.send('42/tools,["message","/a,b,[1]"]');
        assert.equal(await socket.next(), '42/tools,["message-back","/a,b,[1]"]');
        socket.terminate();
      });

      it("has a list that isn't empty", async () => {
        for (const packet of ["42{}", "42[]", '42"message"', "42null", "42true", "42[null]", "42[{}]", '42[["message"]]', '42["message"', "42["]) await ends([packet]);
        // socket.io's own server takes this for a list.
        if (kind === "ours") await ends(["42"]);
        await serves(server);
      });

      it("isn't called like what happens to the client itself", async () => {
        for (const name of ["connect", "connect_error", "disconnect", "disconnecting", "newListener", "removeListener"]) await ends([`42["${name}"]`]);
      });
    });

    describe("ACK", () => {
      it("has the id of what it answers", async () => {
        const socket = await Socket.connect(server);
        for (const id of [0, 1, 456, 2 ** 31, Number.MAX_SAFE_INTEGER]) {
          socket.send(`42${id}["echo",{"a":[false]}]`);
          assert.equal(await socket.next(), `43${id}[{"a":[false]}]`);
        }
        await goesOn(socket);
      });

      it("has its namespace", async () => {
        const socket = await Socket.connect(server, "40/tools,");
        socket.send('42/tools,13["echo",1]');
        assert.equal(await socket.next(), "43/tools,13[1]");
        socket.terminate();
      });

      it("is asked of the client, and taken once", async () => {
        const socket = await Socket.connect(server);
        socket.send('425["demo.arm.ask","?"]');
        const asked = await socket.next();
        const [, id, data] = /^42(\d+)(\[.*)$/.exec(asked);
        assert.deepEqual(JSON.parse(data), ["demo.arm.confirm", "?"]);
        socket.send(`43${id}["yes"]`, `43${id}["no"]`);
        assert.equal(await socket.next(), '435["yes"]');
        await goesOn(socket);
      });

      it("is ignored where nothing was asked", async () => {
        const socket = await Socket.connect(server);
        socket.send("4399[1]", "430[]");
        await goesOn(socket);
      });

      it("has a list, and a number", async () => {
        for (const packet of ["431{}", '431"x"', "431null", '42abc["echo",1]', "43abc[1]", '42-1["echo",1]', '421.5["echo",1]']) await ends([packet]);
      });
    });

    describe("binary packets", () => {
      it("have attachments, which come and go behind them", async () => {
        const socket = await Socket.connect(server);
        socket.send(`452-["message",${placeholder(0)},${placeholder(1)}]`, Buffer.from([1, 2, 3]), Buffer.from([4, 5, 6]));
        const back = [await socket.next(), await socket.next(), await socket.next()];
        assert.deepEqual(back, [`452-["message-back",${placeholder(0)},${placeholder(1)}]`, Buffer.from([1, 2, 3]), Buffer.from([4, 5, 6])]);
        await goesOn(socket);
      });

      it("are acknowledged", async () => {
        const socket = await Socket.connect(server);
        socket.send(`451-789["echo",{"in":${placeholder(0)}}]`, Buffer.from([7]));
        assert.equal(await socket.next(), `461-789[{"in":${placeholder(0)}}]`);
        assert.deepEqual(await socket.next(), Buffer.from([7]));
        await goesOn(socket);
      });

      it("are acknowledged by plain ones where there are no bytes in the answer", async () => {
        const socket = await Socket.connect(server);
        socket.send(`451-1["demo.arm.sum",${placeholder(0)}]`, Buffer.from([7, 8]));
        assert.equal(await socket.next(), "431[15]");
        await goesOn(socket);
      });

      it("have a namespace", async () => {
        const socket = await Socket.connect(server, "40/tools,");
        socket.send(`451-/tools,3["echo",${placeholder(0)}]`, Buffer.from([9]));
        assert.equal(await socket.next(), `461-/tools,3[${placeholder(0)}]`);
        assert.deepEqual(await socket.next(), Buffer.from([9]));
        socket.terminate();
      });

      it("have attachments in another order than they are named", async () => {
        const socket = await Socket.connect(server);
        socket.send(`452-["message",${placeholder(1)},${placeholder(0)}]`, Buffer.from("a"), Buffer.from("b"));
        const [head, ...bytes] = [await socket.next(), await socket.next(), await socket.next()];
        const { groups } = /"num":(?<first>\d)\},.*"num":(?<second>\d)\}/.exec(head);
        assert.deepEqual([bytes[groups.first], bytes[groups.second]], [Buffer.from("b"), Buffer.from("a")]);
        await goesOn(socket);
      });

      it("are in one payload, or in several", async () => {
        const session = await Polling.connect(server);
        await session.send(`452-["message",${placeholder(0)},${placeholder(1)}]`, "bAQ==");
        await session.send("bAg==", '42["message","next"]');
        const back = [await session.next(), await session.next(), await session.next(), await session.next()];
        assert.deepEqual(back, [`452-["message-back",${placeholder(0)},${placeholder(1)}]`, "bAQ==", "bAg==", '42["message-back","next"]']);
      });
    });

    describe("DISCONNECT", () => {
      it("isn't answered, and leaves the connection, where the client may connect again", async () => {
        const socket = await Socket.connect(server);
        const first = socket.connected;
        socket.send("41");
        await socket.taken();
        socket.send("40");
        const second = await socket.next();
        assert.match(second, /^40\{"sid":"/);
        assert.notEqual(second, first);
        await goesOn(socket);
      });

      it("leaves the other namespaces, with or without a comma", async () => {
        for (const packet of ["41/tools", "41/tools,"]) {
          const socket = await Socket.connect(server);
          socket.send("40/tools");
          assert.match(await socket.next(), /^40\/tools,/);
          socket.send(packet);
          await goesOn(socket);
        }
      });

      it("is followed by nothing for that namespace", async () => {
        const socket = await Socket.connect(server);
        socket.send("41");
        await socket.taken();
        socket.send('42["message",1]', "40");
        // socket.io's own server ends the connection; ours may have left the namespace by itself,
        // and then a client can't know yet.
        const frame = await socket.next();
        if (frame !== undefined) assert.match(frame, /^40\{"sid":"/);
        socket.terminate();
      });

      it("is sent by the server, and leaves the other namespaces", async () => {
        const socket = await Socket.connect(server);
        socket.send("40/demo.arm");
        assert.match(await socket.next(), /^40\/demo\.arm,/);
        socket.send('42/demo.arm,["leave"]');
        assert.equal(await socket.next(), "41/demo.arm,");
        await goesOn(socket);
      });

      it("has nothing with it", () => ends(["41{}"]));
    });

    describe("what is no packet", () => {
      it("ends the connection", async () => {
        for (const packet of ["4abc", "47[]", "49", "4x[1]", '44{"message":"from a client"}', "4-"]) await ends([packet]);
        await serves(server);
      });

      it("ends a connection that polls", async () => {
        const session = await Polling.connect(server);
        await session.post(`42["message",1]${SEPARATOR}47[]`);
        // The GET that comes next is told, or finds nothing any more.
        let answer;
        do answer = await session.get();
        while (answer.status === 200 && !answer.text.endsWith("1"));
        assert.ok(await session.isOver());
      });

      it("ends the connection where attachments are wrong", async () => {
        const wrong = {
          "a text between them": [`451-["echo",${placeholder(0)}]`, '42["message",1]'],
          "bytes that nobody has announced": [Buffer.from([1])],
          "one more than announced": [`451-["message",${placeholder(0)}]`, Buffer.from([1]), Buffer.from([2])],
          "no number of them": [`45["echo",${placeholder(0)}]`],
          "half of one": [`451.5-["echo",${placeholder(0)}]`],
          "less than none": [`45-1-["echo",${placeholder(0)}]`],
          "a number that is none": [`45x-["echo",${placeholder(0)}]`],
          "no end of the number": ["451"],
          "far too many": [`451000000-["echo",${placeholder(0)}]`],
          "a placeholder beyond them": [`451-["echo",${placeholder(1)}]`, Buffer.from([1])],
          "a placeholder before them": [`451-["echo",${placeholder(-1)}]`, Buffer.from([1])],
          "a placeholder by text": [`451-["echo",${placeholder('"0"')}]`, Buffer.from([1])],
        };
        for (const [what, frames] of Object.entries(wrong)) {
          const socket = await Socket.connect(server);
          socket.send(...frames);
          // An answer may come before the end, but not so late that there is a ping.
          const rest = await socket.rest().catch((error) => assert.fail(`${what}: ${error.message}`));
          assert.ok(!rest.includes("2"), `${what}: it was the ping that ended it`);
        }
        await serves(server);
      });
    });
  });
}
