// The tests of what a connection does once more, in MessagePack: those that are about JSON itself run
// in JSON there too.
import { packAll } from "./support/connect.js";

packAll();
await import("./calls.test.js");
await import("./callbacks.test.js");
await import("./handlers.test.js");
await import("./limits.test.js");
await import("./options.test.js");
await import("./sources.test.js");
await import("./streams.test.js");
await import("./subscription-numbers.test.js");
await import("./waiting.test.js");
