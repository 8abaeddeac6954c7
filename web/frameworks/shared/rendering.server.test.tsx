// What a server does that renders components: it imports the page's modules, and connects to nobody.
import { createElement, StrictMode } from "react";
import { renderToString as renderReact } from "react-dom/server";
import { render as renderSvelte } from "svelte/server";
import { createSSRApp } from "vue";
import { renderToString as renderVue } from "vue/server-renderer";
import { afterAll, beforeAll, expect, test } from "vitest";
import { latest } from "ipc-runtime";
import { Settings as ReactSettings } from "../react/Settings.tsx";
import SvelteSettings from "../svelte/Settings.svelte";
import VueSettings from "../vue/Settings.vue";
import type { Site } from "./site.ts";

const sockets: string[] = [];
const before = Object.getOwnPropertyDescriptor(globalThis, "WebSocket");
class NoSocket {
  constructor(url: string) {
    sockets.push(url);
  }
}

let instance: typeof import("./instance.ts");
let site: Site;
beforeAll(async () => {
  Object.defineProperty(globalThis, "WebSocket", { value: NoSocket, configurable: true, writable: true });
  const globals = Object.getOwnPropertyNames(globalThis);
  instance = await import("./instance.ts");
  // The module runner's own names are no matter of the package.
  const added = Object.getOwnPropertyNames(globalThis).filter((name) => !globals.includes(name) && !/vite/i.test(name));
  expect(added).toEqual([]);
  const { ipc, theme, settings } = instance;
  site = { ipc, theme, fired: latest(() => settings.held() as never) };
});
afterAll(() => {
  if (before) Object.defineProperty(globalThis, "WebSocket", before);
  else delete (globalThis as { WebSocket?: unknown }).WebSocket;
});

const text = (html: string): string => html.replace(/<!--.*?-->|<[^>]*>/g, "").replace(/\s+/g, " ").trim();

/** All that was put off to a microtask or a macrotask has run. */
const settled = (): Promise<void> => new Promise((resolve) => setTimeout(resolve));

test("React renders what there is before anything was connected", async () => {
  expect(text(renderReact(<StrictMode>{createElement(ReactSettings, site)}</StrictMode>))).toBe("connecting unset -");
  await settled();
  expect(sockets).toEqual([]);
});

test("Svelte renders it", async () => {
  const { body } = renderSvelte(SvelteSettings, { props: site });
  expect(text(body)).toBe("connecting unset -");
  await settled();
  expect(sockets).toEqual([]);
});

test("Vue renders it", async () => {
  expect(text(await renderVue(createSSRApp(VueSettings, { ...site })))).toBe("connecting unset -");
  await settled();
  expect(sockets).toEqual([]);
});

test("a call on a server fails with a sentence, since a path has no origin there", async () => {
  await expect(instance.settings.held()).rejects.toMatchObject({ kind: "notConnected", message: expect.stringMatching(/`\/ipc` is no URL of a WebSocket.*in a page/) });
  expect(sockets).toEqual([]);
});
