// What a connection runs through: it can be cut at any time or after any byte, and held.
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { connect, createServer, type AddressInfo, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** After how many bytes to the client, or from it, a connection is cut. */
export interface Most {
  down: number;
  up: number;
}

export class Cable implements AsyncDisposable {
  /** How many connections there were. */
  connections = 0;
  /** How many bytes went each way on the last one. */
  traffic: Most = { down: 0, up: 0 };
  /** Where the next connection is cut. */
  most: Most = { down: Infinity, up: Infinity };
  /** Passes only the first bytes on that the backend sends on a connection, by which it is agreed on. */
  isDeaf = false;
  /** How many pieces were held back since. */
  heldBack = 0;
  /** Refuses connections. */
  isOut = false;
  readonly #pairs = new Set<[client: Socket, backend: Socket]>();

  private constructor(
    readonly endpoint: string,
    readonly server: Server,
    readonly remove: () => void,
  ) {}

  /** Lays one to an endpoint: a Unix socket's, or a WebSocket's. */
  static async to(target: string): Promise<Cable> {
    const server = createServer();
    if (target.startsWith("unix:")) {
      const directory = mkdtempSync(join(tmpdir(), "cable-"));
      const path = join(directory, "socket");
      await once(server.listen(path), "listening");
      return new Cable(`unix:${path}`, server, () => rmSync(directory, { recursive: true })).#serve(() => connect(target.slice(5)));
    }
    const { hostname, port } = new URL(target);
    await once(server.listen(0, "127.0.0.1"), "listening");
    const { port: own } = server.address() as AddressInfo;
    return new Cable(`ws://127.0.0.1:${own}`, server, () => {}).#serve(() => connect(Number(port), hostname));
  }

  #serve(open: () => Socket): this {
    this.server.on("connection", (client) => {
      client.on("error", () => {});
      if (this.isOut) return void client.destroy();
      this.connections++;
      const backend = open();
      const pair: [Socket, Socket] = [client, backend];
      this.#pairs.add(pair);
      const [most, traffic] = [this.most, (this.traffic = { down: 0, up: 0 })];
      this.most = { down: Infinity, up: Infinity };
      const cut = (): void => {
        this.#pairs.delete(pair);
        for (const socket of pair) socket.destroy();
      };
      const pass = (from: Socket, to: Socket, way: keyof Most): void => {
        from.on("data", (bytes) => {
          if (way === "down" && this.isDeaf && traffic.down) return void this.heldBack++;
          const some = bytes.subarray(0, most[way] - traffic[way]);
          traffic[way] += some.length;
          // What was passed on arrives, then the connection breaks.
          if (traffic[way] >= most[way]) to.write(some, cut);
          else to.write(some);
        });
        from.on("end", () => to.end());
        from.on("error", cut);
        from.on("close", () => to.destroySoon());
      };
      pass(backend, client, "down");
      pass(client, backend, "up");
      if (!most.down || !most.up) cut();
    });
    return this;
  }

  /** Cuts all connections. */
  cut(): void {
    for (const pair of this.#pairs) for (const socket of pair) socket.destroy();
    this.#pairs.clear();
  }

  /** Cuts them at the client's end: the backend hears nothing of it. */
  cutHere(): void {
    for (const [client, backend] of this.#pairs) {
      backend.removeAllListeners("data").removeAllListeners("close");
      client.removeAllListeners("close").removeAllListeners("end").destroy();
    }
  }

  /** Nothing goes through any more, in either direction, and nobody is told. */
  hold(): void {
    for (const pair of this.#pairs) for (const socket of pair) socket.removeAllListeners("data").pause();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.cut();
    for (const pair of this.#pairs) for (const socket of pair) socket.destroy();
    this.server.close();
    this.remove();
  }
}
