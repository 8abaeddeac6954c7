// What both of Jest's environments run: code that calls, subscribes and reads a cell.
import { connectLazily } from "ipc-runtime";
import { cell } from "ipc-runtime/store";
import { Docs } from "./ipc.js";
import { played } from "./played.js";

/** @param environment what `typeof document` is there. */
export function codeIsTestedWithoutABackend(environment) {
  test("code is tested without a backend", async () => {
    expect(typeof document).toBe(environment);
    const ipc = connectLazily(
      played({
        list: (dir, call) => {
          if (dir === "none") throw call.fail({ NotFound: dir });
          return [{ name: "a", inode: 2n ** 60n }];
        },
        changed: async function* () {
          for (let n = 0; ; n++) yield n;
        },
      }),
    );
    const docs = ipc.client(Docs);
    expect(await docs.list(".")).toEqual([{ name: "a", inode: 2n ** 60n }]);
    expect(await docs.list("none").result()).toMatchObject({ ok: false, error: { kind: "method", data: { NotFound: "none" } } });
    const numbers = [];
    for await (const n of docs.changed(".")) if (numbers.push(n) === 1_000) break;
    expect(numbers.at(-1)).toBe(999);
    const theme = cell(ipc, { key: "theme" });
    expect(theme.get()).toBe(undefined);
    await ipc.close();
  });
}
