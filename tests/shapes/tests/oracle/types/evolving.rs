//! Types in their versions: what becomes of one when it is edited.

use std::collections::{BTreeMap, BTreeSet};

use ipc_runtime::Bytes;

use crate::sample::{Sample, fixture};

mod functions {
    pub(super) use super::super::converted::as_text::{deserialize, serialize};
}

fixture! {
    // Fields.
    struct Base { a: u8, b: String }
    struct Added { a: u8, b: String, c: u8 }
    struct AddedOption { a: u8, b: String, c: Option<u8> }
    struct AddedDefault { a: u8, b: String, #[serde(default)] c: u8 }
    struct AddedDefaults { a: u8, b: String, #[serde(default)] c: u8, d: Option<String> }
    #[serde(deny_unknown_fields)] struct Strict { a: u8, b: String }
    #[serde(deny_unknown_fields)] struct StrictAddedOption { a: u8, b: String, c: Option<u8> }
    struct Renamed { a: u8, x: String }
    struct RenamedWithAlias { a: u8, #[serde(alias = "b")] x: String }
    struct BaseWithAlias { a: u8, #[serde(alias = "x")] b: String }
    struct Defaulted { a: u8, #[serde(default)] b: String }
    struct Optional { a: u8, b: Option<String> }
    struct OptionalDefaulted { a: u8, #[serde(default)] b: Option<String> }
    struct Omitted { a: u8, #[serde(skip_serializing_if = "String::is_empty")] b: String }
    struct OmittedDefault { a: u8, #[serde(default, skip_serializing_if = "String::is_empty")] b: String }
    struct OmittedOption { a: u8, #[serde(skip_serializing_if = "Option::is_none")] b: Option<String> }
    struct Skipped { a: u8, #[serde(skip)] b: String }
    struct NeverSent { a: u8, #[serde(default, skip_serializing)] b: String }
    struct NeverRead { a: u8, #[serde(skip_deserializing)] b: String }
    struct Reordered { b: String, a: u8 }
    #[serde(rename_all = "UPPERCASE")] struct Loud { a: u8, b: String }
    struct OneOfTwo { a: u8, b: String, #[serde(default, alias = "c")] d: u8 }
    struct BothOfTwo { a: u8, b: String, c: u8, d: u8 }
    #[serde(tag = "type")] struct TaggedStruct { a: u8, b: String }

    // Flattened structs.
    struct Inner { b: String }
    struct InnerWide { b: String, w: u128 }
    struct InnerKeys { b: String, w: BTreeMap<u8, String> }
    struct Flat { a: u8, #[serde(flatten)] rest: Inner }
    struct FlatAdded { a: u8, #[serde(flatten)] rest: AddedInner }
    struct AddedInner { b: String, c: Option<u8> }
    struct Wide { a: u8, b: String, w: u128 }
    struct FlatWide { a: u8, #[serde(flatten)] rest: InnerWide }
    struct Keys { a: u8, b: String, w: BTreeMap<u8, String> }
    struct FlatKeys { a: u8, #[serde(flatten)] rest: InnerKeys }
    struct FlatMap { a: u8, b: String, #[serde(flatten)] rest: BTreeMap<String, u8> }
    struct FlatMapAdded { a: u8, b: String, c: Option<String>, #[serde(flatten)] rest: BTreeMap<String, u8> }

    // Variants.
    enum Choice { A, B(u8), C { x: u8 } }
    enum ChoiceAdded { A, B(u8), C { x: u8 }, D }
    enum ChoiceRenamed { A, X(u8), C { x: u8 } }
    enum ChoiceWithAlias { A, #[serde(alias = "B")] X(u8), C { x: u8 } }
    enum ChoiceKnowsBoth { A, #[serde(alias = "X")] B(u8), C { x: u8 } }
    enum ChoiceOfUnit { A(()), B(u8), C { x: u8 } }
    enum ChoiceOfTuple { A, B(u8, u8), C { x: u8 } }
    enum ChoiceWide { A, B(u16), C { x: u8 } }
    enum ChoiceField { A, B(u8), C { x: u8, y: Option<u8> } }
    enum ChoiceReordered { C { x: u8 }, B(u8), A }
    #[serde(deny_unknown_fields)] enum StrictChoice { A, B(u8), C { x: u8 } }
    #[serde(tag = "t")] enum Internal { A, C { x: u8 } }
    #[serde(tag = "t")] enum InternalAdded { A, C { x: u8 }, D { y: u8 } }
    #[serde(tag = "t")] enum InternalOther { A, C { x: u8 }, #[serde(other)] Else }
    #[serde(tag = "kind")] enum InternalKind { A, C { x: u8 } }
    #[serde(tag = "t", content = "c")] enum Adjacent { A, C { x: u8 } }
    #[serde(tag = "t", content = "d")] enum AdjacentContent { A, C { x: u8 } }
    #[serde(tag = "t", content = "c")] enum AdjacentOther { A, C { x: u8 }, #[serde(other)] Else }
    #[serde(tag = "t", content = "c")] enum AdjacentUnit { A, C { x: u8 }, D }
    #[serde(tag = "t", content = "c")] enum AdjacentAdded { A, C { x: u8 }, D { y: u8 } }
    #[serde(untagged)] enum Untagged { A(u8), C { x: u8 } }
    #[serde(untagged)] enum UntaggedAppended { A(u8), C { x: u8 }, D(String) }
    #[serde(untagged)] enum UntaggedBefore { D(String), A(u8), C { x: u8 } }
    #[serde(untagged)] enum UntaggedWide { A(u16), C { x: u8 } }
    enum Partly { A, #[serde(untagged)] Else(String) }
    enum PartlyAdded { A, B(u8), #[serde(untagged)] Else(String) }

    // Within others.
    struct Outer { one: Base, many: Vec<Base>, maybe: Option<Base>, map: BTreeMap<String, Base>, choice: Choice }
    struct OuterAdded { one: AddedOption, many: Vec<AddedOption>, maybe: Option<AddedOption>, map: BTreeMap<String, AddedOption>, choice: Choice }
    struct OuterBroken { one: Base, many: Vec<Base>, maybe: Option<Base>, map: BTreeMap<String, Base>, choice: ChoiceAdded }
    struct Tree { name: String, children: Vec<Tree> }
    struct TreeAdded { name: String, size: Option<u8>, children: Vec<TreeAdded> }
    struct TreeWide { name: u16, children: Vec<TreeWide> }
    struct TreeNarrow { name: u8, children: Vec<TreeNarrow> }

    // What isn't a change.
    struct Wrapped(Base);
    #[serde(transparent)] struct Transparent { only: Base }
    struct Boxed { a: Box<u8>, b: Box<str> }

    // Single fields of many types, for those that are one.
    struct OfPath { v: std::path::PathBuf }
    struct OfText { v: String }
    struct OfChar { v: char }
    struct OfBytes { v: Bytes }
    struct OfOctets { v: Vec<u8> }
    struct OfArray { v: [u8; 3] }
    struct OfSet { v: BTreeSet<u8> }
    struct OfWith { #[serde(with = "functions")] v: u64 }
    struct OfNumber { v: u64 }

    type BTreeMap<u8, u8>;
    type BTreeMap<u16, u8>;
    type BTreeMap<String, u16>;
    type (u8, u8, u8);
    type std::collections::HashSet<u8>;
    type Vec<u16>;
    type [u8; 4];
    type f32;
    type char;
    type Bytes;
}
