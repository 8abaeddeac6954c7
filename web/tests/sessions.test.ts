// A client that returns is the same peer, as the Rust frontend's tests have it.
import assert from "node:assert/strict";
import { getEventListeners, once } from "node:events";
import { before, describe, test } from "node:test";
import { connect } from "ipc-runtime/node";
import { WebSocket } from "ws";
import { build } from "./support/backend.js";
import { WAYS, reached, soon, states, until, World, type Trial } from "./support/world.js";

before(() => build());

function each(name: string, trial: Trial, ...more: string[]): void {
  describe(name, () => {
    for (const way of WAYS) {
      test(`over ${way}`, async () => {
        await using world = await World.of(way, ...more);
        await trial(world);
      });
    }
  });
}

each("a client that returns is the same peer", async (world) => {
  const cable = await world.cable();
  const { ipc, survivor } = await world.client(soon(), {}, cable.endpoint);
  const name = await survivor.name();
  for (let n = 0; n < 3; n++) {
    const told = states(ipc);
    const again = survivor.waitAgain();
    await until(() => survivor.begun(), (begun) => begun === 2 * n + 1);
    cable.cut();
    await reached(ipc, "reconnecting");
    const { resumed } = await reached(ipc, "connected");
    assert.equal(resumed, true);
    assert.equal(told.at(-1), "connected again");
    assert.equal(await survivor.name(), name);
    await until(() => survivor.begun(), (begun) => begun === 2 * n + 2);
    await survivor.letGo(1);
    assert.equal(await again, 1);
  }
  assert.equal(cable.connections, 4);
  assert.deepEqual(await survivor.peers(), [1, 1, 0]);
});

each("a client is told if it is another peer, and is one", async (world) => {
  const cable = await world.cable();
  const { ipc, survivor } = await world.client(soon(), {}, cable.endpoint);
  const [name, witness] = [await survivor.name(), await world.witness()];
  cable.isOut = true;
  cable.cut();
  await reached(ipc, "reconnecting");
  await until(() => witness.peers(), ([, , went]) => went === 1);
  cable.isOut = false;
  const { resumed } = await reached(ipc, "connected");
  assert.equal(resumed, false);
  assert.notEqual(await survivor.name(), name);
  // From now on it is that one.
  const next = await survivor.name();
  cable.cut();
  await reached(ipc, "reconnecting");
  await reached(ipc, "connected");
  assert.equal(await survivor.name(), next);
}, "--grace", "1000");

each("who returns takes over from a connection that seems alive", async (world) => {
  const cable = await world.cable();
  const { ipc, survivor } = await world.client(soon(), {}, cable.endpoint);
  const name = await survivor.name();
  for (let n = 0; n < 3; n++) {
    cable.cutHere();
    await reached(ipc, "reconnecting");
    const { resumed } = await reached(ipc, "connected");
    assert.equal(resumed, true);
    assert.equal(await survivor.name(), name);
  }
  assert.deepEqual(await survivor.peers(), [1, 1, 0]);
});

test("a client whose token takes longer than a second returns to its session", async () => {
  await using world = await World.of("a WebSocket");
  const cable = await world.cable();
  let token = (): Promise<string> => Promise.resolve("any");
  const { ipc, survivor } = await world.client(soon(), { token: () => token() }, cable.endpoint);
  const [name, witness] = [await survivor.name(), await world.witness()];
  const [before] = await witness.peers();
  token = async () => {
    // Who comes after it and promises nothing is taken for one that listens: so long it takes.
    const other = new WebSocket(world.endpoint, ["ipc.v1.json"]);
    await once(other, "open");
    await until(() => witness.peers(), ([there]) => there > before);
    other.close();
    return "any";
  };
  cable.cut();
  await reached(ipc, "reconnecting");
  const { resumed } = await reached(ipc, "connected");
  assert.equal(resumed, true);
  assert.equal(await survivor.name(), name);
});

each("a connection that goes silent is given up, and its client returns", async (world) => {
  const cable = await world.cable();
  const { ipc, survivor } = await world.client(soon(), { heartbeat: 50 }, cable.endpoint);
  const name = await survivor.name();
  cable.hold();
  const { cause } = await reached(ipc, "reconnecting");
  assert.match(cause.message, /silent/);
  const { resumed } = await reached(ipc, "connected");
  assert.equal(resumed, true);
  assert.equal(await survivor.name(), name);
});

each("a backend that is frozen is given up, and found again when it goes on", async (world) => {
  const { ipc, survivor } = await world.client(soon(), { heartbeat: 50, handshakeTimeout: 200 });
  const name = await survivor.name();
  const call = survivor.waitAgain();
  await until(() => survivor.begun(), (begun) => begun === 1);
  world.backend.freeze();
  await reached(ipc, "reconnecting");
  await reached(ipc, "reconnecting", ({ attempt }) => attempt > 1);
  world.backend.thaw();
  const { resumed } = await reached(ipc, "connected");
  assert.equal(resumed, true);
  await until(() => survivor.begun(), (begun) => begun === 2);
  await survivor.letGo(1);
  assert.equal(await call, 1);
  assert.equal(await survivor.name(), name);
  await until(() => survivor.peers(), ([there]) => there === 1);
});

