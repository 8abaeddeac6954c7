// A small app: it shows its connection, whom it talks to, and what is in the store.
import { connectLazily, reconnect, type Ipc, type VersionMismatch } from "ipc-runtime";
import { store, type StoreReplica } from "ipc-runtime/store";
import { Count, Theme } from "../../tests/support/settings.js";
import { Survivor } from "../../tests/support/survivor.js";

/** How a test wants it, put there before the page loads. */
export interface AppOptions {
  /** Default: `/ipc` of the page's own origin, as behind a development server. */
  to?: string;
  token?: string;
  /** The bound of the first pause before an attempt, in milliseconds. */
  firstDelay?: number;
  /** How long the backend may be silent, in milliseconds. */
  heartbeat?: number;
}

/** What a test sees of it, beside the page. */
export interface App {
  ipc: Ipc;
  /** All states that there were, in short. */
  states: string[];
  /** The longest time between two ticks of a timer that is set anew each 100 ms. */
  longestGap(): number;
  /** How long ago the last one was. */
  sinceTick(): number;
  /** Forgets how long it was. */
  forgetGap(): void;
  name(): Promise<string>;
  countUp(times: number): Promise<void>;
}

declare global {
  var appOptions: AppOptions | undefined;
  var app: App;
}

const show = (id: string, text: string): void => {
  (document.getElementById(id) as HTMLElement).textContent = text;
};

const { to = "/ipc", token, firstDelay = 50, heartbeat } = globalThis.appOptions ?? {};
const ipc = connectLazily(to, {
  reconnect: reconnect({ firstDelay, maxDelay: Math.max(firstDelay, 500) }),
  onVersionMismatch: (mismatch: VersionMismatch) => {
    show("banner", mismatch.summary);
    document.getElementById("banner")?.removeAttribute("hidden");
  },
  heartbeat,
  ...(token === undefined ? {} : { token }),
});
const survivor = ipc.client(Survivor);

const states: string[] = [];
const look = (): void => {
  const state = ipc.state.get();
  states.push(state.status === "connected" ? `connected ${state.resumed ? "again" : "anew"}` : state.status);
  document.documentElement.dataset["state"] = state.status;
  show("state", state.status);
  if (state.status === "connected") void survivor.which().then((which) => show("which", `${which}`), () => {});
};
ipc.state.subscribe(look);
look();

let [ticked, gap] = [performance.now(), 0];
const tick = (): void => {
  const now = performance.now();
  gap = Math.max(gap, now - ticked);
  ticked = now;
  setTimeout(tick, 100);
};
tick();

let replica: StoreReplica | undefined;
globalThis.app = {
  ipc,
  states,
  longestGap: () => Math.max(gap, performance.now() - ticked),
  sinceTick: () => performance.now() - ticked,
  forgetGap: () => void (gap = 0),
  name: () => survivor.name(),
  async countUp(times) {
    for (let done = 0; done < times && replica; ) {
      const { ok } = await replica.compareAndSet(Count, replica.revisionOf(Count), (replica.get(Count) ?? 0) + 1).result();
      if (ok) done++;
    }
  },
};

for (const theme of ["light", "dark"]) {
  document.getElementById(theme)?.addEventListener("click", () => void replica?.set(Theme, theme));
}

try {
  await survivor.which();
  replica = await store(ipc);
  const render = (): void => {
    show("theme", replica?.get(Theme) ?? "none");
    show("count", `${replica?.get(Count) ?? 0}`);
  };
  replica.changes().on(render);
  render();
} catch (error) {
  const { kind, code, message } = error as { kind?: string; code?: number; message: string };
  show("error", `${kind ?? "error"} ${code ?? ""}: ${message}`);
  document.documentElement.dataset["error"] = kind ?? "error";
}
