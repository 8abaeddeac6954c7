// Two clients at the two ends of a channel: each shakes hands, calls, and serves.
import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as after } from "node:timers/promises";
import { connect, connectLazily, handler, messagePort, reconnect, type ConnectOptions, type Handler, type Ipc, type MethodError } from "ipc-runtime";
import { Docs, Window, type DocsMethods, type FileError, type WindowMethods } from "./support/docs.js";

const file = { name: "a", kind: "File" as const, size: 1, inode: 2n ** 60n };

/** A backend that a test plays. */
function played(dropped: string[] = []): Handler<DocsMethods> {
  return {
    list: (dir, call) => {
      if (dir === "none") throw call.fail({ NotFound: dir });
      return [file];
    },
    read: () => new Uint8Array([1, 2, 255]),
    find: (pattern) => [pattern],
    search: async ({ text }, call) => {
      const window = call.peer.client(Window);
      return [{ ...file, size: await window.show(text) }];
    },
    index: (dirs, call) => {
      dirs.forEach((_, at) => call.progress({ files: at + 1 }));
      return dirs.length;
    },
    store: async (_name, chunks) => {
      let size = 0;
      for await (const chunk of chunks) size += chunk.length;
      return size;
    },
    log: (line) => void dropped.push(line),
    changed: async function* (dir, call) {
      try {
        for (let n = 0; dir !== "few" || n < 3; n++) yield { ...file, size: n };
        throw call.fail("Busy" as never);
      } finally {
        dropped.push(`${dir} ended`);
      }
    },
    then_: () => "then",
    ping: (call) =>
      new Promise<number>((resolve) => {
        call.signal.addEventListener("abort", () => {
          dropped.push("ping cancelled");
          resolve(0);
        });
      }),
    save: () => null,
  };
}

const pane: Handler<WindowMethods> = {
  show: (text) => text.length,
  moved() {},
  ticks: async function* () {
    yield 1n;
  },
  sum: async (numbers) => {
    let all = 0;
    for await (const one of numbers) all += one;
    return all;
  },
  big: (n) => n + 1n,
};

async function pair(left: ConnectOptions, right: ConnectOptions): Promise<[Ipc, Ipc]> {
  const { port1, port2 } = new MessageChannel();
  return Promise.all([connect(messagePort(port1), left), connect(messagePort(port2), right)]);
}

test("two clients call each other over a channel", async () => {
  const seen: string[] = [];
  const [page, backend] = await pair({ serve: [handler(Window, pane)] }, { serve: [handler(Docs, played(seen))] });
  const docs = await page.open(Docs);
  assert.deepEqual(await docs.list("."), [file]);
  const none = await docs.list("none").result();
  assert.ok(!none.ok && none.error.kind === "method");
  assert.deepEqual(none.error.data satisfies FileError, { NotFound: "none" });
  assert.deepEqual(await docs.read("x"), new Uint8Array([1, 2, 255]));
  assert.deepEqual(await docs.search({ text: "text" }), [{ ...file, size: 4 }], "a call within a call");
  const progress: number[] = [];
  assert.equal(await docs.index(["a", "b"], { onProgress: ({ files }) => progress.push(files) }), 2);
  assert.deepEqual(progress, [1, 2]);
  assert.equal(await docs.store("x", Array.from({ length: 600 }, () => new Uint8Array(10))), 6_000);
  const sizes: number[] = [];
  await assert.rejects(async () => {
    for await (const { size } of docs.changed("few")) sizes.push(size);
  }, (error: MethodError<FileError>) => error.kind === "method" && error.data === "Busy");
  assert.deepEqual(sizes, [0, 1, 2]);
  for await (const { size } of docs.changed("all")) if (size === 1_000) break;
  const stop = new AbortController();
  const waiting = docs.ping({ signal: stop.signal });
  docs.log("line");
  while (!seen.includes("line")) await after(0);
  stop.abort();
  await assert.rejects(waiting, { kind: "cancelled" });
  while (!seen.includes("all ended") || !seen.includes("ping cancelled")) await after(0);

  const window = await backend.open(Window);
  assert.equal(await window.show("four"), 4);
  assert.equal(await window.big(2n ** 70n), 2n ** 70n + 1n);
  assert.equal(await window.sum([1, 2, 3]), 6);
  await assert.rejects(backend.open(Docs), { kind: "notFound" });
  await page.close();
  await backend.close();
});

test("each side hears that the other one has closed, and nothing is left", async () => {
  const [page, backend] = await pair({}, { serve: [handler(Docs, played())] });
  const waiting = (await page.open(Docs)).ping();
  const closed = new Promise<void>((resolve) => backend.state.subscribe(() => backend.state.get().status === "closed" && resolve()));
  await page.close();
  await assert.rejects(waiting, { kind: "disconnected" });
  await closed;
  await assert.rejects(page.client(Docs).save(), { kind: "notConnected" });
  while (process.getActiveResourcesInfo().includes("MessagePort")) await after(0);
});

