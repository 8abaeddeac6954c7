// Debian's Chromium.
import { chromium, type Browser } from "playwright-core";

/** The program. `IPC_CHROMIUM` names another one. */
export const program: string = process.env["IPC_CHROMIUM"] ?? "/usr/bin/chromium";

/** What it is started with: nothing of it asks the network for something of its own. */
export const FLAGS: readonly string[] = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

export const launch = (...more: string[]): Promise<Browser> => chromium.launch({ executablePath: program, args: [...FLAGS, ...more] });
