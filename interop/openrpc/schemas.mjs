// The schemas of a document, compiled by ajv.

import Ajv from "ajv";
import formats from "ajv-formats";

const BASE64 = /^([A-Za-z0-9+/]{4})*([A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

/** What JSON Schema doesn't know: that an unknown word of it is told is what ajv's strict mode is for. */
const OWN_WORDS = ["x-rust"];
const OWN_FORMATS = {
  int64: true,
  uint64: true,
  int128: true,
  uint128: true,
  "socket-address": /^(\d+(\.\d+){3}|\[[0-9a-f:.]+\]):\d{1,5}$/,
  "socket-address-v4": /^\d+(\.\d+){3}:\d{1,5}$/,
  "socket-address-v6": /^\[[0-9a-f:.]+\]:\d{1,5}$/,
};

export class Schemas {
  constructor(document) {
    this.document = document;
    this.ajv = new Ajv({ strictSchema: true, strictTypes: false, strictRequired: false, allowUnionTypes: true });
    formats(this.ajv);
    for (const [name, format] of Object.entries(OWN_FORMATS)) this.ajv.addFormat(name, format);
    for (const word of OWN_WORDS) this.ajv.addKeyword(word);
    // Ajv takes it for a note.
    this.ajv.removeKeyword("contentEncoding");
    this.ajv.addKeyword({ keyword: "contentEncoding", type: "string", schemaType: "string", validate: (_, text) => BASE64.test(text) });
    const keywords = ["components", "openrpc", "info", "methods"];
    this.ajv.addVocabulary(keywords);
    this.ajv.addSchema({ $id: "document", components: document.components });
  }

  /** What checks values of a schema of the document. */
  compiled(schema) {
    return this.ajv.compile(JSON.parse(JSON.stringify(schema).replaceAll('"#/components/', '"document#/components/')));
  }

  /** What a reference stands for, or the schema itself. */
  resolved(schema) {
    while (schema.$ref !== undefined) {
      schema = schema.$ref.split("/").slice(1).reduce((of, name) => of[name], this.document);
    }
    return schema;
  }

  /** A value of this schema: another one for each number. */
  sample(schema, number, depth = 0) {
    schema = this.resolved(schema);
    const pick = (list) => list[number % list.length];
    const inner = (schema) => this.sample(schema, number + 1, depth + 1);
    if (schema.const !== undefined) return schema.const;
    if (schema.enum !== undefined) return pick(schema.enum);
    if (schema.anyOf !== undefined && schema.type === undefined) {
      // The last one ends what contains itself: null, as a rule.
      return this.sample(depth > 4 ? schema.anyOf.at(-1) : pick(schema.anyOf), number, depth);
    }
    if (schema.allOf !== undefined) return Object.assign({}, ...schema.allOf.map(inner));
    switch (schema.type) {
      case "null": return null;
      case "boolean": return number % 2 === 0;
      // Few, since they may count what is done.
      case "integer": return Math.max(schema.minimum, number % 5);
      case "number": return number / 4;
      case "string": {
        const text = pick(["a", "", "ü 世界 😀", "none", "busy", "large"]);
        if (schema.contentEncoding === "base64") return Buffer.from(text).toString("base64");
        return schema.minLength === undefined ? text : "c";
      }
      case "array": {
        if (Array.isArray(schema.items)) return schema.items.map(inner);
        const length = Math.min(Math.max(schema.minItems ?? 0, depth > 4 ? 0 : number % 3), schema.maxItems ?? Infinity);
        return Array.from({ length }, (_, at) => this.sample(schema.items ?? {}, number + at, depth + 1));
      }
      case "object": {
        const required = new Set(schema.required);
        const members = Object.entries(schema.properties ?? {}).filter(([name], at) => required.has(name) || (depth <= 4 && (number + at) % 2 === 0));
        const rest = schema.additionalProperties ? [[schema.propertyNames === undefined ? "more" : this.sample({ type: "string", ...schema.propertyNames }, number), schema.additionalProperties]] : [];
        return Object.fromEntries([...members, ...rest].map(([name, of]) => [name, inner(of)]));
      }
      default: return pick([null, 7, "any", [1, "b"], { a: null }]);
    }
  }
}
