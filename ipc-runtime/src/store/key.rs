//! What a value is kept under, and of what type it is.

use std::{fmt, marker::PhantomData};

/// What a value is kept under, together with the value's type. Both sides of an app share it, as
/// they share its interfaces.
///
/// ```
/// use ipc_runtime::store::Key;
///
/// pub const THEME: Key<String> = Key::new("theme");
/// pub const RECENT: Key<Vec<String>> = Key::new("files.recent");
///
/// // Names that are known only when the app runs: borrowed, or owned.
/// let file = "a.txt";
/// let unread: Key<u32, String> = Key::new(format!("unread.{file}"));
/// let anything: Key<serde_json::Value, &str> = Key::new(file);
/// assert_eq!((unread.name(), anything.name()), ("unread.a.txt", "a.txt"));
/// ```
///
/// `T` is `Serialize` and `DeserializeOwned`. Two keys of one name and different types are the same
/// place: reading what isn't a `T` fails with [`StoreError::Decode`](super::StoreError::Decode).
/// A name has at most 1,024 bytes.
pub struct Key<T, N = &'static str> {
    name: N,
    value: PhantomData<fn() -> T>,
}

impl<T, N: AsRef<str>> Key<T, N> {
    /// A key of this name.
    pub const fn new(name: N) -> Self {
        Self { name, value: PhantomData }
    }

    /// Its name.
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
