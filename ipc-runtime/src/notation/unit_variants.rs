//! Variants without content, which are written in another way where their enum is flattened.

use crate::shape::nodes::{Enum, Tagging, Variant};

/// Whether a variant is a text of its own, or null, and where the enum is flattened a member with
/// null, or nothing.
pub(crate) fn is_unit(of: &Enum, variant: &Variant) -> bool {
    let is_untagged = variant.is_untagged || of.tagging == Tagging::Untagged;
    variant.content.is_none() && (is_untagged || of.tagging == Tagging::External)
}

/// Whether one of the variants is.
pub(crate) fn has_units(of: &Enum) -> bool {
    of.variants.iter().any(|variant| is_unit(of, variant))
}
