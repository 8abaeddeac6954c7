//! The names and types of values.

use std::{fmt, marker::PhantomData};

/// The name of a value, together with the value's type. Both sides of an app share their keys, as
/// they share their interfaces.
///
/// ```
/// use ipc_runtime::store::Key;
///
/// pub const THEME: Key<String> = Key::new("theme");
/// pub const RECENT: Key<Vec<String>> = Key::new("files.recent");
///
/// // Names that are known only at run time can be borrowed or owned.
/// let file = "a.txt";
/// let unread: Key<u32, String> = Key::new(format!("unread.{file}"));
/// let anything: Key<serde_json::Value, &str> = Key::new(file);
/// assert_eq!((unread.name(), anything.name()), ("unread.a.txt", "a.txt"));
/// ```
///
/// `T` is `Serialize` and `DeserializeOwned`. Two keys with the same name and different types are
/// the same place: reading a value that isn't a `T` fails with
/// [`StoreError::Decode`](super::StoreError::Decode). A name has at most 1,024 bytes.
pub struct Key<T, N = &'static str> {
    name: N,
    value: PhantomData<fn() -> T>,
}

impl<T, N: AsRef<str>> Key<T, N> {
    /// Creates a key with this name.
    pub const fn new(name: N) -> Self {
        Self { name, value: PhantomData }
    }

    /// Returns the key's name.
    pub fn name(&self) -> &str {
        self.name.as_ref()
    }
}

impl<T, N: Clone> Clone for Key<T, N> {
    fn clone(&self) -> Self {
        Self { name: self.name.clone(), value: PhantomData }
    }
}

impl<T, N: Copy> Copy for Key<T, N> {}

impl<T, N: AsRef<str>> fmt::Debug for Key<T, N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Key").field(&self.name()).finish()
    }
}
