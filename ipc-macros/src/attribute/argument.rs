//! The arguments of attributes: those that may stand somewhere, and those that do.

use syn::{LitStr, Meta};

/// An argument that an attribute knows.
pub(crate) struct KnownArgument {
    pub name: &'static str,
    /// How it is written, for help texts.
    pub example: &'static str,
    pub takes_value: bool,
}

/// One without a value.
pub(crate) const fn flag(name: &'static str) -> KnownArgument {
    KnownArgument { name, example: name, takes_value: false }
}

/// One with a text.
pub(crate) const fn text(name: &'static str, example: &'static str) -> KnownArgument {
    KnownArgument { name, example, takes_value: true }
}

/// Where an attribute stands, and what it may say there.
pub(crate) struct Site {
    /// `#[ipc(…)]` or the like.
    pub attribute: &'static str,
    pub noun: &'static str,
    pub known: &'static [KnownArgument],
}

/// An argument that is written.
pub(crate) struct AttributeArgument {
    pub name: &'static str,
    pub meta: Meta,
    /// None for a flag, and after an error.
    pub value: Option<LitStr>,
    /// The environment variables that the value was made of.
    pub variables: Vec<LitStr>,
}
