//! Types as data.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    num::NonZeroI16,
};

use super::{data, declared};
use crate::{
    Bytes, Stream, Streaming, ipc_interface, ipc_type,
    store::key::Key,
    typescript::{Bindings, Integers},
};

#[test]
fn words_tell_ranges_and_what_an_integer_is() {
    assert_eq!(
        data::<(bool, String, char, f32)>(),
        r#"{ t: ["boolean", "string", "char", "number"] }"#
    );
    assert_eq!(data::<(u8, i32, u64, u128)>(), r#"{ t: ["u8", "i32", "u64", "u128n"] }"#);
    assert_eq!(data::<NonZeroI16>(), r#""i16!""#);
    assert_eq!(data::<(Bytes, serde_json::Value)>(), r#"{ t: ["bytes", "json"] }"#);
    for (integers, word) in [(Integers::BigInt, "i64n"), (Integers::String, "i64s")] {
        let text = Bindings::new().checkable().integers(integers).key(&Key::<i64>::new("it"));
        assert!(text.to_string().ends_with(&format!("    [It, \"{word}\"],\n  ],\n}};\n")));
    }
}

#[ipc_type]
#[derive(PartialEq, Eq, Hash, PartialOrd, Ord)]
enum Side {
    Left,
    Right,
}

#[test]
fn lists_have_their_length_and_maps_their_keys() {
    assert_eq!(data::<Vec<Option<u8>>>(), r#"{ a: ["u8", "null"] }"#);
    assert_eq!(data::<BTreeSet<u8>>(), r#"{ a: "u8" }"#);
    assert_eq!(data::<[u8; 3]>(), r#"{ a: "u8", n: 3 }"#);
    assert_eq!(data::<[u8; 32]>(), r#"{ a: "u8", n: 32 }"#);
    assert_eq!(data::<HashMap<String, bool>>(), r#"{ m: "boolean" }"#);
    assert_eq!(data::<BTreeMap<u64, bool>>(), r#"{ m: "boolean", k: "u64s" }"#);
    assert_eq!(data::<BTreeMap<char, bool>>(), r#"{ m: "boolean", k: "char" }"#);
    assert_eq!(data::<BTreeMap<Side, bool>>(), r#"{ m: "boolean", k: ["'Left", "'Right"] }"#);
}

#[ipc_type]
#[serde(deny_unknown_fields)]
struct Strict {
    text: String,
    #[serde(default)]
    limit: u32,
    next: Option<Box<Strict>>,
}

#[ipc_type]
struct Loose {
    text: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    note: Option<String>,
    #[serde(flatten)]
    more: BTreeMap<String, u8>,
}

#[test]
fn objects_tell_what_may_be_missing_and_what_else_may_be_there() {
    assert_eq!(data::<Strict>(), r##""#Strict""##);
    assert_eq!(
        tables::<Strict>(),
        r##"    Strict: { s: { text: "string", limit: "u32", next: ["#Strict", "null"] } },
    StrictInput: { s: { text: "string" }, o: { limit: "u32", next: ["#StrictInput", "null"] }, x: 1 },
"##
    );
    assert_eq!(
        tables::<Loose>(),
        r#"    Loose: { s: { text: "string" }, o: { note: ["string", "null"] }, m: "u8" },
"#
    );
}

#[ipc_type]
#[serde(deny_unknown_fields)]
struct Same {
    text: String,
}

#[test]
fn what_is_one_type_in_typescript_may_be_checked_as_two() {
    assert!(!declared::<Same>().contains("SameInput"));
    assert_eq!(
        tables::<Same>(),
        r#"    Same: { s: { text: "string" } },
    "Same/Input": { s: { text: "string" }, x: 1 },
"#
    );
}

#[ipc_type]
#[derive(Debug, thiserror::Error)]
#[error("it went wrong")]
enum External {
    Unit,
    New(u8),
    Struct { a: bool },
}

#[ipc_type]
#[serde(tag = "kind")]
enum Internal {
    Unit,
    New(Same),
    Struct { a: bool },
}

#[ipc_type]
#[serde(tag = "t", content = "c")]
enum Adjacent {
    Unit,
    New(u8),
}

#[ipc_type]
#[serde(untagged)]
enum Untagged {
    Wide(u64),
    Bytes(Bytes),
}

#[ipc_type]
struct Flat {
    own: u8,
    #[serde(flatten)]
    kind: Option<Internal>,
}

#[test]
fn enums_are_unions_of_what_is_on_the_wire() {
    let cases = [
        (
            tables::<External>(),
            r#"External: ["'Unit", { s: { New: "u8" }, x: 1 }, { s: { Struct: { s: { a: "boolean" } } }, x: 1 }],"#,
        ),
        (
            tables::<Internal>(),
            r##"Internal: [{ s: { kind: "'Unit" } }, { z: [{ s: { kind: "'New" } }, "#Same"] }, { s: { kind: "'Struct", a: "boolean" } }],"##,
        ),
        (
            tables::<Adjacent>(),
            r#"Adjacent: [{ s: { t: "'Unit" } }, { s: { t: "'New", c: "u8" } }],"#,
        ),
        (tables::<Untagged>(), r#"Untagged: ["u64n", "u64", "string", "bytes"],"#),
        (
            tables::<Flat>(),
            r##"Flat: { z: [{ s: { own: "u8" } }, ["#Internal", { o: { kind: [] } }]] },"##,
        ),
    ];
    for (table, line) in cases {
        assert!(table.contains(&format!("    {line}\n")), "{table}");
    }
}

#[ipc_interface(channel = "test.data", version = "1.0.0")]
trait Mixed {
    async fn add(&self, file: Streaming<Bytes>, name: &str) -> Result<u8, External>;
    #[ipc(notification)]
    fn log(&self, line: String);
    #[ipc(subscription)]
    async fn changed(&self) -> Result<impl Stream<Item = Result<bool, String>>, External>;
}

#[test]
fn all_types_are_in_one_constant_if_it_is_asked_for() {
    let plain = Bindings::new()
        .interface::<MixedClient>()
        .function::<(u8,), Result<u8, String>>("half")
        .event::<(bool,)>("shown")
        .key(&Key::<Option<u8>>::new("zoom"));
    let checkable = plain.clone().checkable().to_string();
    let plain = plain.to_string();
    assert!(!plain.contains("$Types"));
    assert_eq!(
        checkable.strip_prefix(&plain),
        Some(
            r##"
export const $Types: $.Types = {
  types: {
    External: ["'Unit", { s: { New: "u8" }, x: 1 }, { s: { Struct: { s: { a: "boolean" } } }, x: 1 }],
  },
  interfaces: [
    [Mixed, {
      add: { a: [{ stream: "bytes" }, "string"], r: "u8", e: "#External" },
      log: { a: ["string"] },
      changed: { r: "boolean", e: "#External", x: "string" },
    }],
    [Functions, {
      half: { a: ["u8"], r: "u8", e: "string" },
    }],
  ],
  events: [
    [Events, {
      shown: { a: ["boolean"] },
    }],
  ],
  keys: [
    [Zoom, ["u8", "null"]],
  ],
};
"##
        )
    );
}

/// The types that are named, in both directions.
fn tables<T: crate::shape::ipc_type::IpcType>() -> String {
    let text = Bindings::new().checkable().function::<(T,), T>("it").to_string();
    let (_, types) = text.split_once("  types: {\n").unwrap();
    types.split_once("  },\n").unwrap().0.to_owned()
}
