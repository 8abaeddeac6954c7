//! Enums of which some variants have no tag.

use super::Leaf;
use crate::sample::{Sample, fixture};

fixture! {
    enum External { Unit, Newtype(Leaf), #[serde(untagged)] Number(u32), #[serde(untagged)] Struct { a: Leaf } }
    enum ExternalText { One, Two, #[serde(untagged)] Else(String) }
    #[serde(tag = "kind")] enum Internal { Unit, Struct { a: Leaf }, #[serde(untagged)] Number(u32), #[serde(untagged)] List(Vec<Leaf>) }
    #[serde(tag = "t", content = "c")] enum Adjacent { Unit, Newtype(Leaf), #[serde(untagged)] Text(String), #[serde(untagged)] Else { t: String } }
    enum OnlyUntagged { #[serde(untagged)] Number(Leaf), #[serde(untagged)] Text(String) }
    #[serde(deny_unknown_fields)] enum Strict { Struct { a: Leaf }, #[serde(untagged)] Loose { b: Leaf } }
    enum Nothing { A, #[serde(untagged)] Unit }
    enum OtherUntagged { Known, #[serde(other, untagged)] Unknown }
    struct Holder { one: External, two: Option<Internal>, #[serde(flatten)] three: Adjacent }
}
