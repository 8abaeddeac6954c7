// A server, and stock clients of it that connect in one of the ways that apps have.

import assert from "node:assert/strict";
import { after, afterEach, before, describe } from "node:test";

import { Manager, io } from "socket.io-client";

import { inTime } from "../node/backend.mjs";
import { RefusingProxy } from "./refusing-proxy.mjs";
import { Server, servers } from "./server.mjs";

/** The ways to connect, and the transport that each comes to in the end. */
export const ways = [
  { name: "WebSocket before polling", options: { transports: ["websocket", "polling"] }, transport: "websocket" },
  { name: "no transports named", options: {}, transport: "websocket", upgrades: true },
  { name: "polling only", options: { transports: ["polling"] }, transport: "polling" },
  {
    name: "all transports, where no upgrade comes through",
    options: { transports: ["websocket", "polling"], tryAllTransports: true },
    transport: "polling",
    proxied: true,
  },
];

/** What every client is made with: soon back, and with a connection of its own. */
const ALWAYS = { forceNew: true, reconnectionDelay: 20, reconnectionDelayMax: 200 };

export class Site {
  #sockets = [];

  constructor(way) {
    this.way = way;
  }

  async open(kind, options) {
    this.server = await Server.start(kind, options);
    if (this.way.proxied) this.proxy = await RefusingProxy.start(this.server);
    this.url = (this.proxy ?? this.server).url;
  }

  /** A client, which may not be connected yet. */
  client(namespace = "/", options = {}) {
    const socket = io(this.url + namespace, { ...ALWAYS, ...this.way.options, ...options });
    this.#sockets.push(socket);
    return socket;
  }

  /** One whose connection other clients can share. */
  manager(options = {}) {
    const manager = new Manager(this.url, { ...ALWAYS, ...this.way.options, ...options });
    this.#sockets.push({ disconnect: () => manager._close() });
    return manager;
  }

  /** A client that is connected, by the transport that its way comes to. */
  async connect(namespace, options) {
    const socket = this.client(namespace, options);
    await this.settled(socket);
    return socket;
  }

  /** Waits for that. */
  async settled(socket) {
    if (!socket.connected) await inTime(heard(socket, "connect"), "the connection");
    const { engine } = socket.io;
    if (this.way.upgrades && engine.transport.name !== "websocket") await inTime(onceOf(engine, "upgrade"), "the upgrade");
    assert.equal(engine.transport.name, this.way.transport);
  }

  /** Ends the clients. */
  leave() {
    for (const socket of this.#sockets.splice(0)) socket.disconnect();
  }

  async end() {
    this.leave();
    this.proxy?.stop();
    await this.server?.kill();
  }
}

/** What comes with the next event of that name. */
export function heard(socket, name) {
  return new Promise((resolve) => socket.once(name, (...args) => resolve(args)));
}

function onceOf(engine, name) {
  return new Promise((resolve) => engine.once(name, resolve));
}

/** What a promise fails with. */
export const failure = (promise) =>
  promise.then(
    (value) => assert.fail(`it succeeded: ${JSON.stringify(value)}`),
    (error) => error,
  );

/** Runs a suite with each server and each way to connect: `body(site)` declares its tests. */
export function everyWay(about, body, options) {
  for (const kind of servers) {
    for (const way of ways) {
      describe(`${about}, ${way.name}, ${kind}`, () => {
        const site = new Site(way);
        before(() => site.open(kind, options));
        afterEach(() => site.leave());
        after(() => site.end());
        body(site);
      });
    }
  }
}
