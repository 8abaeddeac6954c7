// vscode-jsonrpc over a Unix socket. Its JSON has no bytes, so blobs travel as base64.

import { createConnection, createServer } from 'node:net';
import { join } from 'node:path';

import rpc from 'vscode-jsonrpc/node';

import { inFlight } from '../calls.mjs';
import { sample } from '../record.mjs';

/** How many events are written before the socket is waited for. */
const AT_ONCE = 256;

function over(socket) {
  const connection = rpc.createMessageConnection(
    new rpc.SocketMessageReader(socket),
    new rpc.SocketMessageWriter(socket),
  );
  connection.onError(() => {});
  connection.onRequest('add', (a, b) => a + b);
  connection.onRequest('echo', (record) => record);
  connection.onRequest('rows', (count) => Array.from({ length: count }, sample));
  connection.onRequest('blob', (blob) => Buffer.from(blob, 'base64').toString('base64'));
  return connection;
}

export function serve(directory) {
  const path = join(directory, 'socket');
  const server = createServer((socket) => {
    const connection = over(socket);
    connection.onRequest('events', async (count) => {
      for (let number = 0; number < count; number++) {
        const written = connection.sendNotification('event', number);
        if (number % AT_ONCE === 0) {
          await written;
        }
      }
    });
    connection.onRequest('callBack', (window, milliseconds) =>
      inFlight(new Client(connection), 'Echo', window, performance.now() + milliseconds),
    );
    connection.listen();
  });
  return new Promise((resolve) => server.listen(path, () => resolve(path)));
}

export async function connect(endpoint) {
  const socket = createConnection(endpoint);
  await new Promise((resolve, reject) => socket.once('connect', resolve).once('error', reject));
  const connection = over(socket);
  connection.listen();
  return new Client(connection);
}

class Client {
  #connection;

  constructor(connection) {
    this.#connection = connection;
  }

  add(a, b) {
    return this.#connection.sendRequest('add', a, b);
  }

  echo(record) {
    return this.#connection.sendRequest('echo', record);
  }

  async blob(blob) {
    return Buffer.from(await this.#connection.sendRequest('blob', blob.toString('base64')), 'base64');
  }

  rows(count) {
    return this.#connection.sendRequest('rows', count);
  }

  async events(count) {
    let received = 0;
    const all = new Promise((resolve, reject) => {
      const listening = this.#connection.onNotification('event', (number) => {
        if (number !== received++) {
          reject(new Error('an event is out of order'));
        }
        if (received === count) {
          listening.dispose();
          resolve();
        }
      });
    });
    await Promise.all([this.#connection.sendRequest('events', count), all]);
  }

  callBack(window, milliseconds) {
    return this.#connection.sendRequest('callBack', window, milliseconds);
  }
}
