import { useEffect, useState } from "react";
import { createRoot } from "react-dom/client";
import { connectLazily, type Client } from "ipc-runtime";
import { expect, test } from "vitest";
import { Docs, type DocsMethods } from "../../tests/support/docs.ts";
import { names } from "../shared/list.ts";
import { played } from "../shared/played.ts";
import { until } from "../shared/until.ts";

function Files({ docs }: { docs: Client<DocsMethods> }) {
  const [text, setText] = useState("…");
  useEffect(() => void names(docs, ".").then(setText), [docs]);
  return <p>{text}</p>;
}

test("a component is tested without a backend", async () => {
  const ipc = connectLazily(played({ list: async () => [{ name: "a", kind: "File", size: 1, inode: 1n }] }));
  const box = document.createElement("div");
  const root = createRoot(box);
  root.render(<Files docs={ipc.client(Docs)} />);
  await until(() => box.textContent === "a" || box.textContent === "disconnected");
  expect(box.textContent).toBe("a");
  root.unmount();
  await ipc.close();
});
