//! Where a type of a schema was defined.

use crate::shape::{node::Node, nodes::Shape};

/// Where a type was defined. Nothing is known of the types of a schema that was parsed.
#[derive(Debug, Clone, Default)]
#[cfg_attr(
    not(any(feature = "openrpc", feature = "typescript")),
    allow(dead_code, reason = "read by generators")
)]
pub(crate) struct TypeOrigin {
    /// The path of its module: `app::files`.
    pub(crate) module: String,
    /// The name of the Rust type, without generic arguments.
    pub(crate) name: String,
    /// The name that `#[ipc(ts = "…")]` gives it in TypeScript, without generic arguments.
    pub(crate) chosen: Option<&'static str>,
    /// The generic arguments. A constant is a foreign type, named as its value.
    pub(crate) arguments: Vec<Shape>,
}

impl TypeOrigin {
    /// The name that a type has in TypeScript by `#[ipc(ts = "…")]`: none without the feature.
    #[cfg(any(feature = "openrpc", feature = "typescript"))]
    pub(super) fn chosen_name(named: &Node) -> Option<&'static str> {
        named.members.first().and_then(|own| own.docs.typescript_name)
    }

    /// The name that a type has in TypeScript by `#[ipc(ts = "…")]`: none without the feature.
    #[cfg(not(any(feature = "openrpc", feature = "typescript")))]
    pub(super) fn chosen_name(_: &Node) -> Option<&'static str> {
        None
    }
}
