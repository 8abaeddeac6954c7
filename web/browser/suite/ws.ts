// The package `ws` in a page, which has a WebSocket of its own.
const { WebSocket } = globalThis;
export { WebSocket };
