// What ipc-test-socket-io serves, by socket.io's own server: where both pass a test, the test is right
// about stock clients. It takes the same options, prints the same line, and stops when its input ends.

import { createServer } from "node:http";
import { parseArgs } from "node:util";

import { Server } from "socket.io";

const text = { type: "string" };
const { values: options } = parseArgs({
  options: {
    "port": text,
    "path": text,
    "token": text,
    "allow": text,
    "ping-interval": text,
    "ping-timeout": text,
    "upgrade-timeout": text,
    "handshake-timeout": text,
    "max-payload": text,
    "recovery": text,
  },
});

const http = createServer((_, response) => response.writeHead(404).end());
const io = new Server(http, {
  path: options.path ?? "/socket.io/",
  pingInterval: Number(options["ping-interval"] ?? 25_000),
  pingTimeout: Number(options["ping-timeout"] ?? 20_000),
  upgradeTimeout: Number(options["upgrade-timeout"] ?? 10_000),
  connectTimeout: Number(options["handshake-timeout"] ?? 10_000),
  maxHttpBufferSize: Number(options["max-payload"] ?? 1_000_000),
  cors: options.allow ? { origin: options.allow, credentials: true } : undefined,
  connectionStateRecovery: options.recovery === "on" ? {} : undefined,
  serveClient: false,
});

const lines = new Map();
const numbers = new Map();
let waiting = 0;

/** Adds what may be missing. */
const among = (map, key) => map.get(key) ?? map.set(key, []).get(key);

/** The interface `demo.arm`. `own` are its events' names as this namespace has them. */
function serveArm(socket, own, room) {
  const on = (name, listener) => socket.on(own(name), listener);
  on("move", (x, y, ack) => ack?.({ x, y, distance: Math.hypot(x, y) }));
  on("log", (line) => among(lines, line.split(":")[0]).push(line));
  on("logged", (topic, ack) => ack(lines.get(topic) ?? []));
  on("count", (run, n) => among(numbers, run).push(n));
  on("counted", (run, ack) => ack(numbers.get(run) ?? []));
  on("tell", (told, ack) => {
    socket.emit(own("told"), told);
    ack(null);
  });
  on("ask", async (question, ack) => ack(await socket.emitWithAck(own("confirm"), question)));
  on("flood", (count, ack) => {
    for (let n = 0; n < count; n++) socket.emit(own("number"), n);
    ack(null);
  });
  on("develop", (photo, ack) => ack(developed(photo)));
  on("show", (photo, ack) => {
    socket.emit(own("photo"), developed(photo));
    ack(null);
  });
  on("photograph", async (name, ack) => {
    const photo = await socket.emitWithAck(own("take"), name);
    ack([photo.name, photo.pixels.length, photo.thumbs.map((thumb) => thumb.length)]);
  });
  on("picture", (bytes, ack) => ack(pattern(bytes)));
  on("sum", (bytes, ack) => ack(bytes.reduce((sum, byte) => sum + byte, 0)));
  on("wait", () => {
    waiting += 1;
    socket.once("disconnect", () => (waiting -= 1));
  });
  on("waiting", (ack) => ack(waiting));
  on("leave", () => socket.disconnect());
  on("join", (name, ack) => {
    void socket.join(name);
    ack(null);
  });
  on("members", (name, ack) => ack(room(name).size));
  on("shout", (name, heard, ack) => {
    socket.nsp.to(name).emit(own("heard"), heard);
    ack(null);
  });
}

/** The functions. */
function serveTools(socket) {
  socket.on("echo", (value, ack) => ack(value));
  socket.on("message", (...args) => socket.emit("message-back", ...args));
}

function developed({ name, pixels, thumbs }) {
  return { name: name.toUpperCase(), pixels: Buffer.from(pixels).reverse(), thumbs: [...thumbs].reverse() };
}

function pattern(bytes) {
  return Buffer.from(Array.from({ length: bytes }, (_, at) => at % 251));
}

function guard(namespace) {
  if (options.token) {
    namespace.use((socket, next) => {
      if (socket.handshake.auth.token === options.token) return next();
      next(Object.assign(new Error("the token is wrong"), { data: { code: -32001 } }));
    });
  }
  return namespace;
}

const members = (namespace) => (name) => namespace.adapter.rooms.get(name) ?? new Set();
guard(io.of("/")).on("connection", (socket) => {
  serveTools(socket);
  serveArm(socket, (name) => `demo.arm.${name}`, members(io.of("/")));
});
guard(io.of("/demo.arm")).on("connection", (socket) => serveArm(socket, (name) => name, members(io.of("/demo.arm"))));
guard(io.of("/tools")).on("connection", serveTools);

http.listen(Number(options.port ?? 0), "127.0.0.1", () => {
  process.stdout.write(`ready http://127.0.0.1:${http.address().port}\n`);
});
process.stdin.on("end", () => io.close(() => process.exit())).resume();
