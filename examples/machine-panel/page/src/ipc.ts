// @generated from the Rust interfaces. Renew it: IPC_BINDINGS=write cargo test bindings
import * as $ from "ipc-runtime";

/** The machine at one moment. */
export interface Sample {
  /** Counts from 1, without a gap: one each millisecond. */
  number: number;
  /** Where the joints are, in degrees. */
  joints: [number, number, number, number];
  /** Of the motors, in °C. Release 2 didn't have this field. */
  temperature: number;
}

/** Why the machine didn't carry out a command. */
export type MachineError =
  /** Somebody has pressed the button. */
  | { Stopped: string }
  /** Another panel has sent it home, and it is on its way. */
  | "Busy";

/** How far the way home is done. */
export interface Homing {
  /** 0 to 100. */
  percent: number;
}

/** A robot arm. */
export interface MachineMethods {
  /** Every sample: a thousand each second. */
  telemetry: $.Subscribe<[], Sample>;
  /** The newest sample, whenever there is a new one and the panel is ready for it. */
  newest: $.Subscribe<[], Sample>;
  /** Why the machine is stopped, or nothing while it isn't: at once, and whenever it changes. */
  stop_reason: $.Subscribe<[], string | null>;
  /**
   * Drives home, at so many percent of the full speed: 1 to 100. Who cancels it lets the arm go
   * on from where it is.
   */
  home: $.Request<[speed: number], null, MachineError, Homing>;
  /** Stops everything at once. The panel doesn't wait for an answer. */
  emergency_stop: $.Note<[reason: string]>;
  /** Lets the machine move again after an emergency stop. */
  release: $.Request<[], null>;
}

const $sample: $.Plan = { s: { number: "int", joints: { a: "float" }, temperature: "float" } };

export const Machine: $.Interface<MachineMethods> = {
  channel: "demo.machine", version: "3.0.0", fingerprint: "2:465ce9cae34ff7be", format: 1,
  methods: {
    telemetry: { k: $.subscribing, r: $sample, f: "232506d4af6dfc24" },
    newest: { k: $.subscribing, r: $sample, f: "70b25bb8238cac05" },
    stop_reason: { k: $.subscribing, f: "1c6bd5403e041ac2" },
    home: { n: 1, ms: 120000, f: "a5944c28c2832923" },
    emergency_stop: { n: 1, k: "note", f: "399c6af758f7d80c" },
    release: { f: "5b5ce04699879344" },
  },
};

/** A panel, as the machine has it. */
export interface PanelMethods {
  /** The machine was stopped. */
  stopped: $.Note<[reason: string]>;
}

export const Panel: $.Interface<PanelMethods> = {
  channel: "demo.panel", version: "1.0.0", fingerprint: "2:eb1b463c8d1222df", format: 1,
  methods: {
    stopped: { n: 1, k: "note", f: "3d8da5fcc35ca325" },
  },
};
