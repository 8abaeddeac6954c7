import { connectLazily } from "ipc-runtime";
import { expect, test } from "vitest";
import { Docs } from "../../tests/support/docs.ts";
import { names } from "./list.ts";
import { played } from "./played.ts";

test("code is tested without a backend", async () => {
  const ipc = connectLazily(
    played({
      list: (dir, call) => {
        if (dir === "none") throw call.fail({ NotFound: dir });
        return [{ name: "a", kind: "File", size: 1, inode: 2n ** 60n }];
      },
    }),
  );
  const docs = ipc.client(Docs);
  expect(await names(docs, ".")).toBe("a");
  expect(await names(docs, "none")).toBe('{"NotFound":"none"}');
  await ipc.close();
});
