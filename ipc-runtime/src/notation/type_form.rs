//! The forms that a type may have.

use crate::shape::name::WireName;

/// Where a value goes. The two differ by defaults, by what is left out, and by names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Direction {
    /// The backend sends it: results, errors, items.
    FromRust,
    /// The other side sends it: arguments.
    ToRust,
}

impl Direction {
    /// The name under which something travels in this direction, if it does.
    pub(crate) fn name_of(self, name: &WireName) -> Option<&str> {
        match self {
            Self::FromRust => name.sent.as_deref(),
            Self::ToRust => name.received.as_deref(),
        }
    }
}

/// A form of a type.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct TypeForm {
    pub(crate) direction: Direction,
    /// Whether it stays as it is on the wire: inside of an untagged enum, where nobody can tell
    /// which variant came, no plan applies.
    pub(crate) is_raw: bool,
    /// Whether others have members on the same object, which it mustn't refuse then.
    pub(crate) is_part: bool,
}

impl TypeForm {
    pub(crate) const RECEIVED: Self =
        Self { direction: Direction::FromRust, is_raw: false, is_part: false };
    pub(crate) const SENT: Self =
        Self { direction: Direction::ToRust, is_raw: false, is_part: false };

    pub(crate) const fn raw(self) -> Self {
        Self { is_raw: true, ..self }
    }

    /// As a part of an object.
    pub(crate) const fn part(self) -> Self {
        Self { is_part: true, ..self }
    }

    /// As a value of its own.
    pub(crate) const fn whole(self) -> Self {
        Self { is_part: false, ..self }
    }
}
