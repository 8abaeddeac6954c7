//! Plans: where values differ from their JSON.

use std::{
    collections::{BTreeMap, HashMap},
    time::Duration,
};

use serde_json::Value;

use super::plan;
use crate::{
    Bytes, ipc_type,
    store::key::Key,
    typescript::{Bindings, Integers},
};

#[test]
fn plans_are_for_what_json_does_not_have() {
    assert_eq!(plan::<u32>(), "");
    assert_eq!(plan::<String>(), "");
    assert_eq!(plan::<u64>(), "\"int\"");
    assert_eq!(plan::<u128>(), "\"u128\"");
    assert_eq!(plan::<Option<i128>>(), "\"i128\"");
    assert_eq!(plan::<f32>(), "\"float\"");
    assert_eq!(plan::<Bytes>(), "\"bytes\"");
    assert_eq!(plan::<Value>(), "\"json\"");
    assert_eq!(plan::<Vec<u8>>(), "");
    assert_eq!(plan::<Duration>(), "{ s: { secs: \"int\" } }");
}

#[test]
fn plans_lead_to_the_places_of_their_leaves() {
    assert_eq!(plan::<Option<Vec<u64>>>(), "{ a: \"int\" }");
    assert_eq!(plan::<(u8, u64, u8)>(), "{ t: [0, \"int\"] }");
    assert_eq!(plan::<HashMap<String, u64>>(), "{ m: \"int\" }");
    assert_eq!(plan::<BTreeMap<u64, bool>>(), "{ m: 0 }");
    assert_eq!(plan::<BTreeMap<Wide, u64>>(), "{ m: \"int\", k: \"i128\" }");
    assert_eq!(plan::<HashMap<u128, bool>>(), "{ m: 0, k: \"u128\" }");
    assert_eq!(plan::<Vec<(u8, u8)>>(), "");
}

#[ipc_type]
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Wide(i128);

#[ipc_type]
struct File {
    name: String,
    size: u64,
}

#[ipc_type]
struct Tree {
    file: File,
    children: Vec<Tree>,
}

#[ipc_type]
struct Names {
    name: String,
    children: Vec<Names>,
}

#[test]
fn named_types_have_a_constant_and_those_within_themselves_a_function() {
    assert_eq!(
        plan::<Vec<File>>(),
        "const $file: $.Plan = { s: { size: \"int\" } };\n{ a: $file }"
    );
    assert_eq!(
        plan::<Tree>(),
        "const $file: $.Plan = { s: { size: \"int\" } };\n\
         const $tree: $.Plan = { s: { file: $file, children: { a: () => $tree } } };\n$tree"
    );
    assert_eq!(plan::<Names>(), "");
}

#[ipc_type]
enum Plain {
    Unit,
    New(u64),
    Struct { a: bool, b: Bytes },
    Other(String),
}

#[ipc_type]
#[serde(tag = "kind")]
enum Internal {
    Unit,
    Struct { a: bool, b: u64 },
}

#[ipc_type]
#[serde(tag = "t", content = "c")]
enum Adjacent {
    Unit,
    New(u64),
}

#[ipc_type]
#[serde(untagged)]
enum Untagged {
    Number(u64),
    Bytes(Bytes),
}

#[ipc_type]
#[serde(untagged)]
enum UntaggedFloats {
    Number(u64),
    Within(Vec<(f32,)>),
}

#[ipc_type]
struct FloatsWithin {
    floats: UntaggedFloats,
}

#[ipc_type]
enum FloatOrNot {
    Exact(u64),
    #[serde(untagged)]
    Rough(f64),
}

#[ipc_type]
enum ExternalOrNot {
    Exact(u64),
    #[serde(untagged)]
    Rough(u32),
}

#[ipc_type]
#[serde(tag = "kind")]
enum InternalOrNot {
    Exact {
        a: u64,
    },
    #[serde(untagged)]
    List(Vec<u64>),
}

#[ipc_type]
#[serde(tag = "t", content = "c")]
enum AdjacentOrNot {
    Exact(Bytes),
    #[serde(untagged)]
    Text(String),
}

#[ipc_type]
enum UntaggedOnly {
    Exact(u8),
    #[serde(untagged)]
    Number(u64),
}

#[ipc_type]
#[serde(tag = "kind")]
enum BesideUntagged {
    Inner(ExternalOrNot),
}

#[ipc_type]
#[serde(untagged)]
enum UntaggedBytes {
    Block { block: Bytes, name: String },
    Text(String),
}

