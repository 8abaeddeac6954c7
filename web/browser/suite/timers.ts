// `node:timers/promises` in a page.
const wait = (ms?: number): Promise<void> => new Promise((resolve) => globalThis.setTimeout(resolve, ms));
export { wait as setTimeout };
