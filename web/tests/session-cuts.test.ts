// A conversation over a real connection, cut after each of its bytes.
import assert from "node:assert/strict";
import { before, describe, test } from "node:test";
import { connectLazily, reconnect, type IpcError } from "ipc-runtime/node";
import { build } from "./support/backend.js";
import { Survivor } from "./support/survivor.js";
import { soon, WAYS, World } from "./support/world.js";

before(() => build());

/** How one call ended, for the count of how often it may have run. */
interface Ended {
  number: number;
  isAgain: boolean;
  error?: IpcError;
}

/** Cuts at each so many bytes: in a page, where the same takes longer, at fewer. */
const EACH = Number(process.env["IPC_CUT_EACH"] ?? 1);

describe("cut at each byte, every call ends, and what is said of it is true", () => {
  for (const way of WAYS) {
    test(`over ${way}`, async (t) => {
      await using world = await World.of(way);
      const cable = await world.cable();
      const witness = await world.witness();
      let last = 0;
      const converse = async (): Promise<Ended[]> => {
        const ipc = connectLazily(cable.endpoint, { ...world.options, reconnect: reconnect(soon({ whileAway: "wait" })), callTimeout: null });
        const survivor = ipc.client(Survivor);
        const call = async (isAgain: boolean): Promise<Ended> => {
          const number = ++last;
          try {
            assert.equal(await (isAgain ? survivor.markAgain(number) : survivor.mark(number)), number);
            return { number, isAgain };
          } catch (error) {
            return { number, isAgain, error: error as IpcError };
          }
        };
        const first = await Promise.all([call(false), call(true), call(false)]);
        const second = await Promise.all([call(true), call(false)]);
        await ipc.close();
        return [...first, ...second];
      };
      await converse();
      const { down, up } = cable.traffic;
      const trials = [...Array.from({ length: down }, (_, n) => ({ down: n, up: Infinity })), ...Array.from({ length: up }, (_, n) => ({ down: Infinity, up: n }))];
      const counts = { answered: 0, mayHaveRun: 0, twice: 0 };
      const ended: Ended[] = [];
      for (const most of trials.filter((_, nth) => nth % EACH === 0)) {
        cable.most = most;
        ended.push(...(await converse()));
      }
      const ran = new Map<number, number>();
      for (const number of await witness.marked()) ran.set(number, (ran.get(number) ?? 0) + 1);
      for (const { number, isAgain, error } of ended) {
        const times = ran.get(number) ?? 0;
        if (!error) {
          counts.answered++;
          if (times === 2) counts.twice++;
          assert.ok(times === 1 || (isAgain && times === 2), `${number} was answered, and ran ${times} times`);
        } else {
          assert.equal(error.kind, "disconnected", String(error));
          assert.ok(!isAgain, "an idempotent call is made again");
          assert.ok(error.mayHaveRun && times <= 1, `${number}: ${error.mayHaveRun}, and ran ${times} times`);
          counts.mayHaveRun++;
        }
      }
      assert.ok(counts.answered > counts.mayHaveRun && counts.mayHaveRun > 0 && counts.twice > 0, JSON.stringify(counts));
      t.diagnostic(`${Math.ceil(trials.length / EACH)} cuts: ${JSON.stringify(counts)}`);
    });
  }
});
