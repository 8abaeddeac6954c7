//! What integers of 64 bits are in a language that has no such numbers.

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
