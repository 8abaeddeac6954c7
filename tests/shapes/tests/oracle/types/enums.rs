//! Enums that are tagged externally.

use crate::sample::{Sample, fixture};

fixture! {
    enum Plain { Unit, Newtype(u8), Pair(u8, String), Struct { a: u8, b: Option<bool> } }
    enum Odd { EmptyTuple(), EmptyStruct {}, One(Option<u8>), Unit(()), List(Vec<u8>) }
    enum Units { One, Two, Three }
    enum Single { Only }
    enum Renamed {
        #[serde(rename = "one")] One,
        #[serde(rename(serialize = "out", deserialize = "in"))] Way(u8),
        #[serde(alias = "three", alias = "drei")] Three { #[serde(alias = "x")] a: u8 },
        r#Raw { r#type: u8 },
    }
    #[serde(rename_all = "lowercase")] enum Lowercase { SomeThing, OtherThing(u8) }
    #[serde(rename_all = "UPPERCASE")] enum Uppercase { SomeThing }
    #[serde(rename_all = "PascalCase")] enum PascalCase { SomeThing }
    #[serde(rename_all = "camelCase")] enum CamelCase { SomeThing { some_field: u8 } }
    #[serde(rename_all = "snake_case")] enum SnakeCase { SomeThing }
    #[serde(rename_all = "SCREAMING_SNAKE_CASE")] enum Screaming { SomeThing }
    #[serde(rename_all = "kebab-case")] enum Kebab { SomeThing }
    #[serde(rename_all = "SCREAMING-KEBAB-CASE")] enum ScreamingKebab { SomeThing }
    #[serde(rename_all(serialize = "camelCase", deserialize = "kebab-case"))]
    enum BothWays { SomeThing, OtherThing }
    #[serde(rename_all_fields = "camelCase")] enum Fields { SomeThing { some_field: u8 } }
    #[serde(rename_all = "snake_case", rename_all_fields = "kebab-case")]
    enum Both { SomeThing { some_field: u8 }, #[serde(rename_all = "UPPERCASE")] Other { some_field: u8 } }
    #[serde(rename_all_fields(serialize = "PascalCase", deserialize = "SCREAMING_SNAKE_CASE"))]
    enum FieldsWays { A { some_field: u8, #[serde(rename = "kept")] other_field: u8 } }
    #[serde(deny_unknown_fields)] enum Strict { Unit, Struct { a: u8, b: Option<u8> }, Empty {} }
    enum Skipping {
        Both,
        #[serde(skip)] Never,
        #[serde(skip_serializing)] OnlyRead(u8),
        #[serde(skip_deserializing)] OnlySent { a: u8 },
        Fields { #[serde(skip)] a: u8, #[serde(skip_serializing_if = "Option::is_none")] b: Option<u8>, #[serde(skip_serializing)] c: Option<u8>, #[serde(skip_deserializing)] d: u8 },
        Newtype(#[serde(skip)] u8),
        Tuple(u8, #[serde(skip)] u8, bool),
        Pair(u8, #[serde(skip)] u8),
    }
    enum Defaults {
        Struct { #[serde(default)] a: u8, b: u8 },
        Tuple(u8, #[serde(default)] u8),
        Newtype(#[serde(default)] u8),
    }
    enum Other { Known, Content(u8), #[serde(other)] Unknown }
    enum OtherNeverRead { Known, #[serde(other, skip_deserializing)] Unknown }
    #[serde(rename_all = "camelCase")]
    enum OtherAliased { #[serde(alias = "k")] Known, #[serde(other, alias = "u")] Unknown }
    enum Nested { Inner(Units), Deep(Plain), Option(Option<Units>), Map(std::collections::BTreeMap<Units, u8>) }
    struct Holder { unit: Units, plain: Plain, maybe: Option<Plain> }
    enum Recursive { Leaf, Box(Box<Recursive>), List(Vec<Recursive>), Struct { next: Option<Box<Self>> } }
    enum RecursiveMarked { Leaf, Box(#[ipc(recursive)] Box<RecursiveMarked>), Struct { #[ipc(recursive)] next: Option<Box<Self>> } }
}

macro_rules! ordered {
    ($($name:ident)*) => {$(
        impl PartialEq for $name {
            fn eq(&self, other: &Self) -> bool {
                self.cmp(other).is_eq()
            }
        }
        impl Eq for $name {}
        impl PartialOrd for $name {
            fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
                Some(self.cmp(other))
            }
        }
        impl Ord for $name {
            fn cmp(&self, other: &Self) -> std::cmp::Ordering {
                format!("{self:?}").cmp(&format!("{other:?}"))
            }
        }
    )*};
}

ordered!(Units);
