import { flushSync, mount, unmount } from "svelte";
import { afterAll, beforeAll, expect, test } from "vitest";
import { served, type Served } from "../shared/site.ts";
import { until } from "../shared/until.ts";
import Settings from "./Settings.svelte";

let site: Served;
beforeAll(async () => void (site = await served()));
afterAll(() => site.close());

test("a component shows a cell, a subscription's newest item and the state", async () => {
  const target = document.createElement("div");
  const { ipc, theme, fired } = site;
  let component = mount(Settings, { target, props: { ipc, theme, fired } });
  await site.other.setTheme("dark");
  await until(() => target.textContent === "connected dark -");
  await until(async () => {
    await site.other.fire(1);
    return target.textContent === "connected dark 0";
  });
  expect(await site.other.replicas()).toBe(1);
  target.querySelector("button")?.click();
  await until(() => target.textContent === "connected light 0");
  // A component that is mounted anew finds it as it was.
  void unmount(component);
  component = mount(Settings, { target, props: { ipc, theme, fired } });
  flushSync();
  expect(target.textContent).toBe("connected light 0");
  void unmount(component);
  await until(async () => (await site.other.replicas()) === 0);
});
