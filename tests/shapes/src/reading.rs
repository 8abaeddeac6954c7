//! Whether a value is read.

use std::ops::{BitAnd, BitOr};

/// What a shape says about reading a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reading {
    /// It is read.
    Yes,
    /// It is refused.
    No,
    /// A shape can't say. Serde is more lenient there than a shape describes, or functions of the
    /// user's read the value.
    Lax,
}

impl Reading {
    /// `Yes` or `No`.
    pub fn of(is_read: bool) -> Self {
        if is_read { Self::Yes } else { Self::No }
    }
}

/// Both must be read.
impl BitAnd for Reading {
    type Output = Self;

    fn bitand(self, other: Self) -> Self {
        match (self, other) {
            (Self::No, _) | (_, Self::No) => Self::No,
            (Self::Lax, _) | (_, Self::Lax) => Self::Lax,
            _ => Self::Yes,
        }
    }
}

/// One of both must be read.
impl BitOr for Reading {
    type Output = Self;

    fn bitor(self, other: Self) -> Self {
        match (self, other) {
            (Self::Yes, _) | (_, Self::Yes) => Self::Yes,
            (Self::Lax, _) | (_, Self::Lax) => Self::Lax,
            _ => Self::No,
        }
    }
}

/// All must be read.
pub fn all(readings: impl IntoIterator<Item = Reading>) -> Reading {
    readings.into_iter().fold(Reading::Yes, BitAnd::bitand)
}
