// Connecting in the encoding that these tests are run in: JSON, unless `packed.test.ts` runs them.
import * as runtime from "ipc-runtime";
import { msgpack } from "ipc-runtime/msgpack";

let encoding: runtime.Codec | undefined;

/** From now on, what connects without naming an encoding has MessagePack. */
export function packAll(): void {
  encoding = msgpack;
}

export const isPacked = (): boolean => encoding !== undefined;

export const connect: typeof runtime.connect = (to, options) => runtime.connect(to, { encoding, ...options });
export const connectLazily: typeof runtime.connectLazily = (to, options) => runtime.connectLazily(to, { encoding, ...options });
