// What a real backend answers to `rpc.discover` is a valid document, and the client of the OpenRPC
// project calls all that it lists, with values made from its schemas.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { Client, RequestManager, WebSocketTransport } from "@open-rpc/client-js";
import { parseOpenRPCDocument, validateOpenRPCDocument } from "@open-rpc/schema-utils-js";

import { inTime } from "../node/backend.mjs";
import { Backend, build } from "./backend.mjs";
import { Schemas } from "./schemas.mjs";

/** How often each method is called, with other values each time. */
const CALLS = 8;

/** The method that never returns, by its definition. */
const ENDLESS = "test.everything.wait";

/** The subscription that has items as fast as they are taken, to a client that gives no credit. */
const FLOOD = "test.everything.endless";

let backend;

before(async () => {
  build("-p", "web-backend");
  backend = await Backend.start("--discover", "true");
});
after(() => backend?.kill());

/** A client, and what it was notified of. */
async function connected(url) {
  const transport = new WebSocketTransport(url);
  const manager = transport.transportRequestManager;
  const resolve = manager.resolveResponse.bind(manager);
  // The client answers no requests: what the backend asks of its caller's window is answered here.
  manager.resolveResponse = (data, ...rest) => {
    const { id, method } = JSON.parse(data);
    if (id === undefined || method === undefined) return resolve(data, ...rest);
    const answer = method === "test.window.ticks" ? { error: { code: 1, message: "none", data: "none" } } : { result: 3 };
    transport.connection.send(JSON.stringify({ jsonrpc: "2.0", id, ...answer }));
  };
  const client = new Client(new RequestManager([transport]));
  const notified = [];
  client.onNotification((notification) => notified.push(notification));
  client.onError((error) => assert.fail(error));
  await inTime(client.requestManager.connectPromise, "the connection");
  return { client, notified };
}

const discovered = (client) => inTime(client.request({ method: "rpc.discover", params: [] }), "the document");

