// The stream arguments of this side's calls on one connection.
import type { Carrier } from "./answers.js";
import type { UploadArgument } from "./arguments.js";
import { sizeOf } from "./codec.js";
import { Encoding } from "./encoding.js";
import { IpcError, METHOD_ERROR, textOf } from "./errors.js";
import { noteMessage } from "./message.js";
import { Outflow } from "./outflow.js";

/** The stream arguments that flow, by their numbers. */
export class Uploads {
  readonly #flows = new Map<unknown, Outflow>();

  constructor(readonly carrier: Carrier) {}

  /** Starts those of a request that was sent. What this returns stops them. */
  start(uploads: readonly UploadArgument[]): () => void {
    for (const upload of uploads) this.#flows.set(upload.id, this.#flow(upload));
    for (const { id } of uploads) void this.#flows.get(id)?.run();
    return () => {
      for (const { id } of uploads) {
        this.stop(id);
        this.#flows.delete(id);
      }
    };
  }

  /** The peer takes more of a stream. */
  credit(id: unknown, items: number, bytes: number | undefined): void {
    this.#flows.get(id)?.credit(items, bytes);
  }

  /** The peer wants nothing more of a stream. */
  stop(id: unknown): void {
    this.#flows.get(id)?.stop();
  }

  /** The connection has ended. */
  end(): void {
    for (const flow of this.#flows.values()) flow.stop();
    this.#flows.clear();
  }

  #flow({ id, items, plan }: UploadArgument): Outflow {
    const { carrier } = this;
    const told = (member: object, exact: boolean): string | Uint8Array => carrier.send(noteMessage("$/stream", { stream: id, ...member }), exact);
    const overhead = JSON.stringify(noteMessage("$/stream", { stream: id, item: 0 })).length - 1;
    const ended = (member: object): void => {
      this.#flows.delete(id);
      told(member, false);
    };
    return new Outflow(items, {
      window: carrier.peerWindow,
      item: (value) => {
        const encoding = new Encoding(carrier.isJson);
        const item = encoding.convert(plan, value, "an item");
        return sizeOf(told({ item }, encoding.exact)) - overhead;
      },
      done: () => ended({ done: true }),
      failed: (error) => ended({ error: { code: METHOD_ERROR, message: textOf(error) } }),
      lost: (error) => carrier.failed(new IpcError("handlerFailed", `the end of a stream argument can't be sent: ${textOf(error)}`, { cause: error })),
      buffered: () => carrier.buffered(),
    });
  }
}
