//! `IpcType`: types that carry their shape.

use crate::shape::{fingerprint::Fingerprint, hashes::Hashes, node::Node};

/// A type whose shape is known.
///
/// [`#[ipc_type]`](crate::ipc_type) implements it for your types, and this crate for std's types.
/// Types of other crates can be used without it. Then only the name by which they are written
/// counts in the fingerprint of an interface, and a change inside of them isn't noticed. A type
/// with serde impls of your own gets its shape by [`impl_ipc_type!`](crate::impl_ipc_type).
/// [`TypeSchema`](crate::interface::TypeSchema) tells what the shape is.
///
/// ```
/// use ipc_runtime::{ipc_type, shape::IpcType};
///
/// #[ipc_type]
/// struct Size { width: u32, height: u32 }
///
/// // The order of named fields doesn't count, and neither does the type's own name.
/// #[ipc_type]
/// struct Extent { height: u32, width: u32 }
///
/// assert_eq!(Size::fingerprint(), Extent::fingerprint());
/// ```
#[diagnostic::on_unimplemented(
    message = "the shape of `{Self}` isn't known",
    label = "not an `IpcType`",
    note = "put `#[ipc_type]` on the type"
)]
pub trait IpcType {
    /// The value of `NODE`. Two types that contain each other make a cycle here, and rustc's error
    /// names this constant: hence a name that says what to do.
    #[doc(hidden)]
    #[allow(non_upper_case_globals, reason = "spells the attribute to write")]
    const MUTUALLY_RECURSIVE_TYPE_MARK_ONE_FIELD_WITH_ipc_recursive: &'static Node;

    /// What the type looks like on the wire.
    #[doc(hidden)]
    const NODE: &'static Node = Self::MUTUALLY_RECURSIVE_TYPE_MARK_ONE_FIELD_WITH_ipc_recursive;

    /// Returns a number that changes with everything that is visible on the wire of the type and of
    /// all types within it. It is computed at each call.
    fn fingerprint() -> Fingerprint {
        Fingerprint::new(Hashes::reachable_from([Self::NODE]).of(Self::NODE))
    }
}

/// Says what a type with serde impls of its own looks like on the wire: like another type.
///
/// Serde's derives and [`#[ipc_type]`](crate::ipc_type) read the same attributes. Where you write
/// `Serialize` and `Deserialize` yourself, nobody but you knows what they write. Nothing checks it.
///
/// ```
/// use ipc_runtime::{impl_ipc_type, shape::IpcType};
/// use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error};
///
/// struct Email(String);
///
/// impl Serialize for Email {
///     fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
///         serializer.serialize_str(&self.0)
///     }
/// }
///
/// impl<'de> Deserialize<'de> for Email {
///     fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
///         let text = String::deserialize(deserializer)?;
///         if text.contains('@') { Ok(Self(text)) } else { Err(D::Error::custom("no address")) }
///     }
/// }
///
/// impl_ipc_type!(Email as String);
///
/// assert_eq!(Email::fingerprint(), String::fingerprint());
/// ```
///
/// The parameters of a generic type stand in brackets before it:
/// `impl_ipc_type!([T: IpcType] Sorted<T> as Vec<T>)`.
#[macro_export]
macro_rules! impl_ipc_type {
    ([$($generics:tt)*] $own:ty as $other:ty) => {
        impl<$($generics)*> $crate::shape::IpcType for $own {
            const MUTUALLY_RECURSIVE_TYPE_MARK_ONE_FIELD_WITH_ipc_recursive:
                &'static $crate::__private::Node = <$other as $crate::shape::IpcType>::NODE;
        }
    };
    ($own:ty as $other:ty) => {
        $crate::impl_ipc_type!([] $own as $other);
    };
}
