/// <reference lib="esnext.disposable" preserve="true" />

/** `Symbol.dispose`, or what the helpers of esbuild and Babel look for where it is missing. */
export const dispose: typeof Symbol.dispose = Symbol.dispose ?? (Symbol.for("Symbol.dispose") as typeof Symbol.dispose);

/** `Symbol.asyncDispose`, likewise. */
export const asyncDispose: typeof Symbol.asyncDispose =
  Symbol.asyncDispose ?? (Symbol.for("Symbol.asyncDispose") as typeof Symbol.asyncDispose);

/** Something that goes on until it is disposed of: by `using`, or by hand. */
export interface Lasting extends Disposable {
  dispose(): void;
}

/** Makes a function something that can be disposed of. */
export const disposable = (stop: () => void): Lasting => ({ dispose: stop, [dispose]: stop });
