//! Documents of types and interfaces as people write them. Whether the schemas are right is tried
//! in `interop/openrpc`, with random values of many types.

use std::{
    collections::BTreeMap,
    net::{IpAddr, SocketAddr},
    num::{NonZeroI8, NonZeroU128},
};

use serde_json::{Value, json};

use crate::{
    Bytes, Stream, Streaming, ipc_interface, ipc_type, openrpc::Document, shape::ipc_type::IpcType,
};

fn document(of: Document) -> Value {
    serde_json::to_value(of).unwrap()
}

/// The schema of a type as it is sent to the backend, and those that it mentions.
fn sent<T: IpcType>() -> (Value, Value) {
    let all = document(Document::new().function::<(T,), ()>("it"));
    (all["methods"][0]["params"][0]["schema"].clone(), all["components"]["schemas"].clone())
}

/// The same, as the backend sends it.
fn received<T: IpcType>() -> (Value, Value) {
    let all = document(Document::new().function::<(), (T,)>("it"));
    let schema = all["methods"][0]["result"]["schema"]["items"][0].clone();
    (schema, all["components"]["schemas"].clone())
}

fn schema<T: IpcType>() -> Value {
    sent::<T>().0
}

#[test]
fn integers_have_the_bounds_of_their_width() {
    assert_eq!(schema::<u8>(), json!({ "type": "integer", "minimum": 0, "maximum": 255 }));
    assert_eq!(
        schema::<u64>(),
        json!({ "type": "integer", "minimum": 0, "maximum": u64::MAX, "format": "uint64" })
    );
    assert_eq!(
        schema::<isize>(),
        json!({ "type": "integer", "minimum": i64::MIN, "maximum": i64::MAX, "format": "int64" })
    );
    assert_eq!(
        schema::<NonZeroI8>(),
        json!({ "type": "integer", "minimum": -128, "maximum": 127, "not": { "const": 0 } })
    );
    let power = |exponent: i32| 2f64.powi(exponent);
    assert_eq!(
        schema::<NonZeroU128>(),
        json!({
            "type": "integer", "minimum": 1, "exclusiveMaximum": power(128), "format": "uint128"
        })
    );
    assert_eq!(
        schema::<i128>(),
        json!({
            "type": "integer", "minimum": -power(127), "exclusiveMaximum": power(127),
            "format": "int128"
        })
    );
}

#[test]
fn texts_and_bytes_have_their_form() {
    assert_eq!(schema::<char>(), json!({ "type": "string", "minLength": 1, "maxLength": 1 }));
    assert_eq!(schema::<Bytes>(), json!({ "type": "string", "contentEncoding": "base64" }));
    assert_eq!(
        schema::<IpAddr>(),
        json!({ "type": "string", "anyOf": [{ "format": "ipv4" }, { "format": "ipv6" }] })
    );
    assert_eq!(schema::<SocketAddr>(), json!({ "type": "string", "format": "socket-address" }));
    assert_eq!(schema::<Value>(), json!({}));
    assert_eq!(schema::<()>(), json!({ "type": "null" }));
}

#[test]
fn lists_and_maps_say_what_is_in_them() {
    let byte = schema::<u8>();
    assert_eq!(
        schema::<(u8, bool)>(),
        json!({
            "type": "array", "items": [byte, { "type": "boolean" }], "minItems": 2, "maxItems": 2
        })
    );
    assert_eq!(
        schema::<[u8; 3]>(),
        json!({ "type": "array", "items": byte, "minItems": 3, "maxItems": 3 })
    );
    assert_eq!(schema::<Option<u8>>(), json!({ "anyOf": [byte, { "type": "null" }] }));
    let of = |key: Value| json!({ "type": "object", "propertyNames": key, "additionalProperties": byte });
    assert_eq!(schema::<BTreeMap<u8, u8>>(), of(json!({ "pattern": "^(0|[1-9][0-9]{0,2})$" })));
    assert_eq!(schema::<BTreeMap<i16, u8>>(), of(json!({ "pattern": "^(0|-?[1-9][0-9]{0,4})$" })));
    assert_eq!(schema::<BTreeMap<bool, u8>>(), of(json!({ "enum": ["true", "false"] })));
    assert_eq!(
        schema::<BTreeMap<String, u8>>(),
        json!({ "type": "object", "additionalProperties": byte })
    );
}

#[ipc_type(crate = "crate")]
struct Query {
    /// What is looked for.
    text: String,
    #[serde(default)]
    limit: u8,
    #[serde(skip_serializing_if = "Option::is_none")]
    under: Option<Box<Query>>,
}

