// `node:util` in a page: what the suite names tests by.
export { shown as inspect } from "./equality.js";
