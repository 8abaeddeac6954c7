import { createApp, nextTick } from "vue";
import { afterAll, beforeAll, expect, test } from "vitest";
import { served, type Served } from "../shared/site.ts";
import { until } from "../shared/until.ts";
import Settings from "./Settings.vue";

let site: Served;
beforeAll(async () => void (site = await served()));
afterAll(() => site.close());

test("a component shows a cell, a subscription's newest item and the state", async () => {
  const box = document.createElement("div");
  const { ipc, theme, fired } = site;
  let app = createApp(Settings, { ipc, theme, fired });
  app.mount(box);
  await site.other.setTheme("dark");
  await until(() => box.textContent === "connected dark -");
  await until(async () => {
    await site.other.fire(1);
    return box.textContent === "connected dark 0";
  });
  expect(await site.other.replicas()).toBe(1);
  box.querySelector("button")?.click();
  await until(() => box.textContent === "connected light 0");
  // A component that is mounted anew finds it as it was.
  app.unmount();
  app = createApp(Settings, { ipc, theme, fired });
  app.mount(box);
  await nextTick();
  expect(box.textContent).toBe("connected light 0");
  app.unmount();
  await until(async () => (await site.other.replicas()) === 0);
});
