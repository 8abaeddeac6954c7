//! What each kind of type becomes.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    net::IpAddr,
    path::PathBuf,
    time::{Duration, SystemTime},
};

use serde_json::Value;

use super::{declared, received, sent};
use crate::{Bytes, ipc_type};

#[test]
fn scalars_are_what_json_has_for_them() {
    assert_eq!(received::<bool>(), "boolean");
    for text in [received::<String>(), received::<char>(), received::<PathBuf>()] {
        assert_eq!(text, "string");
    }
    assert_eq!(received::<IpAddr>(), "string");
    for number in [received::<u8>(), received::<i32>(), received::<f64>(), received::<u64>()] {
        assert_eq!(number, "number");
    }
    assert_eq!(received::<u128>(), "bigint");
    assert_eq!(received::<Value>(), "$.JsonValue");
    assert_eq!(received::<()>(), "null");
}

#[test]
fn bytes_are_bytes_and_lists_of_numbers_are_lists() {
    assert_eq!((received::<Bytes>(), sent::<Bytes>()), ("$.Bytes".into(), "$.Bytes".into()));
    assert_eq!(received::<Vec<u8>>(), "number[]");
}

#[test]
fn collections_are_arrays_tuples_and_objects() {
    assert_eq!(received::<Vec<String>>(), "string[]");
    assert_eq!(received::<BTreeSet<u8>>(), "number[]");
    assert_eq!(received::<[bool; 3]>(), "[boolean, boolean, boolean]");
    assert_eq!(received::<[u8; 32]>(), "number[]");
    assert_eq!(received::<(u8, String)>(), "[number, string]");
    assert_eq!(received::<HashMap<String, Vec<u8>>>(), "{ [key: string]: number[] }");
    assert_eq!(received::<BTreeMap<u64, bool>>(), "{ [key: string]: boolean }");
}

#[test]
fn options_are_null_and_have_brackets_where_they_need_them() {
    assert_eq!(received::<Option<u8>>(), "number | null");
    assert_eq!(received::<Vec<Option<u8>>>(), "(number | null)[]");
    assert_eq!(received::<Option<Vec<u8>>>(), "number[] | null");
    assert_eq!(received::<HashMap<String, Option<u8>>>(), "{ [key: string]: number | null }");
    assert_eq!(received::<Option<Value>>(), "$.JsonValue | null");
}

#[test]
fn times_are_what_serde_writes() {
    assert_eq!(received::<Duration>(), "{ secs: number; nanos: number }");
    assert_eq!(received::<SystemTime>(), "{ secs_since_epoch: number; nanos_since_epoch: number }");
}

#[ipc_type]
struct Query {
    text: String,
    #[serde(default)]
    limit: u32,
    under: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    note: Option<String>,
}

#[test]
fn what_may_be_left_out_differs_by_direction() {
    assert_eq!((sent::<Query>(), received::<Query>()), ("QueryInput".into(), "Query".into()));
    assert_eq!(
        declared::<Query>(),
        "
export interface QueryInput {
  text: string;
  limit?: number;
  under?: string | null;
  note?: string | null;
}

export interface Query {
  text: string;
  limit: number;
  under: string | null;
  note?: string | null;
}
"
    );
}

#[ipc_type]
struct Point {
    x: f32,
}

#[ipc_type]
struct Held {
    at: Point,
    query: Query,
}

#[test]
fn what_holds_two_forms_has_two_and_what_does_not_has_one() {
    assert_eq!((sent::<Point>(), received::<Point>()), ("Point".into(), "Point".into()));
    assert_eq!((sent::<Held>(), received::<Held>()), ("HeldInput".into(), "Held".into()));
    assert!(declared::<Held>().contains("  at: Point;\n  query: QueryInput;\n"));
}

#[ipc_type]
#[serde(rename_all = "camelCase")]
struct Renamed {
    #[serde(rename(serialize = "out", deserialize = "in"))]
    path: String,
    max_depth: u8,
    #[serde(rename = "a-b")]
    dashed: u8,
}

