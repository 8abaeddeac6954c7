// @generated from the Rust interfaces. Renew it: IPC_BINDINGS=write cargo test bindings
import type * as $ from "ipc-runtime";

/** The same channel. */
export interface LaterMethods {
  /** Which backend this is. */
  which: $.Request<[], string>;
}

export const Later: $.Interface<LaterMethods> = {
  channel: "test.survivor", version: "2.0.0", fingerprint: "2:6a48d66b54eafd85", format: 1,
  methods: {
    which: { f: "eef9e9f63767ca50" },
  },
};
