// A panel for the machine, with a stock socket.io client: `socket` is the connection. What it shows, it
// shows as the panel in `../page` does, whose plots and banners it has.
//
// - `connection`: what `socket` tells of itself, and of the versions.
// - `telemetry`: what is measured. `homing`, `emergency-stop`: commands.
import { Banner } from "../../page/src/banner.ts";
import { element } from "../../page/src/element.ts";
import { connection } from "./connection.js";
import { EmergencyStop } from "./emergency-stop.js";
import { Homing } from "./homing.js";
import { Telemetry } from "./telemetry.js";

/** How long the connection may be lost until a banner says so, in milliseconds. */
const BLINK = 500;

const line = element("line", HTMLElement);
const lineText = line.querySelector("span");
const banner = new Banner(element("banners", HTMLElement));

const telemetry = new Telemetry(show);
const homing = new Homing();
const stop = new EmergencyStop(show);

/** What the connection is like, in a few words. */
function describe() {
  if (connection.state === "refused") return { tone: "bad", text: connection.refusal.title };
  if (connection.state === "lost") return { tone: "bad", text: "Reconnecting" };
  if (connection.state !== "usable") return { tone: "waiting", text: "Connecting" };
  return { tone: telemetry.isPaused ? "waiting" : "good", text: telemetry.isPaused ? "Connected, telemetry paused" : "Connected" };
}

/** Shows all that depends on the connection. */
function show() {
  const { tone, text } = describe();
  const isUsable = connection.state === "usable";
  line.dataset.tone = tone;
  if (lineText.textContent !== text) lineText.textContent = text;
  stop.setConnected(isUsable);
  homing.allow(isUsable && !stop.isStopped);
  telemetry.setStale(tone !== "good");
  showBanner();
}

function showBanner() {
  const { state, refusal, since } = connection;
  if (state === "usable") banner.hide();
  else if (state === "refused") {
    const action = { label: "Reload", run: () => location.reload() };
    banner.show({ tone: "warning", title: `${refusal.title}.`, text: refusal.text, action });
  } else if (state === "lost" && Date.now() - since >= BLINK) {
    const text = "What is shown here is old, and commands don't reach it. The page tries again all the time.";
    banner.show({ tone: "warning", title: "There is no connection to the machine.", text });
  }
}

connection.onChange = show;
setInterval(show, 500);
show();
