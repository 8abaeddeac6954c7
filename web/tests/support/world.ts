// A backend that is lost and comes back, and clients of it.
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { msgpack } from "ipc-runtime/msgpack";
import { connect, reconnect, type ConnectOptions, type Ipc, type ReconnectOptions, type State } from "ipc-runtime/node";
import { start, type Backend } from "./backend.js";
import { Cable } from "./cable.js";
import { Survivor } from "./survivor.js";

/** What connections run over, and in which encoding. */
export const WAYS = ["a Unix socket", "a Unix socket in MessagePack", "a WebSocket", "a WebSocket in MessagePack"] as const;
export type Way = (typeof WAYS)[number];

/** Comes back at once. */
export const soon = (more: ReconnectOptions = {}): ReconnectOptions => ({ firstDelay: 1, maxDelay: 8, ...more });

export class World implements AsyncDisposable {
  which = 0;
  backend!: Backend;
  endpoint: string;
  /** What a client of this way asks for. */
  readonly options: ConnectOptions;
  /** Of a Unix socket. */
  readonly #directory: string | undefined;
  readonly #arguments: string[];
  readonly #open: AsyncDisposable[] = [];

  private constructor(way: Way, more: string[]) {
    if (way.startsWith("a Unix socket")) this.#directory = mkdtempSync(join(tmpdir(), "world-"));
    this.endpoint = this.#directory === undefined ? "ws://127.0.0.1:0" : `unix:${join(this.#directory, "socket")}`;
    this.options = way.endsWith("MessagePack") ? { encoding: msgpack } : {};
    this.#arguments = more;
  }

  static async of(way: Way, ...more: string[]): Promise<World> {
    const world = new World(way, more);
    await world.comes();
    return world;
  }

  /** A backend starts, where the one before it was. */
  async comes(...more: string[]): Promise<void> {
    this.which++;
    this.backend = await start("--which", `${this.which}`, ...this.#arguments, ...more, this.endpoint);
    this.endpoint = this.backend.endpoints[0] as string;
  }

  /** The backend is killed. */
  async goes(): Promise<void> {
    this.backend.kill();
    await this.backend[Symbol.asyncDispose]();
  }

  /** A client that reconnects. */
  async client(options: ReconnectOptions = soon(), more: ConnectOptions = {}, to: string = this.endpoint) {
    const ipc = await connect(to, { reconnect: reconnect(options), ...this.options, ...more });
    this.#open.push(ipc);
    return { ipc, survivor: await ipc.open(Survivor) };
  }

  /** Another client, which sees what becomes of the others. */
  async witness() {
    const ipc = await connect(this.endpoint);
    this.#open.push(ipc);
    return ipc.open(Survivor);
  }

  async cable(): Promise<Cable> {
    const cable = await Cable.to(this.endpoint);
    this.#open.push(cable);
    return cable;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const one of this.#open.reverse()) await one[Symbol.asyncDispose]();
    this.backend.thaw();
    this.backend.kill();
    await this.backend[Symbol.asyncDispose]();
    if (this.#directory !== undefined) rmSync(this.#directory, { recursive: true, force: true });
  }
}

/** Waits until the state is such a one. */
export function reached<S extends State["status"]>(ipc: Ipc, status: S, so: (state: State & { status: S }) => boolean = () => true): Promise<State & { status: S }> {
  return new Promise((resolve) => {
    const look = (): boolean => {
      const state = ipc.state.get();
      if (state.status !== status || !so(state as State & { status: S })) return false;
      resolve(state as State & { status: S });
      return true;
    };
    if (look()) return;
    const stop = ipc.state.subscribe(() => look() && stop());
  });
}

/** The states from now on, in short. */
export function states(ipc: Ipc): string[] {
  const all: string[] = [];
  ipc.state.subscribe(() => {
    const state = ipc.state.get();
    assert.equal(state, ipc.state.get());
    all.push(state.status === "connected" ? `connected ${state.resumed ? "again" : "anew"}` : state.status === "reconnecting" ? `reconnecting ${state.attempt}` : state.status);
  });
  return all;
}

/** Asks until it is so. */
export async function until<T>(ask: () => Promise<T> | T, so: (answer: T) => boolean): Promise<T> {
  for (;;) {
    const answer = await ask();
    if (so(answer)) return answer;
    await new Promise((resolve) => setImmediate(resolve));
  }
}

/** Runs a test in each way, in a world of its own. */
export type Trial = (world: World) => Promise<void>;
