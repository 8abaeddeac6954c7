export const Docs = { channel: "demo.docs", version: "1.2.0", fingerprint: "2:9c3e41d2a07b55f8", format: 1, methods: { list: { n: 1, f: "2015cfc8e289763c" } } };
export const Window = { channel: "demo.window", version: "1.0.0", fingerprint: "2:9c3e41d2a07b55f9", format: 1, methods: { show: { n: 1, f: "2015cfc8e289763d" } } };
export const NotImported = { channel: "demo.unused", version: "1.0.0", fingerprint: "2:9c3e41d2a07b55fa", format: 1, methods: { neverCalled: { n: 1, f: "2015cfc8e289763e" } } };
export const $Types = { types: { Entry: { s: { name: "string" } } }, interfaces: [[Docs, { list: { a: ["string"], r: { a: "#Entry" } } }], [Window, { show: { a: ["string"] } }]] };
export const Theme = { key: "theme" };
