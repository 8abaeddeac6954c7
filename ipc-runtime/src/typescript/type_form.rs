//! The forms that a type may have.

use crate::shape::name::WireName;

/// Where a value goes. The two differ by defaults, by what is left out, and by names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum Direction {
    /// The backend sends it: results, errors, items.
    FromRust,
    /// TypeScript sends it: arguments.
    ToRust,
}

impl Direction {
    /// The name under which something travels in this direction, if it does.
    pub(super) fn name_of(self, name: &WireName) -> Option<&str> {
        match self {
            Self::FromRust => name.sent.as_deref(),
            Self::ToRust => name.received.as_deref(),
        }
    }
}

/// A form of a type.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct TypeForm {
    pub(super) direction: Direction,
    /// Whether it stays as it is on the wire: inside of an untagged enum, where nobody can tell
    /// which variant came, no plan applies.
    pub(super) is_raw: bool,
}

impl TypeForm {
    pub(super) const RECEIVED: Self = Self { direction: Direction::FromRust, is_raw: false };
    pub(super) const SENT: Self = Self { direction: Direction::ToRust, is_raw: false };

    /// All forms; of those that look alike, the first gives the name.
    pub(super) const ALL: [Self; 4] =
        [Self::RECEIVED, Self::SENT, Self::RECEIVED.raw(), Self::SENT.raw()];

    pub(super) const fn raw(self) -> Self {
        Self { is_raw: true, ..self }
    }

    /// Its place in [`ALL`](Self::ALL).
    pub(super) fn place(self) -> usize {
        usize::from(self.direction == Direction::ToRust) + 2 * usize::from(self.is_raw)
    }

    /// What its name ends with, if it isn't like a form before it.
    pub(super) fn suffix(self) -> &'static str {
        match (self.direction, self.is_raw) {
            (Direction::FromRust, false) => "",
            (Direction::ToRust, false) => "Input",
            (Direction::FromRust, true) => "Raw",
            (Direction::ToRust, true) => "RawInput",
        }
    }
}
