// Bindings as they are when their types are gone.
import { subscribing } from "ipc-runtime";
export const Docs = {
  channel: "demo.docs", version: "1.2.0", fingerprint: "2:9c3e41d2a07b55f8", format: 1,
  methods: { list: { n: 1, r: { a: { s: { inode: "big" } } }, f: "2015cfc8e289763c" }, changed: { n: 1, k: subscribing, r: "int", f: "2015cfc8e2897643" } },
};
