// A panel for the machine, as a page: what the machine does, and what it is told to do.
//
// - `connection`: the connection, and subscriptions that are read on each one.
// - `telemetry`: the newest samples, kept in a `trail` and drawn by `plot`s.
// - `homing`, `emergency-stop`: commands. `banner`: what the user has to know.
import type { State, VersionMismatch } from "ipc-runtime";
import { Banner } from "./banner.ts";
import { Connection } from "./connection.ts";
import { element } from "./element.ts";
import { EmergencyStop } from "./emergency-stop.ts";
import { Homing } from "./homing.ts";
import { Telemetry } from "./telemetry.ts";

/** How long no sample may come until the page says so, in milliseconds. */
const SILENCE = 1_500;

/** How long the connection may be lost until a banner says so, in milliseconds. */
const BLINK = 500;

const line = element("line", HTMLElement);
const lineText = line.querySelector("span")!;
const banners = element("banners", HTMLElement);
const connectionBanner = new Banner(banners);
const versionBanner = new Banner(banners);
const stopBanner = new Banner(banners);

const anew = { label: "Connect anew", run: (): void => connection.connect() };

let state: State | undefined;
let mismatch: VersionMismatch | undefined;

const connection = new Connection({
  onState(now) {
    state = now;
    // The next connection may be to another machine, which says whether it fits. One that ends since
    // it doesn't fit leaves the reason.
    if (now.status === "connecting" || now.status === "reconnecting") mismatch = undefined;
    if (now.status === "connected") telemetry.listen(performance.now());
    show();
  },
  onMismatch(now) {
    mismatch = now;
    show();
  },
  onStopped(reason) {
    if (stop.isOwn) return;
    // It stays until it is read, also if the machine is released at once.
    const action = { label: "Understood", run: () => stopBanner.hide() };
    stopBanner.show({ tone: "warning", title: "Somebody else has stopped the machine.", text: `Reason: ${reason}`, action });
  },
});
const telemetry = new Telemetry(connection);
const homing = new Homing(connection);
const stop = new EmergencyStop(connection, show);

/** What the connection is like, in a few words. */
function describe(): { tone: "good" | "waiting" | "bad"; text: string } {
  if (mismatch) return { tone: "bad", text: "Wrong version" };
  if (!state || state.status === "connecting") return { tone: "waiting", text: "Connecting" };
  if (state.status === "reconnecting") return { tone: "bad", text: "Reconnecting" };
  if (state.status === "closed") return { tone: "bad", text: "No connection" };
  if (document.hidden) return { tone: "good", text: "Connected" };
  const silence = telemetry.silence(performance.now());
  if (silence > SILENCE) return { tone: "waiting", text: `Connected, but no sample for ${Math.floor(silence / 1000)} s` };
  return { tone: "good", text: "Connected" };
}

/** Shows all that depends on the connection. */
function show(): void {
  const { tone, text } = describe();
  line.dataset["tone"] = tone;
  if (lineText.textContent !== text) lineText.textContent = text;
  const isUsable = state?.status === "connected" && !mismatch;
  stop.setConnected(isUsable);
  homing.allow(isUsable && !stop.isStopped);
  telemetry.setStale(tone !== "good");
  showConnection();
  showVersion();
}

function showConnection(): void {
  if (!state || state.status === "connected" || mismatch) return connectionBanner.hide();
  const text = "What is shown here is old, and commands don't reach it.";
  if (state.status === "reconnecting") {
    const { attempt, since, nextAt } = state;
    if (Date.now() - since < BLINK) return;
    const seconds = Math.ceil((nextAt - Date.now()) / 1000);
    const note = seconds > 0 ? `Attempt ${attempt} in ${seconds} s.` : `Attempt ${attempt} is being made.`;
    const action = { label: "Retry now", run: () => connection.retryNow() };
    connectionBanner.show({ tone: "warning", title: "The connection to the machine is lost.", text, note, action });
  } else if (state.status === "closed") {
    const { message } = state.reason;
    connectionBanner.show({ tone: "warning", title: "There is no connection to the machine.", text: `${text} (${message})`, action: anew });
  }
  // While the first connection is made anew, the banner stays: it would be back at once if that fails.
}

function showVersion(): void {
  if (!mismatch) return versionBanner.hide();
  const { summary, newer, ours, theirs } = mismatch;
  const text = `This page has ${ours.version}, the machine ${theirs.version}.`;
  if (newer === "page") return versionBanner.show({ tone: "warning", title: summary, text, action: anew });
  // Never by itself: a page that comes out of the same stale cache again would reload for ever.
  versionBanner.show({ tone: "news", title: summary, text, action: { label: "Reload", run: () => location.reload() } });
}

// Silence counts from when the page can hear: a hidden one asks for nothing.
document.addEventListener("visibilitychange", () => telemetry.listen(performance.now()));
setInterval(show, 500);
connection.connect();
