//! Enums with tags inside or beside the content, and without.

use std::collections::BTreeMap;

use super::Leaf;
use crate::sample::{Sample, fixture};

fixture! {
    struct Part { a: Leaf, b: Option<bool> }
    #[serde(deny_unknown_fields)] struct StrictPart { a: Leaf, b: Option<bool> }
    struct UnitPart;
    struct NewtypePart(Part);
    enum InnerEnum { Unit, Newtype(Leaf), Struct { x: Leaf } }

    #[serde(tag = "kind")]
    enum Internal { Unit, Newtype(Part), Struct { a: Leaf, c: Option<Leaf> }, Map(BTreeMap<String, Leaf>), Empty {} }
    #[serde(tag = "kind")]
    enum InternalOdd { Unit(()), UnitStruct(UnitPart), Deep(NewtypePart), Inner(InnerEnum), Strict(StrictPart) }
    #[serde(tag = "kind", deny_unknown_fields)]
    enum InternalStrict { Unit, Newtype(Part), Struct { a: Leaf }, Empty {} }
    #[serde(tag = "kind", rename_all = "kebab-case", rename_all_fields = "camelCase")]
    enum InternalRenamed { #[serde(alias = "x")] SomeThing { some_field: Leaf }, #[serde(rename(serialize = "out", deserialize = "in"))] Way }
    #[serde(tag = "kind")]
    enum InternalOther { Known { a: Leaf }, #[serde(other)] Unknown }
    #[serde(tag = "kind")]
    enum InternalSkipping {
        #[serde(skip)] Never, #[serde(skip_serializing)] OnlyRead, #[serde(skip_deserializing)] OnlySent, Both,
        Newtype(#[serde(skip)] Leaf),
        Fields { #[serde(skip)] a: Leaf, #[serde(default)] b: Leaf, #[serde(skip_serializing_if = "Option::is_none")] c: Option<Leaf> },
    }
    #[serde(tag = "kind")] enum InternalNested { Inner(Internal2), Leaf }
    #[serde(tag = "other_kind")] enum Internal2 { A { a: Leaf }, B }
    #[serde(tag = "kind")] enum InternalKeys { Numbers(BTreeMap<u8, Leaf>), Wide { wide: u128 }, Chars(BTreeMap<char, bool>), Float { f: f32 } }
    #[serde(tag = "kind")] enum InternalRecursive { Leaf, Node { children: Vec<InternalRecursive>, next: Option<Box<Self>> } }
    #[serde(tag = "kind")] enum InternalTuple { A { pair: (Leaf, String), unit: (), array: [Leaf; 2] } }
    #[serde(tag = "kind")] enum InternalTransparent { A(TransparentPart), B(AdjacentInside), C(UntaggedInside) }
    #[serde(transparent)] struct TransparentPart { part: Part }
    #[serde(tag = "t", content = "c")] enum AdjacentInside { One, Two(Leaf) }
    #[serde(untagged)] enum UntaggedInside { A { a: Leaf }, B { b: bool } }

    #[serde(tag = "t", content = "c")]
    enum Adjacent { Unit, Newtype(Leaf), Option(Option<Leaf>), Pair(Leaf, String), Struct { a: Leaf, b: Option<Leaf> }, List(Vec<Leaf>), Empty {}, None() }
    #[serde(tag = "t", content = "c", deny_unknown_fields)]
    enum AdjacentStrict { Unit, Newtype(Part), Struct { a: Leaf } }
    #[serde(tag = "t", content = "c", rename_all = "UPPERCASE")]
    enum AdjacentOther { #[serde(alias = "known")] Known, Content(Leaf), #[serde(other)] Unknown }
    #[serde(tag = "t", content = "c")]
    enum AdjacentOdd { Unit(()), UnitStruct(UnitPart), Inner(InnerEnum), Deep(NewtypePart), Transparent(TransparentOption), Newtype(OptionNewtype), Tuple(Leaf, #[serde(default)] Leaf) }
    #[serde(transparent)] struct TransparentOption(Option<Leaf>);
    struct OptionNewtype(Option<Leaf>);
    #[serde(tag = "t", content = "c")]
    enum AdjacentSkipping { #[serde(skip)] Never, #[serde(skip_serializing)] OnlyRead(Leaf), #[serde(skip_deserializing)] OnlySent, Both, Tuple(Leaf, #[serde(skip)] Leaf), Fields { #[serde(skip)] a: Leaf, b: Leaf } }
    #[serde(tag = "t", content = "c")] enum AdjacentKeys { Numbers(BTreeMap<i16, Leaf>), Wide(u128), Bools(BTreeMap<bool, Leaf>) }
    #[serde(tag = "t", content = "c")] enum AdjacentUnits { One, Two }
    #[serde(tag = "t", content = "c")] enum AdjacentRecursive { Leaf, Node(Vec<AdjacentRecursive>), Next(Option<Box<Self>>) }

    #[serde(untagged)] enum Untagged { Number(Leaf), Text(String), Pair(Leaf, bool), Struct { a: Leaf }, Unit }
    #[serde(untagged)] enum UntaggedOrder { Small(Leaf), Large(i64), Float(f64), Bool(bool) }
    #[serde(untagged)] enum UntaggedStructs { Both { a: Leaf, b: Leaf }, One { a: Leaf }, Other { #[serde(alias = "z")] c: Leaf } }
    #[serde(untagged, deny_unknown_fields)] enum UntaggedStrict { Both { a: Leaf, b: Option<Leaf> }, One { c: Leaf }, Empty {} }
    #[serde(untagged)] enum UntaggedSkipping { #[serde(skip)] Never(Leaf), #[serde(skip_serializing)] OnlyRead(bool), #[serde(skip_deserializing)] OnlySent(String), Both(Leaf) }
    #[serde(untagged)] enum UntaggedEnums { A(InnerEnum), B(Internal2), C(AdjacentUnits) }
    #[serde(untagged)] enum UntaggedKeys { Numbers(BTreeMap<u32, Leaf>), Wide(i128) }
    #[serde(untagged)] enum UntaggedLists { List(Vec<Leaf>), Nested(Vec<Untagged>), Char(char), Array([bool; 3]) }
    #[serde(untagged)] enum UntaggedRecursive { Leaf(Leaf), Node(Vec<UntaggedRecursive>), Map(BTreeMap<String, UntaggedRecursive>) }
    #[serde(untagged)] enum UntaggedUnits { Skipped(#[serde(skip)] Leaf), Number(Leaf) }
    struct Holder { internal: Internal, adjacent: Option<Adjacent>, list: Vec<Untagged>, by_name: BTreeMap<String, AdjacentUnits> }
}