#[test]
fn a_type_stands_twice_where_its_directions_differ() {
    let (query, types) = sent::<Query>();
    assert_eq!(query, json!({ "$ref": "#/components/schemas/QueryInput" }));
    assert_eq!(types["QueryInput"]["required"], json!(["text"]));
    let text = json!({ "description": "What is looked for.", "type": "string" });
    assert_eq!(types["QueryInput"]["properties"]["text"], text);
    let under = &types["QueryInput"]["properties"]["under"]["anyOf"];
    assert_eq!(under, &json!([query, { "type": "null" }]));
    let (query, types) = received::<Query>();
    assert_eq!(query, json!({ "$ref": "#/components/schemas/Query" }));
    assert_eq!(types["Query"]["required"], json!(["text", "limit"]));
    assert_eq!(types.as_object().unwrap().len(), 1);
}

#[ipc_type(crate = "crate")]
enum Plain {
    One,
    Two,
}

#[ipc_type(crate = "crate")]
enum Told {
    /// The first.
    One,
    /// With a part.
    Two(u8),
}

#[ipc_type(crate = "crate")]
#[serde(tag = "kind")]
enum Kind {
    Empty,
    Of { size: u8 },
}

#[ipc_type(crate = "crate")]
#[serde(deny_unknown_fields)]
struct Strict {
    size: u8,
}

#[ipc_type(crate = "crate")]
#[serde(tag = "kind")]
enum Around {
    Strict(Strict),
}

#[ipc_type(crate = "crate")]
struct Flat {
    id: u8,
    #[serde(flatten)]
    told: Told,
    #[serde(flatten)]
    kind: Option<Kind>,
}

#[test]
fn enums_are_what_their_tags_make_of_them() {
    let (_, types) = sent::<Plain>();
    assert_eq!(types["Plain"], json!({ "type": "string", "enum": ["One", "Two"] }));
    let (_, types) = sent::<Told>();
    assert_eq!(
        types["Told"],
        json!({ "anyOf": [
            { "description": "The first.", "type": "string", "const": "One" },
            {
                "description": "With a part.", "type": "object",
                "properties": { "Two": schema::<u8>() }, "required": ["Two"],
                "additionalProperties": false
            }
        ] })
    );
}

#[test]
fn a_part_of_an_object_does_not_refuse_what_others_have_on_it() {
    let (_, types) = sent::<Around>();
    let tag = json!({
        "type": "object", "properties": { "kind": { "type": "string", "const": "Strict" } },
        "required": ["kind"]
    });
    let strict = json!({ "$ref": "#/components/schemas/Strict" });
    assert_eq!(types["Around"], json!({ "allOf": [tag, strict] }), "{types:#}");
    let (_, types) = sent::<Strict>();
    let strict = types.as_object().unwrap().values().next().unwrap();
    assert_eq!(strict["additionalProperties"], false);
    let (_, types) = sent::<Flat>();
    let flat = &types["Flat"]["allOf"];
    assert_eq!(flat[0]["required"], json!(["id"]));
    let two = json!({
        "type": "object", "properties": { "Two": schema::<u8>() }, "required": ["Two"]
    });
    assert!(flat[1]["anyOf"].as_array().unwrap().contains(&two), "{flat:#}");
    // A wrong tag isn't taken for none.
    let none = json!({ "type": "object", "not": { "anyOf": [{ "required": ["kind"] }] } });
    assert!(flat[2]["anyOf"].as_array().unwrap().contains(&none), "{flat:#}");
}

#[ipc_interface(channel = "docs.renamed", version = "1.1.0", crate = "crate")]
trait Aliased {
    #[ipc(alias = "list")]
    async fn search(&self);
}

#[test]
fn an_old_name_is_no_method_of_its_own() {
    let renamed = document(Document::new().interface::<AliasedClient>());
    let [search] = &renamed["methods"].as_array().unwrap()[..] else { panic!("{renamed:#}") };
    assert_eq!(search["name"], "docs.renamed.search");
}

