//! `IpcType`: types that carry their fingerprint.

use serde::{Deserialize, Serialize};

use crate::interface::fingerprint::{shapes::TypeShapes, text};

/// A type whose fingerprint is known at compile time.
///
/// [`#[ipc_type]`](crate::ipc_type) implements it for your types, and this crate for std's types.
/// Types of other crates can be used without it. Then only the name by which they are written
/// counts in the fingerprint of an interface, and a change inside of them isn't noticed.
///
/// ```
/// use ipc_runtime::{interface::IpcType, ipc_type};
///
/// #[ipc_type]
/// struct Size { width: u32, height: u32 }
///
/// // The order of named fields doesn't count, and neither does the type's own name.
/// #[ipc_type]
/// struct Extent { height: u32, width: u32 }
///
/// assert_eq!(Size::FINGERPRINT, Extent::FINGERPRINT);
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` has no fingerprint known at compile time",
    label = "not an `IpcType`",
    note = "put `#[ipc_type]` on the type"
)]
pub trait IpcType {
    /// The value of `FINGERPRINT`. Two types that contain each other make a cycle here, and rustc's
    /// error names this constant: hence a name that says what to do.
    #[doc(hidden)]
    #[allow(non_upper_case_globals, reason = "spells the attribute to write")]
    const MUTUALLY_RECURSIVE_TYPE_MARK_ONE_FIELD_WITH_ipc_recursive: u64;

    /// Changes with everything about the type that is visible on the wire.
    const FINGERPRINT: u64 = Self::MUTUALLY_RECURSIVE_TYPE_MARK_ONE_FIELD_WITH_ipc_recursive;

    /// Adds the shapes of all `#[ipc_type]` types that are reachable from this type.
    #[doc(hidden)]
    fn describe(shapes: &mut TypeShapes) {
        let _ = shapes;
    }
}

/// Stands for a type inside of its own definition.
///
/// It has the common traits, because containers require some of them (`Cow` requires `ToOwned`).
#[doc(hidden)]
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
pub struct Recursion;

impl IpcType for Recursion {
    const MUTUALLY_RECURSIVE_TYPE_MARK_ONE_FIELD_WITH_ipc_recursive: u64 = text("recursion");
}