describe("a backend that is discovered", () => {
  let client, notified, document, schemas;

  before(async () => {
    ({ client, notified } = await connected(backend.url));
    document = await discovered(client);
    schemas = new Schemas(document);
  });
  after(() => client?.close());

  test("its document is valid", async () => {
    assert.equal(document.openrpc, "1.3.2");
    assert.equal(validateOpenRPCDocument(document), true);
    // And so does one whose references are all followed.
    await parseOpenRPCDocument(structuredClone(document));
    const names = document.methods.map(({ name }) => name);
    assert.equal(new Set(names).size, names.length);
    for (const name of ["add", "length", "test.everything.store", "test.everything.log"]) assert.ok(names.includes(name), name);
  });

  test("one that says less isn't valid", () => {
    const { info, ...rest } = document;
    assert.notEqual(validateOpenRPCDocument(rest), true);
    const [method, ...methods] = document.methods;
    assert.notEqual(validateOpenRPCDocument({ ...document, methods: [{ ...method, params: [{ name: "a" }] }, ...methods] }), true);
  });

  test("each reference leads somewhere", () => {
    const text = JSON.stringify(document);
    const references = [...text.matchAll(/"\$ref":"([^"]+)"/g)].map(([, of]) => of);
    assert.ok(references.length > 10, text);
    for (const $ref of references) assert.equal(typeof schemas.resolved({ $ref }), "object", $ref);
  });

  test("values of other schemas are refused", async () => {
    const wrong = { boolean: 1, string: 1, integer: "a", number: "a", array: 1, object: 1 };
    let count = 0;
    for (const { name, params, paramStructure, result } of document.methods) {
      const [first] = params;
      const type = first && schemas.resolved(first.schema).type;
      if (wrong[type] === undefined || !first.required || result === undefined) continue;
      const isOf = schemas.compiled(first.schema);
      assert.ok(!isOf(wrong[type]), name);
      const rest = params.slice(1).map(({ schema }) => schemas.sample(schema, 0));
      const values = [wrong[type], ...rest];
      const given = paramStructure === "by-name" ? Object.fromEntries(params.map(({ name }, at) => [name, values[at]])) : values;
      const error = await inTime(client.request({ method: name, params: given }, null).then(() => undefined, (error) => error), name);
      assert.equal(error?.code, -32602, `${name} ${JSON.stringify(given)}`);
      count += 1;
    }
    assert.ok(count > 10, String(count));
  });

  test("each method takes values of its schemas and gives such values", async () => {
    const reserved = new Map(Object.values(document.components.errors).map(({ code, message }) => [code, message]));
    const outcomes = { results: 0, errors: 0, notifications: 0 };
    const subscriptions = new Map();
    for (const method of document.methods) {
      const { name, params, paramStructure, result, errors = [] } = method;
      const isResult = result && schemas.compiled(result.schema);
      const isError = errors.map(({ code, data }) => [code, schemas.compiled(data["x-ipc-schema"])]);
      for (let number = 0; number < CALLS; number += 1) {
        const values = params.map(({ name, schema, required }, at) => {
          const isGiven = required || number % 2 === 0;
          return isGiven ? [[name, schemas.sample(schema, number + at)]] : [];
        });
        const given = values.flat();
        for (const [at, [, value]] of given.entries()) {
          assert.ok(schemas.compiled(params[at].schema)(value), `${name}: ${JSON.stringify(value)} isn't of its schema`);
        }
        // Of a method with one argument, an object without its name is the argument: so is an empty one.
        const mayBeByName = paramStructure !== "by-position" && given.length > 0;
        const isByName = paramStructure === "by-name" || (mayBeByName && number % 4 < 2);
        const call = { method: name, params: isByName ? Object.fromEntries(given) : given.map(([, value]) => value) };
        if (result === undefined) {
          await inTime(client.notify(call), name);
          outcomes.notifications += 1;
          continue;
        }
        if (name === ENDLESS) {
          // Until the connection ends.
          client.request(call, null).catch(() => {});
          continue;
        }
        try {
          const value = await inTime(client.request(call, null), name);
          assert.ok(isResult(value), `${name} gave ${JSON.stringify(value)}: ${JSON.stringify(isResult.errors)}`);
          outcomes.results += 1;
          if (method["x-ipc-subscription"]) subscriptions.set(value, method);
          if (name === FLOOD) assert.equal(await inTime(client.request({ method: "rpc.unsubscribe", params: [value] }, null), name), true);
        } catch (error) {
          if (error.code === undefined) throw error;
          const own = isError.find(([code]) => code === error.code);
          const text = `${name} ${JSON.stringify(call.params)}: ${error.code} ${error.message}`;
          assert.ok(own ? own[1](error.data) : reserved.has(error.code), text);
          // What is of its schema fits the method.
          assert.notEqual(error.code, -32602, text);
          assert.notEqual(error.code, -32601, text);
          outcomes.errors += 1;
        }
      }
    }
    assert.ok(outcomes.results > 100 && outcomes.errors > 10 && outcomes.notifications >= CALLS, JSON.stringify(outcomes));

    // What came of subscriptions is what the document says.
    let items = 0, ends = 0;
    for (const { method, params } of notified) {
      const of = subscriptions.get(params?.subscription);
      if (of === undefined || of.name !== method) continue;
      const { item, error } = of["x-ipc-subscription"];
      if ("result" in params) {
        assert.ok(schemas.compiled(item)(params.result), `${method} gave ${JSON.stringify(params.result)}`);
        items += 1;
      } else if (params.error !== undefined) {
        assert.ok(params.error.code !== 1 || schemas.compiled(error)(params.error.data), JSON.stringify(params));
        ends += 1;
      }
    }
    assert.ok(items > 10 && ends > 0, `${items} items, ${ends} errors at their end`);
  });
});

test("a backend that doesn't say so tells nobody who comes by a WebSocket", async () => {
  const silent = await Backend.start();
  const { client } = await connected(silent.url);
  try {
    const error = await discovered(client).then(() => undefined, (error) => error);
    assert.equal(error?.code, -32601);
    assert.equal(await inTime(client.request({ method: "add", params: [2, 3] }), "add"), 5);
  } finally {
    client.close();
    await silent.kill();
  }
});
