// The test backend's store, from the side of its clients.
import assert from "node:assert/strict";
import { connect, type Client, type ConnectOptions, type Ipc } from "ipc-runtime/node";
import { ownStore, store, type StoreReplica } from "ipc-runtime/store";
import { start, type Backend } from "./backend.js";
import { SettingsApi, type SettingsApiMethods } from "./settings.js";

export type Settings = Client<SettingsApiMethods>;

/** A backend with an empty store, and those who are connected to it. */
export class Served implements AsyncDisposable {
  readonly #clients: Ipc[] = [];

  private constructor(
    readonly backend: Backend,
    /** What the Rust side does. */
    readonly rust: Settings,
    readonly control: Ipc,
  ) {}

  static async at(endpoint: string): Promise<Served> {
    const backend = await start(endpoint);
    const control = await connect(backend.endpoints[0] as string);
    return new Served(backend, await control.open(SettingsApi), control);
  }

  async client(options?: ConnectOptions): Promise<Ipc> {
    const ipc = await connect(this.backend.endpoints[0] as string, options);
    this.#clients.push(ipc);
    return ipc;
  }

  async replica(options?: ConnectOptions): Promise<StoreReplica> {
    return store(await this.client(options));
  }

  async own(ipc: Ipc): Promise<{ replica: StoreReplica; rust: Settings }> {
    return { replica: await ownStore(ipc), rust: await ipc.open(SettingsApi) };
  }

  /** Waits until all replicas show what the backend has, and looks at each value. */
  async allTheSame(...replicas: StoreReplica[]): Promise<void> {
    const held = await this.rust.held();
    for (const replica of replicas) {
      await until(replica, () => replica.revision >= held.revision);
      const snapshot = replica.snapshot();
      assert.equal(snapshot.revision, held.revision);
      assert.deepEqual(
        snapshot.keys().map((key) => ({ key, value: snapshot.get<unknown>({ key }), revision: snapshot.revisionOf({ key }) })),
        held.values,
      );
    }
  }

  /** Waits until the backend has so many replicas. */
  async listeners(count: number): Promise<void> {
    while ((await this.rust.listeners()) !== count);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const ipc of [this.control, ...this.#clients]) await ipc.close();
    await this.backend[Symbol.asyncDispose]();
  }
}

/** Waits until a replica shows something. Each change is a reason to look again. */
export async function until(replica: StoreReplica, so: () => boolean): Promise<void> {
  if (so()) return;
  await new Promise<void>((resolve, reject) => {
    const listening = replica.changes().on(() => {
      if (!so()) return;
      listening.dispose();
      resolve();
    });
    void replica.closed.then(reject);
  });
}
