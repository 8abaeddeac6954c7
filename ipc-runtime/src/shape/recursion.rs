//! Types that contain themselves.

use std::{
    cmp::Ordering,
    fmt,
    hash::{Hash, Hasher},
    marker::PhantomData,
};

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _, ser::Error as _};

use crate::shape::{ipc_type::IpcType, node::Node};

/// Stands for a type inside of its own definition: a constant that asks for itself would never end.
///
/// It has the common traits, because containers require some of them (`Cow` requires `ToOwned`).
#[doc(hidden)]
pub struct Recursion<T>(PhantomData<fn() -> T>);

impl<T: IpcType> IpcType for Recursion<T> {
    const MUTUALLY_RECURSIVE_TYPE_MARK_ONE_FIELD_WITH_ipc_recursive: &'static Node =
        &Node::recursive(|| T::NODE);
}

impl<T> fmt::Debug for Recursion<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Recursion")
    }
}

impl<T> Clone for Recursion<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Recursion<T> {}

impl<T> Default for Recursion<T> {
    fn default() -> Self {
        Self(PhantomData)
    }
}

impl<T> PartialEq for Recursion<T> {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl<T> Eq for Recursion<T> {}

impl<T> PartialOrd for Recursion<T> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl<T> Ord for Recursion<T> {
    fn cmp(&self, _: &Self) -> Ordering {
        Ordering::Equal
    }
}

impl<T> Hash for Recursion<T> {
    fn hash<H: Hasher>(&self, _: &mut H) {}
}

impl<T> Serialize for Recursion<T> {
    fn serialize<S: Serializer>(&self, _: S) -> Result<S::Ok, S::Error> {
        Err(S::Error::custom("a stand-in, which is never sent"))
    }
}

impl<'de, T> Deserialize<'de> for Recursion<T> {
    fn deserialize<D: Deserializer<'de>>(_: D) -> Result<Self, D::Error> {
        Err(D::Error::custom("a stand-in, which is never sent"))
    }
}
