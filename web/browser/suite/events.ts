// `node:events` in a page.
import { listeners } from "./globals.js";

export const getEventListeners = (target: EventTarget, name: string): unknown[] => [...(listeners.get(target)?.get(name) ?? [])];
export const once = (target: EventTarget, name: string): Promise<unknown[]> => new Promise((resolve) => target.addEventListener(name, (event) => resolve([event]), { once: true }));