each("a client that closes has gone at once, and so has one that does not reconnect", async (world) => {
  const witness = await world.witness();
  const { ipc } = await world.client();
  await until(() => witness.peers(), ([there]) => there === 2);
  await ipc.close();
  await until(() => witness.peers(), ([there, , went]) => there === 1 && went === 1);
  const cable = await world.cable();
  const other = await connect(cable.endpoint);
  await until(() => witness.peers(), ([there]) => there === 2);
  cable.cut();
  await reached(other, "closed");
  await until(() => witness.peers(), ([there, , went]) => there === 1 && went === 2);
}, "--grace", "3600000");

each("who was closed while it was away is told when it returns", async (world) => {
  const cable = await world.cable();
  const witness = await world.witness();
  const { ipc, survivor } = await world.client(soon({ whileAway: "wait" }), {}, cable.endpoint);
  const told = states(ipc);
  cable.isOut = true;
  cable.cut();
  await reached(ipc, "reconnecting");
  const refused = assert.rejects(survivor.which(), { kind: "notConnected", mayHaveRun: false });
  await until(() => witness.sendTheOthersAway().then(() => witness.peers()), ([there]) => there === 1);
  cable.isOut = false;
  const { reason } = await reached(ipc, "closed");
  assert.equal(reason.kind, "closing");
  await refused;
  assert.equal(told.at(-1), "closed");
});

each("a client that is closed before its handshake is answered is not waited for", async (world) => {
  const cable = await world.cable();
  const { ipc } = await world.client(soon(), {}, cable.endpoint);
  const witness = await world.witness();
  cable.isDeaf = true;
  cable.cut();
  await until(() => cable.heldBack, (pieces) => pieces > 0);
  assert.equal(ipc.state.get().status, "reconnecting");
  await ipc.close();
  await until(() => witness.peers(), ([there, , went]) => there === 1 && went === 1);
}, "--grace", "3600000");

each("many returns leave nothing behind", async (world) => {
  const cable = await world.cable();
  const before = process.getActiveResourcesInfo();
  const { ipc, survivor } = await world.client(soon({ whileAway: "wait" }), {}, cable.endpoint);
  const name = await survivor.name();
  for (let n = 0; n < 50; n++) {
    cable.cut();
    await reached(ipc, "reconnecting");
    assert.equal(await survivor.name(), name);
  }
  assert.deepEqual(await survivor.peers(), [1, 1, 0]);
  await ipc.close();
  cable.cut();
  const count = (all: string[], kind: string): number => all.filter((one) => one === kind).length;
  await until(() => process.getActiveResourcesInfo(), (now) => ["Timeout", "TCPSocketWrap", "PipeWrap"].every((kind) => count(now, kind) <= count(before, kind)));
});

/** What a page has, put where a client looks for it. */
function page() {
  const window = new EventTarget();
  const document = Object.assign(new EventTarget(), { visibilityState: "hidden" });
  const global = globalThis as { addEventListener?: unknown; document?: unknown };
  Object.assign(global, { addEventListener: window.addEventListener.bind(window), document });
  const left = (): string[] =>
    ["online", "pageshow", "pagehide"].flatMap((name) => getEventListeners(window, name).map(() => name)).concat(getEventListeners(document, "visibilitychange").map(() => "visibilitychange"));
  return {
    left,
    /** The user looks at the page, or doesn't. */
    looks: (visibilityState: string): void => {
      document.visibilityState = visibilityState;
      document.dispatchEvent(new Event("visibilitychange"));
    },
    fire: (name: string, more: object = {}): void => void window.dispatchEvent(Object.assign(new Event(name), more)),
    [Symbol.dispose](): void {
      delete global.addEventListener;
      delete global.document;
    },
  };
}

const never = { firstDelay: 3_600_000, maxDelay: 3_600_000 };

each("a page that wakes up tries at once", async (world) => {
  using tab = page();
  const cable = await world.cable();
  const { ipc } = await world.client(never, {}, cable.endpoint);
  assert.deepEqual(tab.left(), ["pagehide"]);
  const ways = [() => tab.fire("online"), () => tab.fire("pageshow", { persisted: true }), () => tab.looks("visible")];
  for (const way of ways) {
    cable.cut();
    await reached(ipc, "reconnecting");
    assert.deepEqual(tab.left(), ["online", "pageshow", "pagehide", "visibilitychange"]);
    const before = cable.connections;
    tab.looks("hidden");
    assert.equal(cable.connections, before);
    way();
    const { resumed } = await reached(ipc, "connected");
    assert.equal(resumed, true);
    assert.deepEqual(tab.left(), ["pagehide"]);
  }
  cable.cut();
  await reached(ipc, "reconnecting");
  await ipc.close();
  assert.deepEqual(tab.left(), []);
});

each("a page that goes for good tells the backend, one that may be shown again does not", async (world) => {
  using tab = page();
  const witness = await world.witness();
  const { ipc, survivor } = await world.client(never);
  tab.fire("pagehide", { persisted: true });
  assert.equal(await survivor.which(), 1);
  tab.fire("pagehide", { persisted: false });
  assert.equal(ipc.state.get().status, "closed");
  assert.deepEqual(tab.left(), []);
  await until(() => witness.peers(), ([there, , went]) => there === 1 && went === 1);
}, "--grace", "3600000");

test("a client that does not reconnect listens to nothing of a page", async () => {
  await using world = await World.of("a Unix socket");
  using tab = page();
  const ipc = await connect(world.endpoint);
  assert.deepEqual(tab.left(), []);
  await ipc.close();
});