/// Each kind of method.
#[ipc_interface(channel = "docs.all", version = "1.2.0", crate = "crate")]
trait All {
    /// Adds.
    ///
    /// Both of them.
    #[ipc(idempotent, timeout = "5s")]
    async fn add(&self, a: u8, b: Option<u8>) -> Result<u8, String>;
    #[ipc(timeout = "none")]
    #[deprecated = "use add"]
    async fn index(&self, #[ipc(context)] call: &crate::CallContext<u8>);
    async fn store(&self, chunks: Streaming<Bytes>, last: Option<bool>);
    #[ipc(notification)]
    async fn log(&self, line: String);
    #[ipc(subscription)]
    async fn watch(&self, dir: &str) -> Result<impl Stream<Item = Result<u8, String>>, String>;
}

#[test]
fn methods_say_all_that_a_caller_has_to_know() {
    let all = document(Document::new().interface::<AllClient>());
    assert_eq!(all["info"], json!({ "title": "All", "version": "1.2.0" }));
    let [add, index, store, log, watch] = &all["methods"].as_array().unwrap()[..] else {
        panic!("{all:#}")
    };
    let byte = schema::<u8>();
    assert_eq!(add["description"], "Adds.\n\nBoth of them.");
    assert_eq!(add["tags"], json!([{ "name": "docs.all", "description": "Each kind of method." }]));
    assert_eq!(add["params"][0], json!({ "name": "a", "required": true, "schema": byte }));
    assert_eq!(add["params"][1]["required"], false);
    assert_eq!(add["result"], json!({ "name": "result", "schema": byte }));
    let data = json!({ "x-ipc-schema": { "type": "string" } });
    assert_eq!((&add["errors"][0]["code"], &add["errors"][0]["data"]), (&json!(1), &data));
    assert_eq!((&add["x-ipc-idempotent"], &add["x-ipc-timeout-ms"]), (&json!(true), &json!(5000)));
    assert_eq!(
        add["x-ipc-interface"],
        json!({
            "channel": "docs.all", "version": "1.2.0",
            "fingerprint": <AllClient as crate::Client>::INTERFACE.fingerprint().to_string()
        })
    );
    assert_eq!(
        (&index["deprecated"], &index["description"]),
        (&json!(true), &json!("Deprecated: use add"))
    );
    assert_eq!((&index["x-ipc-progress"], &index["x-ipc-timeout-ms"]), (&byte, &Value::Null));
    assert!(index.as_object().unwrap().contains_key("x-ipc-timeout-ms"));
    assert_eq!(store["params"][0]["x-ipc-stream"], schema::<Bytes>());
    assert_eq!(
        store["params"][0]["schema"],
        json!({ "type": "array", "items": schema::<Bytes>() })
    );
    assert!(log.get("result").is_none() && log.get("x-ipc-idempotent").is_none());
    assert_eq!(watch["result"]["name"], "subscription");
    assert_eq!(watch["x-ipc-subscription"], json!({ "item": byte, "error": { "type": "string" } }));
    assert_eq!(all["components"]["errors"]["Cancelled"]["code"], -32800);
}

#[test]
fn the_text_keeps_the_order_of_the_source_and_is_always_the_same() {
    let document =
        || Document::new().title("T").interface::<AllClient>().function::<Query, u8>("find");
    let text = document().to_string();
    assert_eq!(text, document().to_string());
    let places =
        ["\"openrpc\"", "\"info\"", "docs.all.add", "docs.all.watch", "\"find\"", "\"schemas\""];
    let places = places.map(|part| text.find(part).unwrap());
    assert!(places.is_sorted(), "{places:?}");
    let find = &serde_json::from_str::<Value>(&text).unwrap()["methods"][5];
    assert_eq!(find["paramStructure"], "by-name");
    let names: Vec<_> = find["params"].as_array().unwrap().iter().map(|one| &one["name"]).collect();
    assert_eq!(names, ["text", "limit", "under"]);
    // One of the same name takes its place.
    let twice = Document::new().function::<(), u8>("it").function::<(), bool>("it").to_string();
    assert!(twice.contains("boolean") && !twice.contains("integer"));
}

#[test]
fn what_is_added_later_replaces_what_has_its_name() {
    let names = |document: &Value| {
        let methods = document["methods"].as_array().unwrap().iter();
        methods.map(|method| method["name"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    let interface = document(Document::new().interface::<AllClient>());
    let of_interface = names(&interface);
    assert_eq!(of_interface.iter().filter(|name| *name == "docs.all.add").count(), 1);

    let by_function =
        document(Document::new().interface::<AllClient>().function::<(), Query>("docs.all.add"));
    let mut expected = of_interface.clone();
    expected.retain(|name| name != "docs.all.add");
    expected.push("docs.all.add".into());
    assert_eq!(names(&by_function), expected);
    let last = by_function["methods"].as_array().unwrap().last().unwrap();
    assert_eq!(last["result"]["schema"], json!({ "$ref": "#/components/schemas/Query" }));
    // The rest of the interface says what it is of.
    assert_eq!(by_function["info"], interface["info"]);

    let by_interface = document(
        Document::new()
            .function::<(), u8>("a")
            .function::<(), Query>("docs.all.add")
            .interface::<AllClient>(),
    );
    assert_eq!(names(&by_interface)[..2], ["a", of_interface[0].as_str()]);
    assert_eq!(names(&by_interface)[1..], of_interface);
}
