//! The type and the plan of integers.

use crate::shape::{integers::Integers, scalar::Integer};

impl Integers {
    /// The plan of an integer, for which something else may be asked: `None` where each is a
    /// `number` that JavaScript reads as it is.
    pub(super) fn plan(self, integer: Integer) -> Option<&'static str> {
        match (integer.bits, integer.asked.unwrap_or(self)) {
            (..=32, _) => None,
            (33..=64, Self::Number) => Some("int"),
            (33..=64, Self::String) => Some("str"),
            (33..=64, Self::BigInt) => Some("big"),
            // In MessagePack they are bytes, which don't tell their sign.
            (65.., _) => Some(if integer.signed { "i128" } else { "u128" }),
        }
    }

    /// The type of an integer.
    pub(super) fn type_text(self, integer: Integer) -> &'static str {
        match self.plan(integer) {
            None | Some("int") => "number",
            Some("str") => "string",
            Some(_) => "bigint",
        }
    }
}
