/// <reference lib="esnext.disposable" preserve="true" />
// Gives a browser `Symbol.dispose` and `Symbol.asyncDispose` that has none, for TypeScript's own `using`.
// Import it before `ipc-runtime`; nothing else of this package changes a global.
import { asyncDispose, dispose } from "./disposable.js";

for (const [name, value] of [["dispose", dispose], ["asyncDispose", asyncDispose]] as const) {
  if (!(name in Symbol)) Object.defineProperty(Symbol, name, { value });
}
