// socket.io over a WebSocket alone, with what its docs say for speed and memory: `bufferutil`, and
// the first request thrown away.

import { once } from 'node:events';
import { createServer } from 'node:http';

import { Server } from 'socket.io';
import { io } from 'socket.io-client';

import { inFlight } from '../calls.mjs';
import { sample } from '../record.mjs';

/** How many events wait to be written at most. */
const WAITING = 1024;

function answer(socket) {
  socket.on('add', (a, b, reply) => reply(a + b));
  socket.on('echo', (record, reply) => reply(record));
  socket.on('rows', (count, reply) => reply(Array.from({ length: count }, sample)));
  socket.on('blob', (blob, reply) => reply(blob));
}

export async function serve() {
  const http = createServer();
  const server = new Server(http, { transports: ['websocket'], serveClient: false, maxHttpBufferSize: 1e8 });
  server.engine.on('connection', (raw) => {
    raw.request = null;
  });
  server.on('connection', (socket) => {
    answer(socket);
    socket.on('events', async (count) => {
      for (let number = 0; number < count; number++) {
        socket.emit('event', number);
        if (socket.conn.writeBuffer.length >= WAITING) {
          await once(socket.conn, 'drain');
        }
      }
    });
    socket.on('callBack', async (window, milliseconds, reply) => {
      reply(await inFlight(new Client(socket), 'Echo', window, performance.now() + milliseconds));
    });
  });
  http.listen(0, '127.0.0.1');
  await once(http, 'listening');
  return `ws://127.0.0.1:${http.address().port}`;
}

export async function connect(endpoint) {
  const socket = io(endpoint, { transports: ['websocket'], forceNew: true, reconnection: false });
  answer(socket);
  await new Promise((resolve, reject) => socket.once('connect', resolve).once('connect_error', reject));
  return new Client(socket);
}

class Client {
  #socket;

  constructor(socket) {
    this.#socket = socket;
  }

  add(a, b) {
    return this.#socket.emitWithAck('add', a, b);
  }

  echo(record) {
    return this.#socket.emitWithAck('echo', record);
  }

  blob(blob) {
    return this.#socket.emitWithAck('blob', blob);
  }

  rows(count) {
    return this.#socket.emitWithAck('rows', count);
  }

  async events(count) {
    let received = 0;
    await new Promise((resolve, reject) => {
      const heard = (number) => {
        if (number !== received++) {
          reject(new Error('an event is out of order'));
        }
        if (received === count) {
          this.#socket.off('event', heard);
          resolve();
        }
      };
      this.#socket.on('event', heard);
      this.#socket.emit('events', count);
    });
  }

  callBack(window, milliseconds) {
    return this.#socket.emitWithAck('callBack', window, milliseconds);
  }
}
