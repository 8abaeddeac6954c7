// What the system tells of the server's process: as in cpu.rs and memory.rs.

import { readFileSync, readdirSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

/** Processor time of all its threads, in µs. */
export function cpuTime(process) {
  let nanoseconds = 0;
  for (const task of readdirSync(`/proc/${process}/task`)) {
    const stat = readFileSync(`/proc/${process}/task/${task}/schedstat`, 'utf8');
    nanoseconds += Number(stat.split(' ')[0]);
  }
  return nanoseconds / 1e3;
}

function resident(process) {
  const status = readFileSync(`/proc/${process}/status`, 'utf8');
  return Number(/^VmRSS:\s*(\d+) kB$/m.exec(status)[1]) * 1024;
}

/** Its resident bytes, once they have stood still for half a second, or after five. */
export async function settledMemory(process) {
  let seen = resident(process);
  let still = 0;
  for (let look = 0; look < 50 && still < 5; look++) {
    await sleep(100);
    const now = resident(process);
    still = now === seen ? still + 1 : 0;
    seen = now;
  }
  return seen;
}
