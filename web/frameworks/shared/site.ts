// The real backend, and a page's connection to it.
import { createRequire } from "node:module";
import { connectLazily, latest, webSocket, type Ipc, type Socket, type Source } from "ipc-runtime";
import { cell, type StoreCell } from "ipc-runtime/store";
import { start } from "../../tests/support/backend.ts";
import { EverythingApi } from "../../tests/support/everything.ts";
import { SettingsApi, Theme } from "../../tests/support/settings.ts";

// In a page's build the package is a stub, and the document's own WebSocket has an origin, which the
// test's backend doesn't know.
const { WebSocket } = createRequire(import.meta.url)("ws") as typeof import("ws");

/** What components are given. */
export interface Site {
  ipc: Ipc;
  theme: StoreCell<string>;
  /** The newest item of a subscription. */
  fired: Source<number | undefined>;
}

export interface Served extends Site {
  /** Another client of the same backend. */
  other: { setTheme(theme: string): Promise<void>; fire(count: number): Promise<void>; replicas(): Promise<number> };
  close(): Promise<void>;
}

export async function served(): Promise<Served> {
  const backend = await start("ws://127.0.0.1:0");
  const dial = webSocket(backend.endpoints[0] as string, { open: (url, protocols) => new WebSocket(url, protocols) as unknown as Socket });
  const [ipc, control] = [connectLazily(dial), connectLazily(dial)];
  const rust = await control.open(SettingsApi);
  const all = ipc.client(EverythingApi);
  return {
    ipc,
    theme: cell(ipc, Theme),
    fired: latest(() => all.fired()),
    other: {
      setTheme: async (theme) => void (await rust.put("theme", theme)),
      fire: async (count) => void (await control.client(EverythingApi).fire(count)),
      replicas: () => rust.listeners(),
    },
    close: async () => {
      await ipc.close();
      await control.close();
      await backend[Symbol.asyncDispose]();
    },
  };
}