#[ipc_type]
#[serde(tag = "kind")]
enum TaggedOrNot {
    Exact {
        block: Bytes,
    },
    #[serde(untagged)]
    Rough {
        block: Bytes,
        share: f64,
    },
}

#[ipc_type]
struct Beside {
    id: u64,
    #[serde(flatten)]
    bytes: UntaggedBytes,
}

#[ipc_type]
struct BesideBoth {
    id: u64,
    #[serde(flatten)]
    either: TaggedOrNot,
}

fn of_type<T: crate::shape::IpcType>() -> String {
    let text = plan::<T>();
    let (_, text) = text.split_once(": $.Plan = ").unwrap_or_default();
    text.split_once(";\n").unwrap_or_default().0.to_owned()
}

#[test]
fn enums_have_a_plan_for_each_variant_that_needs_one() {
    assert_eq!(of_type::<Plain>(), "{ s: { New: \"int\", Struct: { s: { b: \"bytes\" } } } }");
    assert_eq!(of_type::<Internal>(), "{ i: \"kind\", v: { Struct: { s: { b: \"int\" } } } }");
    assert_eq!(of_type::<Adjacent>(), "{ i: \"t\", c: \"c\", v: { New: \"int\" } }");
    assert_eq!(of_type::<Untagged>(), "\"json\"");
}

#[test]
fn variants_without_a_tag_are_left_as_they_are() {
    assert_eq!(of_type::<ExternalOrNot>(), "{ u: 0, s: { Exact: \"int\" } }");
    assert_eq!(
        of_type::<InternalOrNot>(),
        "{ u: 0, i: \"kind\", v: { Exact: { s: { a: \"int\" } } } }"
    );
    assert_eq!(of_type::<AdjacentOrNot>(), "{ u: 0, i: \"t\", c: \"c\", v: { Exact: \"bytes\" } }");
    assert_eq!(plan::<UntaggedOnly>(), "");
    // A negative zero isn't zero.
    assert_eq!(of_type::<UntaggedFloats>(), "\"json\"");
    assert!(plan::<FloatsWithin>().contains("{ s: { floats: $untaggedFloats } }"));
    assert_eq!(of_type::<UntaggedBytes>(), "\"json\"");
    assert_eq!(of_type::<Beside>(), "{ s: { id: \"int\", block: \"json\", name: \"json\" } }");
    assert_eq!(
        of_type::<BesideBoth>(),
        "{ z: [{ s: { id: \"int\", share: \"json\" } }, { i: \"kind\", v: { Exact: { s: { block: \"bytes\" } } } }] }"
    );
    assert_eq!(of_type::<FloatOrNot>(), "{ u: \"json\", s: { Exact: \"int\" } }");
    assert_eq!(
        of_type::<BesideUntagged>(),
        "{ i: \"kind\", v: { Inner: { s: { Exact: \"int\" } } } }"
    );
}

#[ipc_type]
struct Outer {
    a: u64,
    #[serde(flatten)]
    file: File,
    #[serde(flatten)]
    kind: Internal,
}

#[ipc_type]
struct Open {
    b: u8,
    c: u64,
    #[serde(flatten)]
    rest: HashMap<String, Bytes>,
}

#[ipc_type]
struct Renamed {
    #[serde(rename(serialize = "out", deserialize = "in"))]
    size: u64,
    #[serde(rename = "__proto__")]
    proto: u64,
}

#[test]
fn what_is_flattened_stands_in_the_plan_of_the_outer() {
    assert_eq!(
        of_type::<Outer>(),
        "{ z: [{ s: { a: \"int\", size: \"int\" } }, \
         { i: \"kind\", v: { Struct: { s: { b: \"int\" } } } }] }"
    );
    assert_eq!(of_type::<Open>(), "{ s: { b: 0, c: \"int\" }, m: \"bytes\" }");
}

#[ipc_type]
struct Scores {
    own: u64,
    #[serde(flatten)]
    rest: HashMap<String, f64>,
}

#[ipc_type]
#[serde(tag = "kind")]
enum Maps {
    Bytes(HashMap<String, Bytes>),
    Struct {
        a: u64,
        #[serde(flatten)]
        rest: HashMap<String, u64>,
    },
    Named(Scores),
    File(File),
}

#[ipc_type]
#[serde(tag = "outer")]
enum MapsWithin {
    Maps(Maps),
}

