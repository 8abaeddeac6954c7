// The page: it connects through the main process, and does what the test asks it for.
import { connect, handler, reconnect } from "ipc-runtime";
import { electron } from "ipc-runtime/electron/renderer";
import { msgpack } from "ipc-runtime/msgpack";
import { EverythingApi, Window } from "../../tests/support/everything.js";
import { Survivor } from "../../tests/support/survivor.js";

const question = new URLSearchParams(location.search);
const pane = {
  show: (text: string) => text.length,
  async *ticks(count: number) {
    for (let n = 0; n < count; n++) yield n;
  },
  async sum(numbers: AsyncIterable<number>) {
    let all = 0;
    for await (const one of numbers) all += one;
    return all;
  },
};

async function open() {
  const ipc = await connect(electron(), {
    encoding: question.has("msgpack") ? msgpack : undefined,
    reconnect: reconnect({ firstDelay: 10, maxDelay: 100 }),
    serve: [handler(Window, pane)],
  });
  const [all, survivor] = [await ipc.open(EverythingApi), await ipc.open(Survivor)];
  const statuses = [ipc.state.get().status];
  ipc.state.subscribe(() => void statuses.push(ipc.state.get().status));
  return {
    statuses,
    survivor,
    call: async (text: string) => [await all.any(text), await all.show(text), await all.sumTicks(10), await all.upload(100)],
    bytes: async (count: number) => {
      const bytes = new Uint8Array(count).map((_, at) => at * 7);
      return (await all.bytes(bytes)).every((byte, at) => byte === bytes[at]);
    },
    subscribe: async (count: number) => {
      const items: number[] = [];
      for await (const item of all.countdown(count)) items.push(item);
      return items;
    },
    progress: async (dirs: string[]) => {
      const told: number[] = [];
      return [await all.index(dirs, { onProgress: ({ files }) => void told.push(files) }), told];
    },
    store: (count: number, size: number) => all.store(count, Array.from({ length: count }, () => new Uint8Array(size))),
  };
}

/** What a worker of this page says: it has a port of its own. */
function worker(): Promise<string> {
  const worker = new Worker("worker.js", { type: "module" });
  const { port1, port2 } = new MessageChannel();
  window.postMessage("ipc-runtime:connect", "*", [port2]);
  worker.postMessage(port1, [port1]);
  return new Promise((resolve) => worker.addEventListener("message", ({ data }) => resolve(data)));
}

const trial = { worker, ...(await open().catch(({ kind, message }) => ({ kind, message }))) };
export type Trial = Awaited<ReturnType<typeof open>> & { worker: typeof worker; kind?: string; message?: string };
Object.assign(globalThis, { trial });
