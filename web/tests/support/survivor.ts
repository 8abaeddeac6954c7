// @generated from the Rust interfaces. Renew it: IPC_BINDINGS=write cargo test bindings
import * as $ from "ipc-runtime";

/** As that of the Rust frontend's own tests. */
export interface SurvivorMethods {
  /** Which backend this is. */
  which: $.Request<[], number>;
  /** As which peer the caller is known. */
  name: $.Request<[], string>;
  /** How many peers there are, how many have come, and how many have gone. */
  peers: $.Request<[], [number, number, number]>;
  /** Waits to be let go; gives which backend this is. */
  wait: $.Request<[], number>;
  /** The same, and may run twice. */
  waitAgain: $.Request<[], number>;
  /** How many have begun to wait. */
  begun: $.Request<[], number>;
  /** Lets so many of those go that wait. */
  letGo: $.Request<[count: number], null>;
  /** Notes a number, and returns it. */
  mark: $.Request<[number: number], number>;
  /** The same, and may run twice. */
  markAgain: $.Request<[number: number], number>;
  /** The numbers that were noted. */
  marked: $.Request<[], number[]>;
  /** What is fired, of which the last few are replayed to who comes back. */
  news: $.Subscribe<[], number>;
  /** What is fired, not replayed. */
  ticks: $.Subscribe<[], number>;
  /** Fires this at both. */
  fire: $.Request<[item: number], null>;
  /** Sends the caller away for good. */
  sendAway: $.Request<[], null>;
  /** Sends all peers away for good that aren't connected. */
  sendTheOthersAway: $.Request<[], null>;
  /** Stops the backend, which finishes what runs. */
  stop: $.Request<[], null>;
}

export const Survivor: $.Interface<SurvivorMethods> = {
  channel: "test.survivor", version: "1.0.0", fingerprint: "2:5dc499ed80cfaa78", format: 1,
  methods: {
    which: { f: "2ff8c706fc6b4726" },
    name: { f: "18c015cf561aef7b" },
    peers: { f: "74e2ebfd2842c626" },
    wait: { f: "22dfaa2d961e0f8d" },
    waitAgain: { retry: 1, f: "144a9ff7daf18dd0" },
    begun: { f: "2cb1737989c06c4a" },
    letGo: { n: 1, f: "2503e8f905be47b0" },
    mark: { n: 1, f: "0b613df9f97f1838" },
    markAgain: { n: 1, retry: 1, f: "29d94c46ae3dc37a" },
    marked: { f: "1871d13770536594" },
    news: { k: $.subscribing, f: "729fc2fc571c91a0" },
    ticks: { k: $.subscribing, f: "29fbf237c35f9bf1" },
    fire: { n: 1, f: "4dafa08e35454f37" },
    sendAway: { f: "8f4355185b846eda" },
    sendTheOthersAway: { f: "5b568fd5cb7b7925" },
    stop: { f: "0873adc9975a2acb" },
  },
};
