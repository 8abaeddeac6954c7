/// <reference lib="esnext.disposable" preserve="true" />

/** `Symbol.dispose`, or what the helpers of esbuild and Babel look for where it is missing. */
export const dispose: typeof Symbol.dispose = Symbol.dispose ?? (Symbol.for("Symbol.dispose") as typeof Symbol.dispose);

/** `Symbol.asyncDispose`, likewise. */
export const asyncDispose: typeof Symbol.asyncDispose =
  Symbol.asyncDispose ?? (Symbol.for("Symbol.asyncDispose") as typeof Symbol.asyncDispose);

/** Makes a function that runs once something that `using` takes. */
export function disposable(stop: () => void): Disposable {
  return { [dispose]: stop };
}
