//! What integers of 64 bits are in TypeScript.

use crate::shape::scalar::Integer;

/// What integers of 64 bits are in TypeScript: `u64`, `i64`, `usize`, `isize`.
///
/// On the wire they are numbers in any case. `u128` and `i128` are always a `bigint`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum Integers {
    /// `number`. One that a `number` can't hold, beyond 2^53 - 1, is an error in both directions,
    /// and never another value.
    #[default]
    Number,
    /// `bigint`, small ones too.
    BigInt,
    /// `string`, of digits.
    String,
}

impl Integers {
    /// The plan of an integer: `None` where each is a `number` that JavaScript reads as it is.
    pub(super) fn plan(self, integer: Integer) -> Option<&'static str> {
        match (integer.bits, self) {
            (..=32, _) => None,
            (33..=64, Self::Number) => Some("int"),
            (33..=64, Self::String) => Some("str"),
            (33..=64, Self::BigInt) | (65.., _) => Some("big"),
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
