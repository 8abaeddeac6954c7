//! The error for two sides whose interfaces don't fit: which versions, methods and types differ.

use std::{fmt, sync::Arc};

use crate::{
    interface::{Compat, fingerprint::Fingerprint},
    support::error_report::debug_as_text,
};

/// Both sides know the channel, but in versions that don't fit.
///
/// Its `Display` text has several lines, for people to read: both versions, each method that
/// differs with both signatures, and each type that differs with both shapes.
#[derive(Clone)]
#[non_exhaustive]
pub struct VersionMismatch {
    /// The name of the channel.
    pub channel: &'static str,
    /// The endpoint of the other side.
    pub endpoint: Arc<str>,
    /// The rule that compares the versions.
    pub compat: Compat,
    /// The version that this side was built with.
    pub our_version: &'static str,
    /// The fingerprint of the interface that this side was built with.
    pub our_fingerprint: Fingerprint,
    /// The version that the other side serves.
    pub their_version: String,
    /// The fingerprint of the interface that the other side serves.
    pub their_fingerprint: Fingerprint,
    /// The methods that differ, sorted by name.
    pub methods: Vec<MethodDifference>,
    /// The types that differ, sorted by name.
    pub types: Vec<TypeDifference>,
}

debug_as_text! { VersionMismatch }

/// A method that differs between the two sides.
///
/// If a method differs only by its types or attributes, both signatures are equal. Types that
/// differ are listed too.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct MethodDifference {
    /// The method's name on the wire.
    pub name: String,
    /// Our signature; `None` if this side doesn't have the method.
    pub ours: Option<String>,
    /// Their signature; `None` if the other side doesn't have the method.
    pub theirs: Option<String>,
}

/// A type that differs between the two sides.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct TypeDifference {
    /// The name of the Rust type.
    pub name: String,
    /// Our shape; `None` if our interface doesn't use the type.
    pub ours: Option<String>,
    /// Their shape; `None` if their interface doesn't use the type.
    pub theirs: Option<String>,
}

impl fmt::Display for VersionMismatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { channel, endpoint, our_version, their_version, .. } = self;
        write!(f, "{channel}: this side was built with version {our_version}, ")?;
        if our_version == their_version {
            write!(
                f,
                "and so was {endpoint}, but the interface is another one under that version"
            )?;
        } else {
            write!(f, "{endpoint} serves {their_version}")?;
            if self.compat == Compat::Exact {
                f.write_str(", and they must be equal")?;
            }
        }
        for method in &self.methods {
            let name = &method.name;
            match (&method.ours, &method.theirs) {
                (Some(ours), None) => write!(f, "\n  method `{name}` is missing there: {ours}")?,
                (None, Some(theirs)) => write!(f, "\n  method `{name}` is missing here: {theirs}")?,
                (Some(ours), Some(theirs)) if ours != theirs => {
                    write!(
                        f,
                        "\n  method `{name}` differs\n    here:  {ours}\n    there: {theirs}"
                    )?;
                }
                (Some(ours), _) => {
                    write!(f, "\n  method `{name}` differs by its types or attributes: {ours}")?;
                }
                (None, None) => {}
            }
        }
        for kind in &self.types {
            let name = &kind.name;
            match (&kind.ours, &kind.theirs) {
                (Some(ours), None) => write!(f, "\n  type `{name}` is unknown there: {ours}")?,
                (None, Some(theirs)) => write!(f, "\n  type `{name}` is unknown here: {theirs}")?,
                (Some(ours), Some(theirs)) => {
                    write!(f, "\n  type `{name}` differs\n    here:  {ours}\n    there: {theirs}")?;
                }
                (None, None) => {}
            }
        }
        if our_version == their_version {
            f.write_str("\n  help: whoever changes an interface raises its version; then build both sides from the same one")
        } else {
            f.write_str("\n  help: build both sides from the same version of the interface, or update the older side")
        }
    }
}

impl std::error::Error for VersionMismatch {}
