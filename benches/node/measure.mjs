// Carries out one workload and says what it took: as in measure.rs.

import { inFlight, repeat } from './calls.mjs';
import { cpuTime, settledMemory } from './server-process.mjs';

export async function carryOut(peer, order) {
  if (order.job === 'Events') {
    return events(peer, order);
  }
  const [[kind, job]] = Object.entries(order.job);
  return { Sequential: sequential, InFlight: atOnce, BothDirections: bothDirections, Idle: idle }[kind](peer, order, job);
}

const from = (duration) => performance.now() + duration;

function percentile(values, percent) {
  values.sort((a, b) => a - b);
  return values[Math.max(0, Math.ceil((percent / 100) * values.length) - 1)];
}

async function sequential(peer, { endpoint, warmUp, duration }, payload) {
  const client = await peer.connect(endpoint);
  await repeat(client, payload, from(warmUp));
  const times = [];
  await repeat(client, payload, from(duration), times);
  return { 'p50 µs': percentile(times, 50), 'p99 µs': percentile(times, 99) };
}

async function atOnce(peer, { endpoint, server, warmUp, duration }, { payload, connections, window }) {
  const clients = [];
  for (let made = 0; made < connections; made++) {
    clients.push(await peer.connect(endpoint));
  }
  const all = async (end) => {
    const answered = await Promise.all(clients.map((client) => inFlight(client, payload, window, end)));
    return answered.reduce((sum, each) => sum + each, 0);
  };
  await all(from(warmUp));
  const begun = performance.now();
  const cpu = cpuTime(server);
  const answered = await all(from(duration));
  const rate = answered / ((performance.now() - begun) / 1e3);
  if (payload.Blob !== undefined) {
    return { 'MB/s': (rate * payload.Blob) / 1e6 };
  }
  return { 'calls/s': rate, 'server CPU µs/call': (cpuTime(server) - cpu) / answered };
}

async function events(peer, { endpoint, warmUp, duration }) {
  const client = await peer.connect(endpoint);
  let count = 2000;
  let rate = 0;
  for (const next of [warmUp / 2, warmUp, duration, undefined]) {
    const begun = performance.now();
    await client.events(count);
    rate = count / ((performance.now() - begun) / 1e3);
    count = next && Math.max(1000, Math.floor((rate * next) / 1e3));
  }
  return { 'events/s': rate };
}

async function bothDirections(peer, { endpoint, warmUp, duration }, { window }) {
  const client = await peer.connect(endpoint);
  const both = (milliseconds) =>
    Promise.all([inFlight(client, 'Echo', window, from(milliseconds)), client.callBack(window, milliseconds)]);
  await both(warmUp);
  const begun = performance.now();
  const [ours, theirs] = await both(duration);
  return { 'calls/s': (ours + theirs) / ((performance.now() - begun) / 1e3) };
}

async function idle(peer, { endpoint, server }, { connections }) {
  const clients = [];
  const usedOnce = async () => {
    const client = await peer.connect(endpoint);
    await client.add(1, 2);
    clients.push(client);
  };
  await usedOnce();
  const before = await settledMemory(server);
  for (let made = 0; made < connections; made++) {
    await usedOnce();
  }
  const after = await settledMemory(server);
  return { 'KB/connection': Math.max(0, after - before) / connections / 1e3 };
}
