//! One difference between two schemas.

use std::{cmp::Ordering, fmt};

/// One difference between two schemas.
///
/// `Display` says where it is and what is there on both sides:
/// `type Robot, field limit: here u32, there f32`.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Difference {
    /// Where it is, for people to read: `type Robot, field limit`.
    pub place: String,
    /// What is there in our schema: a short text, `missing` if there is nothing.
    pub ours: String,
    /// What is there in their schema.
    pub theirs: String,
    /// Whether one side doesn't have the method at all.
    pub(crate) is_whole_method: bool,
    /// Whether it is the last of too many, which says only that there is more.
    pub(crate) is_rest: bool,
    /// The names of the type in which it is, in each schema: only the first of each type has them.
    pub(crate) of_type: Option<(String, String)>,
}

impl Difference {
    /// Says what was and what is: `age` is that of our version compared to theirs.
    pub(crate) fn by_age(&self, f: &mut fmt::Formatter<'_>, age: Ordering) -> fmt::Result {
        let Self { place, ours, theirs, .. } = self;
        match age {
            _ if self.is_rest => write!(f, "{place}: {ours}"),
            Ordering::Less => write!(f, "{place}: was {ours}, is {theirs}"),
            Ordering::Equal => write!(f, "{place}: here {ours}, there {theirs}"),
            Ordering::Greater => write!(f, "{place}: was {theirs}, is {ours}"),
        }
    }
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.by_age(f, Ordering::Equal)
    }
}
