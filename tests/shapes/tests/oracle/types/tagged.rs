//! Enums with tags inside or beside the content, and without.

use std::collections::BTreeMap;

use crate::sample::{Sample, fixture};

fixture! {
    struct Part { a: u8, b: Option<bool> }
    #[serde(deny_unknown_fields)] struct StrictPart { a: u8, b: Option<bool> }
    struct UnitPart;
    struct NewtypePart(Part);
    enum InnerEnum { Unit, Newtype(u8), Struct { x: u8 } }

    #[serde(tag = "kind")]
    enum Internal { Unit, Newtype(Part), Struct { a: u8, c: Option<u8> }, Map(BTreeMap<String, u8>), Empty {} }
    #[serde(tag = "kind")]
    enum InternalOdd { Unit(()), UnitStruct(UnitPart), Deep(NewtypePart), Inner(InnerEnum), Strict(StrictPart) }
    #[serde(tag = "kind", deny_unknown_fields)]
    enum InternalStrict { Unit, Newtype(Part), Struct { a: u8 }, Empty {} }
    #[serde(tag = "kind", rename_all = "kebab-case", rename_all_fields = "camelCase")]
    enum InternalRenamed { #[serde(alias = "x")] SomeThing { some_field: u8 }, #[serde(rename(serialize = "out", deserialize = "in"))] Way }
    #[serde(tag = "kind")]
    enum InternalOther { Known { a: u8 }, #[serde(other)] Unknown }
    #[serde(tag = "kind")]
    enum InternalSkipping {
        #[serde(skip)] Never, #[serde(skip_serializing)] OnlyRead, #[serde(skip_deserializing)] OnlySent, Both,
        Newtype(#[serde(skip)] u8),
        Fields { #[serde(skip)] a: u8, #[serde(default)] b: u8, #[serde(skip_serializing_if = "Option::is_none")] c: Option<u8> },
    }
    #[serde(tag = "kind")] enum InternalNested { Inner(Internal2), Leaf }
    #[serde(tag = "other_kind")] enum Internal2 { A { a: u8 }, B }
    #[serde(tag = "kind")] enum InternalKeys { Numbers(BTreeMap<u8, u8>), Wide { wide: u128 }, Chars(BTreeMap<char, bool>), Float { f: f32 } }
    #[serde(tag = "kind")] enum InternalRecursive { Leaf, Node { children: Vec<InternalRecursive>, next: Option<Box<Self>> } }
    #[serde(tag = "kind")] enum InternalTuple { A { pair: (u8, String), unit: (), array: [u8; 2] } }
    #[serde(tag = "kind")] enum InternalTransparent { A(TransparentPart), B(AdjacentInside), C(UntaggedInside) }
    #[serde(transparent)] struct TransparentPart { part: Part }
    #[serde(tag = "t", content = "c")] enum AdjacentInside { One, Two(u8) }
    #[serde(untagged)] enum UntaggedInside { A { a: u8 }, B { b: bool } }

    #[serde(tag = "t", content = "c")]
    enum Adjacent { Unit, Newtype(u8), Option(Option<u8>), Pair(u8, String), Struct { a: u8, b: Option<u8> }, List(Vec<u8>), Empty {}, None() }
    #[serde(tag = "t", content = "c", deny_unknown_fields)]
    enum AdjacentStrict { Unit, Newtype(Part), Struct { a: u8 } }
    #[serde(tag = "t", content = "c", rename_all = "UPPERCASE")]
    enum AdjacentOther { #[serde(alias = "known")] Known, Content(u8), #[serde(other)] Unknown }
    #[serde(tag = "t", content = "c")]
    enum AdjacentOdd { Unit(()), UnitStruct(UnitPart), Inner(InnerEnum), Deep(NewtypePart), Transparent(TransparentOption), Newtype(OptionNewtype), Tuple(u8, #[serde(default)] u8) }
    #[serde(transparent)] struct TransparentOption(Option<u8>);
    struct OptionNewtype(Option<u8>);
    #[serde(tag = "t", content = "c")]
    enum AdjacentSkipping { #[serde(skip)] Never, #[serde(skip_serializing)] OnlyRead(u8), #[serde(skip_deserializing)] OnlySent, Both, Tuple(u8, #[serde(skip)] u8), Fields { #[serde(skip)] a: u8, b: u8 } }
    #[serde(tag = "t", content = "c")] enum AdjacentKeys { Numbers(BTreeMap<i16, u8>), Wide(u128), Bools(BTreeMap<bool, u8>) }
    #[serde(tag = "t", content = "c")] enum AdjacentUnits { One, Two }
    #[serde(tag = "t", content = "c")] enum AdjacentRecursive { Leaf, Node(Vec<AdjacentRecursive>), Next(Option<Box<Self>>) }

    #[serde(untagged)] enum Untagged { Number(u8), Text(String), Pair(u8, bool), Struct { a: u8 }, Unit }
    #[serde(untagged)] enum UntaggedOrder { Small(u8), Large(i64), Float(f64), Bool(bool) }
    #[serde(untagged)] enum UntaggedStructs { Both { a: u8, b: u8 }, One { a: u8 }, Other { #[serde(alias = "z")] c: u8 } }
    #[serde(untagged, deny_unknown_fields)] enum UntaggedStrict { Both { a: u8, b: Option<u8> }, One { c: u8 }, Empty {} }
    #[serde(untagged)] enum UntaggedSkipping { #[serde(skip)] Never(u8), #[serde(skip_serializing)] OnlyRead(bool), #[serde(skip_deserializing)] OnlySent(String), Both(u8) }
    #[serde(untagged)] enum UntaggedEnums { A(InnerEnum), B(Internal2), C(AdjacentUnits) }
    #[serde(untagged)] enum UntaggedKeys { Numbers(BTreeMap<u32, u8>), Wide(i128) }
    #[serde(untagged)] enum UntaggedLists { List(Vec<u8>), Nested(Vec<Untagged>), Char(char), Array([bool; 3]) }
    #[serde(untagged)] enum UntaggedRecursive { Leaf(u8), Node(Vec<UntaggedRecursive>), Map(BTreeMap<String, UntaggedRecursive>) }
    #[serde(untagged)] enum UntaggedUnits { Skipped(#[serde(skip)] u8), Number(u8) }
    struct Holder { internal: Internal, adjacent: Option<Adjacent>, list: Vec<Untagged>, by_name: BTreeMap<String, AdjacentUnits> }
}
