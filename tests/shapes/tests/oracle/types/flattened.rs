//! Flattened fields.

use std::collections::{BTreeMap, HashMap};

use super::Leaf;
use crate::sample::{Sample, fixture};

fixture! {
    #[derive(Default)] struct Part { a: Leaf, #[serde(alias = "bee")] b: Option<bool> }
    struct AllOptional { p: Option<Leaf>, #[serde(default)] q: Leaf }
    #[serde(deny_unknown_fields)] struct StrictPart { s: Leaf }
    struct NewtypePart(Part);
    #[serde(transparent)] struct TransparentPart { it: Part }
    struct UnitPart;
    #[serde(tag = "type")] struct TaggedPart { x: Leaf }

    struct OfStruct { before: Leaf, #[serde(flatten)] part: Part, after: Leaf }
    struct OfTwo { #[serde(flatten)] part: Part, #[serde(flatten)] other: AllOptional }
    struct OfStrict { #[serde(flatten)] part: StrictPart }
    struct OfNewtype { #[serde(flatten)] part: NewtypePart, c: Leaf }
    struct OfTransparent { #[serde(flatten)] part: TransparentPart }
    struct OfUnit { a: Leaf, #[serde(flatten)] unit: UnitPart, #[serde(flatten)] nothing: () }
    struct OfTagged { #[serde(flatten)] part: TaggedPart }
    struct OfOption { a: Leaf, #[serde(flatten)] part: Option<StrictPart> }
    struct OfOptionOfOptional { #[serde(flatten)] part: Option<AllOptional>, z: Leaf }
    struct OfBox { #[serde(flatten)] part: Box<Part> }
    struct OfMap { a: Leaf, #[serde(flatten)] rest: BTreeMap<String, Leaf> }
    struct OfAnyMap { a: Leaf, #[serde(flatten)] rest: HashMap<String, serde_json::Value> }
    struct OfNumberMap { #[serde(flatten)] rest: BTreeMap<u8, bool> }
    struct OfOptionMap { a: Option<Leaf>, #[serde(flatten)] rest: Option<BTreeMap<String, bool>> }
    struct OfAny { a: Leaf, #[serde(flatten)] rest: serde_json::Map<String, serde_json::Value> }
    struct MapThenStruct { #[serde(flatten)] rest: BTreeMap<String, serde_json::Value>, #[serde(flatten)] part: Part }
    struct StructThenMap { #[serde(flatten)] part: Part, #[serde(flatten)] rest: BTreeMap<String, Leaf> }
    struct Deep { #[serde(flatten)] inner: OfStruct, z: Leaf }
    struct DeepMap { #[serde(flatten)] inner: OfMap, b: Leaf }

    #[serde(deny_unknown_fields)] struct StrictOfStruct { a0: Leaf, #[serde(flatten)] part: Part }
    #[serde(deny_unknown_fields)] struct StrictOfOption { a0: Leaf, #[serde(flatten)] part: Option<StrictPart> }
    #[serde(deny_unknown_fields)] struct StrictOfMap { a0: Leaf, #[serde(flatten)] rest: BTreeMap<String, Leaf> }
    #[serde(deny_unknown_fields)] struct StrictOfDeep { #[serde(flatten)] inner: OfStruct }
    #[serde(deny_unknown_fields)] struct StrictOfExternal { #[serde(flatten)] of: External }
    #[serde(deny_unknown_fields)] struct StrictOfInternal { #[serde(flatten)] of: Internal }
    #[serde(deny_unknown_fields)] struct StrictOfAdjacent { #[serde(flatten)] of: Adjacent }
    #[serde(deny_unknown_fields)] struct StrictInner { #[serde(flatten)] part: Part, i: Leaf }
    struct OfStrictInner { #[serde(flatten)] inner: StrictInner, o: Leaf }

    enum External { Unit, Newtype(Leaf), Pair(Leaf, bool), Struct { x: Leaf }, #[serde(other)] Other }
    #[serde(tag = "kind")] enum Internal { Unit, Newtype(Part), Struct { x: Leaf } }
    #[serde(tag = "t", content = "c")] enum Adjacent { Unit, Newtype(Leaf), Option(Option<Leaf>), Struct { x: Leaf } }
    #[serde(untagged)] enum Untagged { A { x: Leaf }, B { y: bool }, C(Part) }
    enum Aliased { #[serde(alias = "two")] One(Leaf), #[serde(rename(serialize = "out", deserialize = "in"))] Way(Leaf) }
    struct OfExternal { z: Leaf, #[serde(flatten)] of: External }
    struct OfInternal { z: Leaf, #[serde(flatten)] of: Internal }
    struct OfAdjacent { z: Leaf, #[serde(flatten)] of: Adjacent }
    struct OfUntagged { z: Leaf, #[serde(flatten)] of: Untagged }
    struct OfExternalAndMap { #[serde(flatten)] of: External, #[serde(flatten)] rest: BTreeMap<String, Leaf> }
    struct OfAliased { #[serde(flatten)] of: Aliased }
    struct OfOptionEnum { z: Leaf, #[serde(flatten)] of: Option<Internal> }
    struct OfOptionExternal { z: Leaf, #[serde(flatten)] of: Option<External> }
    struct OfOptionAdjacent { z: Leaf, #[serde(flatten)] of: Option<Adjacent> }

    enum InVariant { A { z: Leaf, #[serde(flatten)] part: Part }, B { #[serde(flatten)] rest: BTreeMap<String, Leaf> } }
    #[serde(tag = "kind")] enum InInternal { A { #[serde(flatten)] part: Part }, B { #[serde(flatten)] of: External, z: Leaf }, C { z: Leaf, #[serde(flatten)] rest: BTreeMap<String, Leaf> } }
    #[serde(tag = "t", content = "c")] enum InAdjacent { A { #[serde(flatten)] part: Part } }
    #[serde(untagged)] enum InUntagged { A { #[serde(flatten)] part: Part }, B { #[serde(flatten)] rest: BTreeMap<String, bool> } }
    #[serde(deny_unknown_fields)] enum StrictInVariant { A { z: Leaf, #[serde(flatten)] part: Part } }

    struct Defaulted { #[serde(flatten, default)] part: Part, z: Leaf }
    #[serde(default)] #[derive(Default)] struct ContainerDefaulted { #[serde(flatten)] part: DefaultPart, z: Leaf }
    #[derive(Default)] struct DefaultPart { a: Leaf }
    struct Omitted { #[serde(flatten, skip_serializing_if = "is_not")] part: Option<Part>, z: Leaf }
    struct Skipped { #[serde(flatten, skip)] part: DefaultPart, #[serde(flatten, skip_deserializing)] sent: AllOptionalToo, z: Leaf }
    #[derive(Default)] struct AllOptionalToo { v: Option<Leaf> }
    struct SkippedSerializing { #[serde(flatten, skip_serializing)] part: AllOptional, z: Leaf }
    #[serde(rename_all = "camelCase")] struct RenamedAround { some_field: Leaf, #[serde(flatten)] part: SnakePart }
    struct SnakePart { other_field: Leaf }
    #[serde(tag = "type")] struct TaggedAround { #[serde(flatten)] part: Part }
    struct Wide { #[serde(flatten)] part: WidePart }
    struct WidePart { wide: u128, narrow: Leaf }
    struct Generic<T> { #[serde(flatten)] inner: T, z: Leaf }
    type Generic<Part>;
    type Generic<Option<StrictPart>>;
    type Generic<BTreeMap<String, Leaf>>;
    struct SameNames { a: u16, #[serde(flatten)] part: Part }
}

fn is_not(part: &Option<Part>) -> bool {
    part.is_none()
}
