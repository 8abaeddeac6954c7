// Where values have other forms in MessagePack than in JSON. `msgpack.ts` sets what is done there: a
// page that doesn't import it has none of it in its bundle.
import type { Leaf, Plan } from "./plan.js";

/** What is done with values in MessagePack. In JSON nothing is. */
export interface Binary {
  /** An integer as it is written; nothing if it doesn't fit. */
  integer?(plan: Plan | 0 | undefined, value: number | bigint): unknown;
  /** A value that came, as it would have come in JSON; of an object with such keys, only these. */
  leaf?(plan: Leaf, value: unknown): unknown;
}

export const binary: Binary = {};
