//! Enums of which some variants have no tag.

use crate::sample::{Sample, fixture};

fixture! {
    enum External { Unit, Newtype(u8), #[serde(untagged)] Number(u32), #[serde(untagged)] Struct { a: u8 } }
    enum ExternalText { One, Two, #[serde(untagged)] Else(String) }
    #[serde(tag = "kind")] enum Internal { Unit, Struct { a: u8 }, #[serde(untagged)] Number(u32), #[serde(untagged)] List(Vec<u8>) }
    #[serde(tag = "t", content = "c")] enum Adjacent { Unit, Newtype(u8), #[serde(untagged)] Text(String), #[serde(untagged)] Else { t: String } }
    enum OnlyUntagged { #[serde(untagged)] Number(u8), #[serde(untagged)] Text(String) }
    #[serde(deny_unknown_fields)] enum Strict { Struct { a: u8 }, #[serde(untagged)] Loose { b: u8 } }
    enum Nothing { A, #[serde(untagged)] Unit }
    enum OtherUntagged { Known, #[serde(other, untagged)] Unknown }
    struct Holder { one: External, two: Option<Internal>, #[serde(flatten)] three: Adjacent }
}
