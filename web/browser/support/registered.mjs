// Prints which tests a file of the suite registers in Node, as JSON. It runs none of them.
//
// node registered.mjs FILE
import { register } from "node:module";
import { pathToFileURL } from "node:url";

const standIn = new URL("only-registering.mjs", import.meta.url).href;
const hook = `export const resolve = (name, context, next) => name === "node:test" ? { url: ${JSON.stringify(standIn)}, shortCircuit: true } : next(name, context);`;
register(`data:text/javascript,${encodeURIComponent(hook)}`);
await import(pathToFileURL(process.argv[2]).href);
const { registered } = await import(standIn);
process.stdout.write(JSON.stringify(registered), () => process.exit());
