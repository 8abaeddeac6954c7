//! Types and fields that other types or functions write and read.

use std::convert::Infallible;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::sample::{Random, Sample, fixture};

pub(crate) mod as_text {
    use super::*;

    pub(crate) fn serialize<S: Serializer>(value: &u64, to: S) -> Result<S::Ok, S::Error> {
        value.to_string().serialize(to)
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<u64, D::Error> {
        // It never fails, so that serde reads whatever the shape says.
        String::deserialize(from).map(|text| text.parse().unwrap_or(0))
    }
}

/// Functions of this name are no others.
mod array {
    use super::*;

    pub(super) fn serialize<S: Serializer>(value: &[u8; 3], to: S) -> Result<S::Ok, S::Error> {
        format!("{value:?}").serialize(to)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<[u8; 3], D::Error> {
        String::deserialize(from).map(|text| [text.len() as u8; 3])
    }
}

/// A type of another crate, written as text.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct Elsewhere(String);

impl Sample for Elsewhere {
    fn sample(random: &mut Random) -> Self {
        Self(String::sample(random))
    }
}

fixture! {
    #[derive(Clone)]
    #[serde(from = "Wire", into = "Wire")] struct Both { value: u8 }
    #[derive(Clone)] struct Wire { wire: u8, #[serde(default)] more: u8 }
    #[serde(from = "Wire")] struct From1 { value: u8 }
    #[derive(Clone)] #[serde(into = "Wire")] struct Into1 { value: u8, wire: Option<u8> }
    #[derive(Clone)] #[serde(try_from = "String", into = "u8")] struct Ways(u8);
    #[derive(Clone)] #[serde(from = "Option<u8>", into = "Option<u8>")] struct Maybe(Option<u8>);
    #[serde(try_from = "Wire")] enum TryEnum { A, B(u8) }
    struct Holder { both: Both, from: From1, into: Into1, ways: Option<Ways>, maybe: Maybe, list: Vec<Maybe> }
    struct Flat { #[serde(flatten)] both: Both, z: u8 }
    #[serde(tag = "kind")] enum Tagged { A(Both), B(From1), C(Into1) }
    #[serde(untagged)] enum Untagged { A(Ways), B(Both) }

    struct With { #[serde(with = "as_text")] a: u64, #[serde(default, with = "as_text")] b: u64, c: u8 }
    struct OneWay {
        #[serde(serialize_with = "as_text::serialize")] sent: u64,
        #[serde(deserialize_with = "as_text::deserialize")] read: u64,
        #[serde(serialize_with = "maybe::serialize")] maybe_sent: Option<u8>,
        #[serde(deserialize_with = "maybe::deserialize")] maybe_read: Option<u8>,
        #[serde(deserialize_with = "maybe::deserialize", default)] maybe_default: Option<u8>,
    }
    struct WithTuple(#[serde(with = "as_text")] u64, u8);
    struct WithNewtype(#[serde(with = "as_text")] u64);
    #[serde(transparent)] struct WithTransparent { #[serde(with = "as_text")] a: u64 }
    enum WithVariant { #[serde(with = "as_text")] A(u64), B(#[serde(with = "as_text")] u64), C { #[serde(with = "as_text")] a: u64 } }
    #[serde(tag = "t", content = "c")] enum WithAdjacent { #[serde(with = "as_text")] A(u64), B(#[serde(with = "as_text")] u64) }
    #[serde(untagged)] enum WithUntagged { #[serde(with = "as_text")] A(u64), B { #[serde(with = "as_text")] a: u64 } }
    struct OwnArray { #[serde(with = "array")] key: [u8; 3] }

    struct As {
        #[ipc(as = "String")] elsewhere: Elsewhere,
        #[ipc(as = "String")] #[serde(with = "as_text")] number: u64,
        #[ipc(as = "Option<String>")] maybe: Option<Elsewhere>,
        #[ipc(as = "Vec<String>")] #[serde(default)] list: Vec<Elsewhere>,
        #[ipc(as = "Option<u8>")] #[serde(with = "maybe")] strict: Option<u8>,
    }
    struct AsTuple(#[ipc(as = "String")] Elsewhere, u8);
    enum AsEnum { A(#[ipc(as = "String")] Elsewhere), B { #[ipc(as = "String")] a: Elsewhere } }
    struct Unknown { elsewhere: Elsewhere, list: Vec<Elsewhere>, maybe: Option<Elsewhere>, pair: (Elsewhere, u8), z: u8 }
    struct LongArrays { long: [u8; 40], short: [u8; 2], nested: [[u8; 2]; 33] }
    struct LongTuple([bool; 33], u8);
    struct LongNewtype([u8; 34]);
    enum LongEnum { A([u8; 33]), B { long: [u8; 35] } }
}

mod maybe {
    use super::*;

    pub(super) fn serialize<S: Serializer>(value: &Option<u8>, to: S) -> Result<S::Ok, S::Error> {
        value.serialize(to)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Option<u8>, D::Error> {
        Option::deserialize(from)
    }
}

macro_rules! wire {
    ($($name:ident)*) => {$(
        impl From<Wire> for $name {
            fn from(wire: Wire) -> Self {
                Self { value: wire.wire }
            }
        }
    )*};
}

wire!(Both From1);

impl From<Both> for Wire {
    fn from(both: Both) -> Self {
        Self { wire: both.value, more: 0 }
    }
}

impl From<Into1> for Wire {
    fn from(into: Into1) -> Self {
        Self { wire: into.value, more: 1 }
    }
}

// Nor does this.
#[allow(clippy::infallible_try_from, reason = "`try_from` is what is tested")]
impl TryFrom<String> for Ways {
    type Error = Infallible;

    fn try_from(text: String) -> Result<Self, Infallible> {
        Ok(Self(text.len() as u8))
    }
}

impl From<Ways> for u8 {
    fn from(ways: Ways) -> Self {
        ways.0
    }
}

impl From<Option<u8>> for Maybe {
    fn from(it: Option<u8>) -> Self {
        Self(it)
    }
}

impl From<Maybe> for Option<u8> {
    fn from(it: Maybe) -> Self {
        it.0
    }
}

#[allow(clippy::infallible_try_from, reason = "`try_from` is what is tested")]
impl TryFrom<Wire> for TryEnum {
    type Error = Infallible;

    fn try_from(wire: Wire) -> Result<Self, Infallible> {
        Ok(if wire.wire == 0 { Self::A } else { Self::B(wire.wire) })
    }
}
