// `node:test` that runs nothing: what a file of the suite registers. `registered.mjs` puts it in its place.

/** @type {{ path: string[], isSkipped: boolean }[]} */
export const registered = [];
/** @type {string[]} */
let path = [];

export function test(name, options, work) {
  const isBare = typeof options === "function";
  const skip = isBare ? false : (options?.skip ?? false);
  registered.push({ path: [...path, name], isSkipped: skip !== false || !(isBare || work) });
}

export function describe(name, ...rest) {
  const outer = path;
  path = [...outer, name];
  rest.at(-1)();
  path = outer;
}

export const before = () => {};
export const after = before;
