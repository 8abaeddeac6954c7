// Clients that say what a test has them say, packet by packet.

import assert from "node:assert/strict";
import http from "node:http";

import { WebSocket } from "ws";

import { inTime } from "../node/backend.mjs";

/** Between the packets of a payload. */
export const SEPARATOR = "\x1e";

/** Where something is asked of a server. */
export function target(query, path = "/socket.io/") {
  return `${path}?${new URLSearchParams({ EIO: "4", transport: "polling", ...query })}`;
}

/**
 * Makes a request, and gives `{ status, headers, text, json, reused }`.
 *
 * @param query beside `EIO=4&transport=polling`.
 * @param options `method`, `headers`, `body`, `agent`, `signal`, `path`, and `begun`, which is given the request.
 */
export function ask(server, query = {}, { body, begun, path, target: whole, ...options } = {}) {
  const asked = new Promise((resolve, reject) => {
    const request = http.request({ host: "127.0.0.1", port: server.port, path: whole ?? target(query, path), agent: false, ...options });
    request.on("response", (response) => {
      response.setEncoding("utf8");
      let text = "";
      response.on("data", (more) => (text += more));
      response.on("end", () => resolve({ status: response.statusCode, headers: response.headers, text, json: () => JSON.parse(text), reused: request.reusedSocket }));
      response.on("error", reject);
    });
    request.on("error", reject);
    if (begun) begun(request);
    else request.end(body);
  });
  return inTime(asked, "the response");
}

/** A session that polls. */
export class Polling {
  static async open(server, options = {}) {
    const session = new Polling();
    session.server = server;
    session.options = options;
    session.opened = await ask(server, {}, options);
    assert.equal(session.opened.status, 200, session.opened.text);
    assert.equal(session.opened.text[0], "0");
    session.handshake = JSON.parse(session.opened.text.slice(1));
    session.sid = session.handshake.sid;
    session.received = [];
    return session;
  }

  /** One that is connected to a namespace. */
  static async connect(server, packet = "40", options = {}) {
    const session = await Polling.open(server, options);
    await session.send(packet);
    session.connected = await session.next();
    // Where pings are frequent and the machine is busy, one may come first.
    while (session.connected === "2") {
      await session.send("3");
      session.connected = await session.next();
    }
    return session;
  }

  get(options = {}) {
    return ask(this.server, { sid: this.sid }, { ...this.options, ...options });
  }

  post(body, options = {}) {
    return ask(this.server, { sid: this.sid }, { ...this.options, method: "POST", body, ...options });
  }

  /** Sends packets, which have to be taken. */
  async send(...packets) {
    const { status, text } = await this.post(packets.join(SEPARATOR));
    assert.deepEqual([status, text], [200, "ok"]);
  }

  /** The next packet. */
  async next() {
    if (!this.received.length) {
      const { status, text } = await this.get();
      assert.equal(status, 200, text);
      this.received = text.split(SEPARATOR);
    }
    return this.received.shift();
  }

  /** Whether the server knows it no more. */
  async isOver() {
    const { status, text } = await this.post("6");
    return status === 400 && JSON.parse(text).code === 1;
  }
}

/** A WebSocket that speaks Engine.IO. */
export class Socket {
  #received = [];
  #waiting = [];

  constructor(server, query = {}, { path, ...options } = {}) {
    const url = server.url.replace("http", "ws") + target({ transport: "websocket", ...query }, path);
    this.ws = new WebSocket(url, options);
    this.ws.binaryType = "nodebuffer";
    this.ws.on("message", (data, isBinary) => this.#take(isBinary ? data : data.toString()));
    this.opened = new Promise((resolve, reject) => {
      this.ws.once("open", resolve);
      this.ws.once("error", reject);
    });
    /** The response, where there is no WebSocket. */
    this.refused = new Promise((resolve, reject) => {
      this.ws.once("unexpected-response", (_, response) => {
        let text = "";
        response.setEncoding("utf8").on("data", (more) => (text += more));
        response.on("end", () => resolve({ status: response.statusCode, headers: response.headers, text }));
        response.on("error", reject);
        this.ws.emit("error", new Error(`refused with ${response.statusCode}`));
        this.ws.emit("close");
      });
    });
    this.gone = new Promise((resolve) => this.ws.once("close", resolve)).then(() => this.#take(undefined));
    this.ws.on("error", () => {});
    for (const promise of [this.opened, this.refused, this.gone]) promise.catch(() => {});
  }

  /** One with a session of its own. */
  static async open(server, query, options) {
    const socket = new Socket(server, query, options);
    const first = await socket.next();
    assert.equal(first?.[0], "0", first);
    socket.handshake = JSON.parse(first.slice(1));
    socket.sid = socket.handshake.sid;
    return socket;
  }

  /** One that is connected to a namespace. */
  static async connect(server, packet = "40", query, options) {
    const socket = await Socket.open(server, query, options);
    socket.send(packet);
    socket.connected = await socket.next();
    // As above.
    while (socket.connected === "2") {
      socket.send("3");
      socket.connected = await socket.next();
    }
    assert.match(socket.connected, /^40.*\{"sid":"/);
    return socket;
  }

  #take(data) {
    const waiting = this.#waiting.shift();
    if (waiting) waiting(data);
    else this.#received.push(data);
  }

  /** The next frame: text, or a buffer. `undefined`: it is closed. */
  next() {
    if (this.#received.length) return Promise.resolve(this.#received.shift());
    return inTime(new Promise((resolve) => this.#waiting.push(resolve)), "the next frame");
  }

  send(...frames) {
    for (const frame of frames) this.ws.send(frame);
  }

  /** Waits until the server has taken what was sent. */
  async taken() {
    const answered = new Promise((resolve) => this.ws.once("pong", resolve));
    this.ws.ping();
    await inTime(answered, "the pong");
  }

  /** The frames until the server closes it, which it may say first. */
  async rest() {
    const frames = [];
    for (;;) {
      const frame = await this.next();
      if (frame === undefined) return frames;
      if (frame !== "1") frames.push(frame);
    }
  }

  /** Waits until the server has closed it. */
  closed() {
    return inTime(this.gone, "the WebSocket's end");
  }

  /** Goes without a word. */
  terminate() {
    this.ws.terminate();
  }
}

/** Sees that a server still serves others. */
export async function serves(server) {
  const socket = await Socket.connect(server);
  socket.send('427["echo","still"]');
  assert.equal(await socket.next(), '437["still"]');
  socket.terminate();
}