#[test]
fn a_map_does_not_take_the_tag_beside_it() {
    let variants = |tags: &str| {
        format!(
            "{{ i: \"kind\", v: {{ Bytes: {{ s: {{ {tags} }}, m: \"bytes\" }}, \
             Struct: {{ s: {{ {tags}, a: \"int\" }}, m: \"int\" }}, \
             Named: {{ s: {{ {tags}, own: \"int\" }}, m: \"float\" }}, File: $file }} }}"
        )
    };
    let lines = plan::<Maps>();
    assert!(lines.contains(&format!("$maps: $.Plan = {};", variants("kind: 0"))), "{lines}");
    let inner = variants("outer: 0, kind: 0");
    let lines = plan::<MapsWithin>();
    assert!(lines.contains(&format!("= {{ i: \"outer\", v: {{ Maps: {inner} }} }};")), "{lines}");
}

#[ipc_type]
#[serde(tag = "kind")]
enum Marked {
    Struct { bytes: Bytes, a: u64 },
    Counts(HashMap<String, u64>),
}

#[ipc_type]
struct OpenAndMarked {
    a: u64,
    #[serde(flatten)]
    kind: Marked,
    #[serde(flatten)]
    rest: HashMap<String, Value>,
}

#[test]
fn a_flattened_map_does_not_take_the_members_of_a_flattened_enum() {
    assert_eq!(
        of_type::<OpenAndMarked>(),
        "{ z: [{ s: { a: \"int\", kind: 0, bytes: 0 }, m: \"json\" }, { i: \"kind\", v: { \
         Struct: { s: { bytes: \"bytes\", a: \"int\" } }, \
         Counts: { s: { a: 0, kind: 0 }, m: \"int\" } } }] }"
    );
}

#[test]
fn a_plan_has_the_names_of_both_directions() {
    assert_eq!(
        of_type::<Renamed>(),
        "{ s: { out: \"int\", [\"__proto__\"]: \"int\", in: \"int\" } }"
    );
}

#[ipc_type]
struct RenamedAndOpen {
    #[serde(rename(serialize = "out", deserialize = "in"))]
    size: u64,
    #[serde(flatten)]
    rest: HashMap<String, String>,
}

#[test]
fn an_entry_of_a_map_may_have_the_name_of_the_other_direction() {
    assert_eq!(of_type::<RenamedAndOpen>(), "{ s: { out: \"int\" }, m: 0 }");
}

/// The same type in both directions, with two plans.
#[ipc_type]
#[derive(Clone)]
#[serde(from = "f64", into = "u64")]
struct Count(u64);

impl From<f64> for Count {
    fn from(count: f64) -> Self {
        Self(count as u64)
    }
}

impl From<Count> for u64 {
    fn from(count: Count) -> Self {
        count.0
    }
}

#[ipc_type]
struct CountInput {
    a: u64,
}

#[test]
fn each_plan_has_a_constant_of_its_own() {
    let both = Bindings::new().function::<(Count, CountInput), (Count, CountInput)>("both");
    let turned = Bindings::new().function::<(CountInput, Count), (CountInput, Count)>("both");
    for (text, arguments) in [
        (both.to_string(), "[$countInput_, $countInput]"),
        (turned.to_string(), "[$countInput, $countInput_]"),
    ] {
        assert!(text.contains("const $count: $.Plan = \"int\";"), "{text}");
        assert!(text.contains("const $countInput_: $.Plan = \"float\";"), "{text}");
        assert!(text.contains("const $countInput: $.Plan = { s: { a: \"int\" } };"), "{text}");
        assert!(text.contains(&format!("a: {arguments}")), "{text}");
    }
}

#[test]
fn integers_are_what_was_asked_for() {
    let line = |integers| {
        let bindings = Bindings::new().key(&Key::<(u64, i128, u32)>::new("it"));
        let text = bindings.integers(integers).to_string();
        text.lines().last().unwrap().to_owned()
    };
    assert_eq!(
        line(Integers::Number),
        "export const It: $.StoreKey<[number, bigint, number]> = \
         { key: \"it\", p: { t: [\"int\", \"i128\"] } };"
    );
    assert_eq!(
        line(Integers::BigInt),
        "export const It: $.StoreKey<[bigint, bigint, number]> = \
         { key: \"it\", p: { t: [\"big\", \"i128\"] } };"
    );
    assert_eq!(
        line(Integers::String),
        "export const It: $.StoreKey<[string, bigint, number]> = \
         { key: \"it\", p: { t: [\"str\", \"i128\"] } };"
    );
}
