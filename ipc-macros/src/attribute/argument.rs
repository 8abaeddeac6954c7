//! The arguments of attributes: those that are known, and those that are written.

use syn::{LitStr, Meta};

/// An argument that an attribute knows.
pub(crate) struct KnownArgument {
    pub name: &'static str,
    /// How it is written, for help texts.
    pub example: &'static str,
    pub takes_value: bool,
    /// It may be given more than once.
    pub repeats: bool,
}

/// An argument without a value.
pub(crate) const fn flag(name: &'static str) -> KnownArgument {
    KnownArgument { name, example: name, takes_value: false, repeats: false }
}

/// An argument with a text.
pub(crate) const fn text(name: &'static str, example: &'static str) -> KnownArgument {
    KnownArgument { name, example, takes_value: true, repeats: false }
}

/// An argument with a text, which may be given more than once.
pub(crate) const fn texts(name: &'static str, example: &'static str) -> KnownArgument {
    KnownArgument { name, example, takes_value: true, repeats: true }
}

/// What integers of 64 bits are in TypeScript: it may be said in several places.
pub(crate) const INTEGER: KnownArgument = text("integer", "integer = \"bigint\"");

/// A place where an attribute may be, and what it may say there.
pub(crate) struct Site {
    /// The attribute's name: `ipc`, for example.
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
    /// The environment variables that the value was made from.
    pub variables: Vec<LitStr>,
}
