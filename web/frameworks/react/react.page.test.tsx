import { StrictMode } from "react";
import { createRoot, hydrateRoot } from "react-dom/client";
import { renderToString } from "react-dom/server";
import { afterAll, beforeAll, expect, test } from "vitest";
import { SettingsApi } from "../../tests/support/settings.ts";
import { served, type Served } from "../shared/site.ts";
import { until } from "../shared/until.ts";
import { Count, Settings } from "./Settings.tsx";

let site: Served;
beforeAll(async () => void (site = await served()));
afterAll(() => site.close());

test("in strict mode a component shows a cell, a subscription's newest item and the state", async () => {
  const box = document.createElement("div");
  const root = createRoot(box);
  root.render(<StrictMode><Settings {...site} /></StrictMode>);
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
  const shown = box.firstElementChild;
  root.render(<StrictMode><Settings key="anew" {...site} /></StrictMode>);
  await until(() => box.firstElementChild !== shown);
  expect(box.textContent).toBe("connected light 0");
  expect(await site.other.replicas()).toBe(1);
  root.unmount();
  await until(async () => (await site.other.replicas()) === 0);
});

test("what a server has rendered is taken over, and then shows what there is", async () => {
  const box = document.createElement("div");
  const fresh = await served();
  try {
    const element = <Settings {...fresh} />;
    box.innerHTML = renderToString(element);
    expect(box.textContent).toBe("connecting unset -");
    await fresh.other.setTheme("dark");
    const errors: unknown[] = [];
    const root = hydrateRoot(box, element, { onRecoverableError: (error) => errors.push(error) });
    await until(() => box.textContent === "connected dark -");
    expect(errors).toEqual([]);
    root.unmount();
  } finally {
    await fresh.close();
  }
});

test("a call in an effect is cancelled with its component, and made again in strict mode", async () => {
  const box = document.createElement("div");
  const root = createRoot(box);
  root.render(<StrictMode><Count settings={site.ipc.client(SettingsApi)} /></StrictMode>);
  await until(() => box.textContent === "1 values");
  root.unmount();
});
