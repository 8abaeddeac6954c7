import assert from "node:assert/strict";
import { test } from "node:test";
import { lost } from "#dist/beginning.js";

const ERROR = { code: -32007, message: "it is lost" };

const messages: [object, object | undefined][] = [
  [{ jsonrpc: "2.0", id: 7, result: { id: 8, a: ["}\\\"", 1.5e3] } }, { jsonrpc: "2.0", id: 7, error: ERROR }],
  [{ error: { code: 1, message: "\\" }, id: "a\"b" }, { jsonrpc: "2.0", id: "a\"b", error: ERROR }],
  [{ id: 9, method: "a.b", params: { subscription: 1 } }, undefined],
  [{ method: "a.b", params: { seq: 1, subscription: "x", result: [{ subscription: 2 }] } }, { jsonrpc: "2.0", method: "a.b", params: { subscription: "x", gap: true } }],
  [{ params: { stream: 4, item: "{" }, method: "$/stream" }, { jsonrpc: "2.0", method: "$/stream", params: { stream: 4, error: ERROR, lost: true } }],
  [{ method: "a.b", params: ["subscription", 3] }, undefined],
  [[{ id: 7, result: 1 }], undefined],
];

test("whatever the order and the white space, the beginning tells whom a message concerns", () => {
  for (const [message, told] of messages) {
    for (const space of [undefined, 2, "\t"]) {
      const text = JSON.stringify(message, null, space);
      assert.deepEqual(lost(`\n${text}`, ERROR).heard, told, text);
    }
  }
});

test("wherever a message is cut, its beginning tells nothing else", () => {
  for (const [message, told] of messages) {
    const text = JSON.stringify(message);
    const { id = null } = message as { id?: unknown };
    for (let at = 0; at < text.length; at++) {
      const begun = lost(text.slice(0, at), ERROR);
      assert.ok(begun.id === null || begun.id === id, text.slice(0, at));
      // A request looks like a reply as long as only its id is there, as on the Rust side.
      if (told) assert.deepEqual(begun.heard ?? told, told, text.slice(0, at));
      else assert.equal(begun.heard?.method, undefined);
    }
  }
});

test("a beginning of many mebibytes is read", () => {
  for (const filling of ["x", "\\\\", "\\\"", "a line\\n", "[", "[]", "{\"a\":1},"]) {
    const head = `{"id":1,"result":[${filling.startsWith("[") || filling.startsWith("{") ? "" : "\""}${filling.repeat(2 ** 22)}`;
    assert.equal(lost(head, ERROR).id, 1);
  }
});