test("a side whose other end is closed without a word hears of it, at the latest by the heartbeat", async () => {
  const { port1, port2 } = new MessageChannel();
  const [one] = await Promise.all([connect(messagePort(port1), { heartbeat: 1_000 }), connect(messagePort(port2), { serve: [handler(Docs, played())] })]);
  const lost = (await one.open(Docs)).ping();
  await after(0);
  port2.close();
  await assert.rejects(lost, { kind: "disconnected", mayHaveRun: true });
});

test("two clients that are alike are no echo of each other", async () => {
  const alike = { serve: [handler(Window, pane)] };
  const [one, two] = await pair(alike, { serve: [handler(Window, pane)] });
  assert.equal(await one.client(Window).show("abc"), 3);
  assert.equal(await two.client(Window).show("abcd"), 4);
  await one.close();
  await two.close();
});

test("who sends back what it gets is no backend", async () => {
  const { port1, port2 } = new MessageChannel();
  port2.onmessage = ({ data }) => port2.postMessage(data);
  await assert.rejects(connect(messagePort(port1), { serve: [handler(Window, pane)] }), { kind: "protocol", message: /sends back what it gets/ });
  port2.close();
});

test("a worker goes on after a connection over its own scope, and serves the next one", async () => {
  // The scope of a worker: `close` ends the worker. What the page posts to the worker comes here.
  const page = new EventTarget();
  const scope = new EventTarget();
  const posted = (to: EventTarget) => (data: unknown) => queueMicrotask(() => to.dispatchEvent(new MessageEvent("message", { data })));
  let isClosed = false;
  const self = Object.assign(scope, { postMessage: posted(page), close: () => (isClosed = true) });
  const worker = Object.assign(page, { postMessage: posted(scope) });
  for (const ender of ["page", "worker"]) {
    const [ipc, backend] = await Promise.all([connect(messagePort(worker)), connect(messagePort(self), { serve: [handler(Docs, played())] })]);
    assert.deepEqual(await ipc.client(Docs).find("x"), ["x"]);
    const other = ender === "page" ? backend : ipc;
    await (ender === "page" ? ipc : backend).close();
    while (other.state.get().status !== "closed") await after(0);
    assert.ok(!isClosed);
  }
});

test("versions are compared between two clients", async () => {
  const [page, backend] = await pair({}, { serve: [handler({ ...Docs, version: "2.0.0" }, played())] });
  await assert.rejects(page.open(Docs), { kind: "versionMismatch" });
  await page.close();
  await backend.close();
});

test("a client waits for the other end, and connects with its first call", async () => {
  const { port1, port2 } = new MessageChannel();
  const page = connectLazily(messagePort(port1));
  const docs = page.client(Docs);
  const backend = connectLazily(messagePort(port2), { serve: [handler(Docs, played())] });
  const list = docs.list(".");
  // Its first call: whoever serves alone connects at once, by `connect`.
  await assert.rejects(backend.open(Window), { kind: "notFound" });
  assert.deepEqual(await list, [file]);
  await page.close();
  await backend.close();
});

test("a port is for one connection, and a function makes others", async () => {
  const { port1, port2 } = new MessageChannel();
  const dial = messagePort(port1);
  const other = connect(messagePort(port2));
  await (await connect(dial)).close();
  await other;
  await assert.rejects(connect(dial), { kind: "notConnected", message: /give `messagePort` a function/ });
  const backends: Promise<Ipc>[] = [];
  const fresh = messagePort(() => {
    const { port1, port2 } = new MessageChannel();
    backends.push(connect(messagePort(port2), { serve: [handler(Docs, played())] }));
    return port1;
  });
  for (const _ of [1, 2]) {
    const ipc = await connect(fresh);
    assert.deepEqual(await ipc.client(Docs).find("x"), ["x"]);
    await ipc.close();
  }
  for (const backend of backends) await (await backend).close();
});

test("`reconnect` over one port is refused at once", async () => {
  const { port1, port2 } = new MessageChannel();
  const dial = messagePort(port1);
  const refused = { kind: "invalidArguments", message: /`reconnect` needs a port for each connection: give `messagePort` a function/ };
  await assert.rejects(connect(dial, { reconnect: reconnect() }), refused);
  assert.throws(() => connectLazily(dial, { reconnect: reconnect() }), refused);
  // It isn't used up.
  const [one, other] = await Promise.all([connect(dial), connect(messagePort(port2))]);
  await one.close();
  await other.close();
});

test("`reconnect` goes on over a function of ports", async () => {
  const ends: MessagePort[] = [];
  const fresh = messagePort(() => {
    const { port1, port2 } = new MessageChannel();
    ends.push(port2);
    void connect(messagePort(port2), { serve: [handler(Docs, played())] });
    return port1;
  });
  const ipc = await connect(fresh, { heartbeat: 1_000, reconnect: reconnect({ firstDelay: 1, whileAway: "wait" }) });
  const docs = await ipc.open(Docs);
  // Not asked for in turns: it may be back before the next one.
  const lost = new Promise<void>((resolve) => ipc.state.subscribe(() => ipc.state.get().status === "reconnecting" && resolve()));
  ends[0]?.close();
  await lost;
  assert.deepEqual(await docs.find("x"), ["x"]);
  assert.equal(ends.length, 2);
  await ipc.close();
});