#[test]
fn names_are_those_on_the_wire() {
    assert_eq!(
        declared::<Renamed>(),
        "
export interface RenamedInput {
  in: string;
  maxDepth: number;
  \"a-b\": number;
}

export interface Renamed {
  out: string;
  maxDepth: number;
  \"a-b\": number;
}
"
    );
}

#[ipc_type]
struct Marker;

#[ipc_type]
struct Id(u32);

#[ipc_type]
struct Pair(u8, #[serde(default)] Option<bool>);

#[test]
fn structs_without_names_for_their_fields_are_what_they_hold() {
    assert_eq!(declared::<Marker>(), "\nexport type Marker = null;\n");
    assert_eq!(declared::<Id>(), "\nexport type Id = number;\n");
    assert_eq!(
        declared::<Pair>(),
        "\nexport type PairInput = [number, (boolean | null)?];\n\nexport type Pair = [number, boolean | null];\n"
    );
}

#[ipc_type]
enum Plain {
    Unit,
    New(u8),
    Struct { a: bool },
}

#[ipc_type]
#[serde(tag = "kind", rename_all = "lowercase")]
enum Internal {
    Unit,
    New(Point),
    Struct { a: bool },
}

#[ipc_type]
#[serde(tag = "t", content = "c")]
enum Adjacent {
    New(Point),
    Maybe(Option<u8>),
    Unit,
}

#[test]
fn enums_are_unions_by_their_tags() {
    assert_eq!(
        declared::<Plain>(),
        "\nexport type Plain = \"Unit\" | { New: number } | { Struct: { a: boolean } };\n"
    );
    assert!(declared::<Internal>().starts_with(
        "
export type Internal =
  | { kind: \"unit\" }
  | ({ kind: \"new\" } & Point)
  | { kind: \"struct\"; a: boolean };
"
    ));
    let adjacent = declared::<Adjacent>();
    assert!(adjacent.contains(
        "export type AdjacentInput =
  | { t: \"New\"; c: Point }
  | { t: \"Maybe\"; c?: number | null }
  | { t: \"Unit\" };
"
    ));
    assert!(adjacent.contains("| { t: \"Maybe\"; c: number | null }"));
}

#[ipc_type]
#[serde(untagged)]
enum Anything {
    Number(u64),
    Raw(Bytes),
    File(File),
    Point(Point),
    Nothing,
}

#[ipc_type]
struct File {
    size: u64,
}

#[test]
fn what_is_in_an_untagged_enum_stays_as_it_is_on_the_wire() {
    assert_eq!(
        declared::<Anything>(),
        "
export type AnythingInput = number | bigint | string | FileRaw | Point | null;

export interface FileRaw {
  size: number | bigint;
}

export interface Point {
  x: number;
}

export type Anything = number | bigint | string | $.Bytes | FileRaw | Point | null;
"
    );
}

#[ipc_type]
struct Outer {
    a: u8,
    #[serde(flatten)]
    point: Point,
    #[serde(flatten)]
    kind: Internal,
    b: u8,
}

#[ipc_type]
struct Merged {
    #[serde(flatten)]
    point: Option<Point>,
    b: u8,
}

#[ipc_type]
struct Open {
    b: u8,
    #[serde(flatten)]
    rest: HashMap<String, u8>,
}

#[test]
fn flattened_structs_are_merged_and_flattened_enums_intersected() {
    let outer = declared::<Outer>();
    let text = "\nexport type Outer = { a: number; x: number; b: number } & Internal;\n";
    assert!(outer.contains(text), "{outer}");
    let text = "\nexport interface Merged {\n  x?: number;\n  b: number;\n}\n";
    assert_eq!(declared::<Merged>(), text);
    let text = "\nexport interface Open {\n  b: number;\n  [key: string]: number;\n}\n";
    assert_eq!(declared::<Open>(), text);
}

#[ipc_type]
#[serde(tag = "type")]
struct Tagged {
    a: u8,
}

#[ipc_type]
#[serde(from = "u8", into = "u8")]
#[derive(Clone)]
struct Percent(f64);

impl From<u8> for Percent {
    fn from(percent: u8) -> Self {
        Self(f64::from(percent) / 100.0)
    }
}

impl From<Percent> for u8 {
    fn from(of: Percent) -> Self {
        (of.0 * 100.0) as u8
    }
}

#[test]
fn tags_of_structs_and_conversions_are_what_travels() {
    assert!(declared::<Tagged>().contains("type: \"Tagged\";\n  a: number;"));
    assert_eq!(declared::<Percent>(), "\nexport type Percent = number;\n");
}

#[derive(serde::Serialize, serde::Deserialize)]
struct Elsewhere;

#[ipc_type]
struct Foreign {
    it: Elsewhere,
    maybe: Option<Elsewhere>,
    #[ipc(as = "String")]
    told: Elsewhere,
}

#[test]
fn what_nothing_is_known_of_is_unknown_and_never_a_guess() {
    let text = declared::<Foreign>();
    assert!(text.contains("  it: unknown;\n"), "{text}");
    assert!(text.contains("  told: string;\n"), "{text}");
    assert!(text.contains("maybe?: unknown;\n") && text.contains("maybe: unknown;\n"), "{text}");
}

#[ipc_type]
struct Tree {
    value: u8,
    children: Vec<Tree>,
    up: Option<Box<Tree>>,
}

#[test]
fn types_that_contain_themselves_end() {
    assert_eq!(
        declared::<Tree>(),
        "
export interface TreeInput {
  value: number;
  children: TreeInput[];
  up?: TreeInput | null;
}

export interface Tree {
  value: number;
  children: Tree[];
  up: Tree | null;
}
"
    );
}

#[ipc_type]
#[serde(rename_all = "snake_case")]
enum External {
    Unit,
    New(u8),
}

#[ipc_type]
struct Around {
    #[serde(flatten)]
    of: External,
}

#[ipc_type]
struct Nothing;

#[ipc_type]
#[serde(tag = "kind")]
enum Beside {
    Map(BTreeMap<String, u8>),
    Nothing(Nothing),
    External(External),
    Open(AnyMembers),
}

#[ipc_type]
struct AnyMembers {
    id: Option<u64>,
    #[serde(flatten)]
    rest: HashMap<String, bool>,
}

#[test]
fn a_flattened_enum_has_a_member_for_what_has_no_content() {
    let text = declared::<Around>();
    assert!(text.contains("export type Around = { unit: null } | { new: number };"), "{text}");
}

#[test]
fn the_members_of_a_flattened_map_are_of_all_types_there_are() {
    let text = declared::<AnyMembers>();
    let expected = "export interface AnyMembers {\n  id: number | null;\n  [key: string]: boolean | \
                    number | null;\n}";
    assert!(text.contains(expected), "{text}");
    let expected = "export interface AnyMembersInput {\n  id?: number | null;\n  [key: string]: \
                    boolean | number | null | undefined;\n}";
    assert!(text.contains(expected), "{text}");
}

#[test]
fn what_has_other_members_than_its_own_is_merged_with_its_tag() {
    let text = declared::<Beside>();
    for line in [
        "{ kind: \"Map\"; [key: string]: number | \"Map\" }",
        "| { kind: \"Nothing\" }",
        "({ kind: \"External\" } & ({ unit: null } | { new: number }))",
        "{ kind: \"Open\"; id: number | null; [key: string]: boolean | \"Open\" | number | null }",
    ] {
        assert!(text.contains(line), "{line} in {text}");
    }
}

#[ipc_type]
#[serde(tag = "type")]
enum Attributes {
    None,
    Numbers(BTreeMap<String, u8>),
}

#[ipc_type]
#[serde(tag = "kind")]
enum TagAround {
    Plain,
    With(Attributes),
}

#[test]
fn a_map_in_an_enum_with_tags_in_another_one_takes_neither_tag() {
    let text = declared::<TagAround>();
    assert!(text.contains(r#"{ kind: "With"; type: "None" }"#), "{text}");
    let with_map =
        r#"{ kind: "With"; type: "Numbers"; [key: string]: number | "With" | "Numbers" }"#;
    assert!(text.contains(with_map), "{text}");
}
