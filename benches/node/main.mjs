// The command line: the same as that of the Rust program's `serve` and `measure`.

import { parseArgs } from 'node:util';

import { carryOut } from './measure.mjs';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    directory: { type: 'string' },
    endpoint: { type: 'string' },
    job: { type: 'string' },
    seconds: { type: 'string' },
    server: { type: 'string' },
    threads: { type: 'string' }, // Node has one for JavaScript
    'warm-up': { type: 'string' },
  },
});
const [role, name] = positionals;
const peer = await import(`./peers/${name}.mjs`);

if (role === 'serve') {
  console.log(await peer.serve(values.directory));
} else if (role === 'measure') {
  const sample = await carryOut(peer, {
    job: JSON.parse(values.job),
    endpoint: values.endpoint,
    server: Number(values.server),
    warmUp: Number(values['warm-up']) * 1000,
    duration: Number(values.seconds) * 1000,
  });
  console.log(JSON.stringify(sample));
  process.exit(0);
} else {
  throw new Error(`what is ${role}?`);
}
