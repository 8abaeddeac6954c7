//! Where a type of a schema was defined.

use crate::shape::nodes::Shape;

/// Where a type was defined. Nothing is known of the types of a schema that was parsed.
#[derive(Debug, Clone, Default)]
#[cfg_attr(not(feature = "typescript"), allow(dead_code, reason = "read by generators"))]
pub(crate) struct TypeOrigin {
    /// The path of its module: `app::files`.
    pub(crate) module: String,
    /// The name of the Rust type, without generic arguments.
    pub(crate) name: String,
    /// The generic arguments. A constant is a foreign type, named as its value.
    pub(crate) arguments: Vec<Shape>,
}
