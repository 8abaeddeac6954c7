// vscode-jsonrpc's client on our Rust backend, which answers it as a plain client of JSON-RPC.

import { createConnection } from 'node:net';

import rpc from 'vscode-jsonrpc/node';

export async function connect(endpoint) {
  const socket = createConnection(endpoint.replace('unix:', ''));
  await new Promise((resolve, reject) => socket.once('connect', resolve).once('error', reject));
  const connection = rpc.createMessageConnection(
    new rpc.SocketMessageReader(socket),
    new rpc.SocketMessageWriter(socket),
  );
  connection.onError(() => {});
  connection.listen();
  return new Client(connection);
}

class Client {
  #connection;

  constructor(connection) {
    this.#connection = connection;
  }

  #call(name, ...args) {
    return this.#connection.sendRequest(`bench.${name}`, rpc.ParameterStructures.byPosition, ...args);
  }

  add(a, b) {
    return this.#call('add', a, b);
  }

  echo(record) {
    return this.#call('echo', record);
  }

  async blob(blob) {
    return Buffer.from(await this.#call('blob', blob.toString('base64')), 'base64');
  }

  rows(count) {
    return this.#call('rows', count);
  }

  async events(count) {
    let received = 0;
    const all = new Promise((resolve, reject) => {
      const listening = this.#connection.onNotification('bench.events', ({ result, done }) => {
        if (done) {
          listening.dispose();
          resolve();
        } else if (result !== received++) {
          reject(new Error('an event is out of order'));
        }
      });
    });
    await Promise.all([this.#call('events', count), all]);
    if (received !== count) throw new Error(`${received} of ${count} events came`);
  }
}
