// socket.io's client on our Rust backend, over a WebSocket alone.

import { io } from 'socket.io-client';

export async function connect(endpoint) {
  const socket = io(endpoint, { transports: ['websocket'], forceNew: true, reconnection: false });
  // What the backend calls back is the same interface.
  socket.on('bench.echo', (record, reply) => reply(record));
  await new Promise((resolve, reject) => socket.once('connect', resolve).once('connect_error', reject));
  return new Client(socket);
}

class Client {
  #socket;

  constructor(socket) {
    this.#socket = socket;
  }

  add(a, b) {
    return this.#socket.emitWithAck('bench.add', a, b);
  }

  echo(record) {
    return this.#socket.emitWithAck('bench.echo', record);
  }

  blob(blob) {
    return this.#socket.emitWithAck('bench.blob', blob);
  }

  rows(count) {
    return this.#socket.emitWithAck('bench.rows', count);
  }

  async events(count) {
    let received = 0;
    await new Promise((resolve, reject) => {
      const heard = ({ result, done }) => {
        if (done) {
          this.#socket.off('bench.events', heard);
          resolve();
        } else if (result !== received++) {
          reject(new Error('an event is out of order'));
        }
      };
      this.#socket.on('bench.events', heard);
      this.#socket.emitWithAck('bench.events', count).catch(reject);
    });
    if (received !== count) throw new Error(`${received} of ${count} events came`);
  }

  callBack(window, milliseconds) {
    return this.#socket.emitWithAck('bench.call_back', window, milliseconds);
  }
}
