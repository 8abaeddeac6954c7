// Loops of calls: as in calls.rs.

import { deepStrictEqual } from 'node:assert';

import { sample } from './record.mjs';

/** One call after another until `end`; `tally` is told the time of each in µs. Gives how many. */
export async function repeat(client, payload, end, tally) {
  let answered = 0;
  const timed = async (call) => {
    const begun = tally && performance.now();
    const result = await call();
    tally?.push((performance.now() - begun) * 1e3);
    answered += 1;
    return result;
  };
  if (payload === 'Add') {
    let sum = 0;
    while (performance.now() < end) {
      sum = await timed(() => client.add(sum, 1));
    }
    deepStrictEqual(sum, answered);
  } else if (payload === 'Echo') {
    let record = sample();
    while (performance.now() < end) {
      record = await timed(() => client.echo(record));
    }
    deepStrictEqual(record, sample());
  } else if (payload.Rows !== undefined) {
    while (performance.now() < end) {
      const rows = await timed(() => client.rows(payload.Rows));
      deepStrictEqual(rows.length, payload.Rows);
    }
  } else {
    let blob = Buffer.alloc(payload.Blob, 'b');
    while (performance.now() < end) {
      blob = await timed(() => client.blob(blob));
    }
    deepStrictEqual(blob.length, payload.Blob);
  }
  return answered;
}

/** As many loops at once. Gives how many calls were answered. */
export async function inFlight(client, payload, window, end) {
  const loops = Array.from({ length: window }, () => repeat(client, payload, end));
  return (await Promise.all(loops)).reduce((sum, answered) => sum + answered, 0);
}
