//! Flattened fields.

use std::collections::{BTreeMap, HashMap};

use crate::sample::{Sample, fixture};

fixture! {
    #[derive(Default)] struct Part { a: u8, #[serde(alias = "bee")] b: Option<bool> }
    struct AllOptional { p: Option<u8>, #[serde(default)] q: u8 }
    #[serde(deny_unknown_fields)] struct StrictPart { s: u8 }
    struct NewtypePart(Part);
    #[serde(transparent)] struct TransparentPart { it: Part }
    struct UnitPart;
    #[serde(tag = "type")] struct TaggedPart { x: u8 }

    struct OfStruct { before: u8, #[serde(flatten)] part: Part, after: u8 }
    struct OfTwo { #[serde(flatten)] part: Part, #[serde(flatten)] other: AllOptional }
    struct OfStrict { #[serde(flatten)] part: StrictPart }
    struct OfNewtype { #[serde(flatten)] part: NewtypePart, c: u8 }
    struct OfTransparent { #[serde(flatten)] part: TransparentPart }
    struct OfUnit { a: u8, #[serde(flatten)] unit: UnitPart, #[serde(flatten)] nothing: () }
    struct OfTagged { #[serde(flatten)] part: TaggedPart }
    struct OfOption { a: u8, #[serde(flatten)] part: Option<StrictPart> }
    struct OfOptionOfOptional { #[serde(flatten)] part: Option<AllOptional>, z: u8 }
    struct OfBox { #[serde(flatten)] part: Box<Part> }
    struct OfMap { a: u8, #[serde(flatten)] rest: BTreeMap<String, u8> }
    struct OfAnyMap { a: u8, #[serde(flatten)] rest: HashMap<String, serde_json::Value> }
    struct OfNumberMap { #[serde(flatten)] rest: BTreeMap<u8, bool> }
    struct OfOptionMap { a: Option<u8>, #[serde(flatten)] rest: Option<BTreeMap<String, bool>> }
    struct OfAny { a: u8, #[serde(flatten)] rest: serde_json::Map<String, serde_json::Value> }
    struct MapThenStruct { #[serde(flatten)] rest: BTreeMap<String, serde_json::Value>, #[serde(flatten)] part: Part }
    struct StructThenMap { #[serde(flatten)] part: Part, #[serde(flatten)] rest: BTreeMap<String, u8> }
    struct Deep { #[serde(flatten)] inner: OfStruct, z: u8 }
    struct DeepMap { #[serde(flatten)] inner: OfMap, b: u8 }

    #[serde(deny_unknown_fields)] struct StrictOfStruct { a0: u8, #[serde(flatten)] part: Part }
    #[serde(deny_unknown_fields)] struct StrictOfOption { a0: u8, #[serde(flatten)] part: Option<StrictPart> }
    #[serde(deny_unknown_fields)] struct StrictOfMap { a0: u8, #[serde(flatten)] rest: BTreeMap<String, u8> }
    #[serde(deny_unknown_fields)] struct StrictOfDeep { #[serde(flatten)] inner: OfStruct }
    #[serde(deny_unknown_fields)] struct StrictOfExternal { #[serde(flatten)] of: External }
    #[serde(deny_unknown_fields)] struct StrictOfInternal { #[serde(flatten)] of: Internal }
    #[serde(deny_unknown_fields)] struct StrictOfAdjacent { #[serde(flatten)] of: Adjacent }
    #[serde(deny_unknown_fields)] struct StrictInner { #[serde(flatten)] part: Part, i: u8 }
    struct OfStrictInner { #[serde(flatten)] inner: StrictInner, o: u8 }

    enum External { Unit, Newtype(u8), Pair(u8, bool), Struct { x: u8 }, #[serde(other)] Other }
    #[serde(tag = "kind")] enum Internal { Unit, Newtype(Part), Struct { x: u8 } }
    #[serde(tag = "t", content = "c")] enum Adjacent { Unit, Newtype(u8), Option(Option<u8>), Struct { x: u8 } }
    #[serde(untagged)] enum Untagged { A { x: u8 }, B { y: bool }, C(Part) }
    enum Aliased { #[serde(alias = "two")] One(u8), #[serde(rename(serialize = "out", deserialize = "in"))] Way(u8) }
    struct OfExternal { z: u8, #[serde(flatten)] of: External }
    struct OfInternal { z: u8, #[serde(flatten)] of: Internal }
    struct OfAdjacent { z: u8, #[serde(flatten)] of: Adjacent }
    struct OfUntagged { z: u8, #[serde(flatten)] of: Untagged }
    struct OfAliased { #[serde(flatten)] of: Aliased }
    struct OfOptionEnum { z: u8, #[serde(flatten)] of: Option<Internal> }
    struct OfOptionExternal { z: u8, #[serde(flatten)] of: Option<External> }
    struct OfOptionAdjacent { z: u8, #[serde(flatten)] of: Option<Adjacent> }

    enum InVariant { A { z: u8, #[serde(flatten)] part: Part }, B { #[serde(flatten)] rest: BTreeMap<String, u8> } }
    #[serde(tag = "kind")] enum InInternal { A { #[serde(flatten)] part: Part }, B { #[serde(flatten)] of: External, z: u8 } }
    #[serde(tag = "t", content = "c")] enum InAdjacent { A { #[serde(flatten)] part: Part } }
    #[serde(untagged)] enum InUntagged { A { #[serde(flatten)] part: Part }, B { #[serde(flatten)] rest: BTreeMap<String, bool> } }
    #[serde(deny_unknown_fields)] enum StrictInVariant { A { z: u8, #[serde(flatten)] part: Part } }

    struct Defaulted { #[serde(flatten, default)] part: Part, z: u8 }
    #[serde(default)] #[derive(Default)] struct ContainerDefaulted { #[serde(flatten)] part: DefaultPart, z: u8 }
    #[derive(Default)] struct DefaultPart { a: u8 }
    struct Omitted { #[serde(flatten, skip_serializing_if = "is_not")] part: Option<Part>, z: u8 }
    struct Skipped { #[serde(flatten, skip)] part: DefaultPart, #[serde(flatten, skip_deserializing)] sent: AllOptionalToo, z: u8 }
    #[derive(Default)] struct AllOptionalToo { v: Option<u8> }
    struct SkippedSerializing { #[serde(flatten, skip_serializing)] part: AllOptional, z: u8 }
    #[serde(rename_all = "camelCase")] struct RenamedAround { some_field: u8, #[serde(flatten)] part: SnakePart }
    struct SnakePart { other_field: u8 }
    #[serde(tag = "type")] struct TaggedAround { #[serde(flatten)] part: Part }
    struct Wide { #[serde(flatten)] part: WidePart }
    struct WidePart { wide: u128, narrow: u8 }
    struct Generic<T> { #[serde(flatten)] inner: T, z: u8 }
    type Generic<Part>;
    type Generic<Option<StrictPart>>;
    type Generic<BTreeMap<String, u8>>;
    struct SameNames { a: u16, #[serde(flatten)] part: Part }
}

fn is_not(part: &Option<Part>) -> bool {
    part.is_none()
}

impl Sample for serde_json::Map<String, serde_json::Value> {
    fn sample(random: &mut crate::sample::Random) -> Self {
        BTreeMap::<String, serde_json::Value>::sample(random).into_iter().collect()
    }
}
