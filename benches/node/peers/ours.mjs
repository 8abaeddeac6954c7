// The client of the npm package ipc-runtime: its backend is the Rust program's.

import { connect as dial, subscribing } from 'ipc-runtime/node';
import { msgpack } from 'ipc-runtime/msgpack';

const record = { s: { id: 'int', score: 'float' } };

/** As bindings are that are generated. The served version is a later one, so no fingerprints are compared. */
const Bench = {
  channel: 'bench',
  version: '1.0.0',
  fingerprint: '2:0000000000000000',
  format: 1,
  methods: {
    add: { n: 2 },
    echo: { n: 1, a: [record], r: record },
    blob: { n: 1, a: ['bytes'], r: 'bytes' },
    rows: { n: 1, r: { a: record } },
    events: { n: 1, k: subscribing, a: ['int'], r: 'int' },
  },
};

/** What a peer of this name exports: `ts-ws-msgpack` speaks MessagePack. */
export function named(encoding) {
  return {
    async connect(endpoint) {
      const options = encoding === 'msgpack' ? { encoding: msgpack } : {};
      const ipc = await dial(endpoint, options);
      return new Client(await ipc.open(Bench));
    },
  };
}

class Client {
  #bench;

  constructor(bench) {
    this.#bench = bench;
  }

  add(a, b) {
    return this.#bench.add(a, b);
  }

  echo(record) {
    return this.#bench.echo(record);
  }

  blob(blob) {
    return this.#bench.blob(blob);
  }

  rows(count) {
    return this.#bench.rows(count);
  }

  async events(count) {
    let received = 0;
    for await (const number of this.#bench.events(count)) {
      if (number !== received++) throw new Error('an event is out of order');
    }
    if (received !== count) throw new Error(`${received} of ${count} events came`);
  }
}
