//! The names of fields and variants, and their docs.

/// The name of a field or a variant, in each direction.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct WireName {
    /// The name under which it is sent; `None` if it never is.
    pub sent: Option<String>,
    /// The name under which it is read; `None` if it never is. If it is read under several, this is
    /// the one under which it is sent, or else the first in alphabetical order.
    pub received: Option<String>,
    /// The other names under which it is read.
    pub aliases: Vec<String>,
}

impl WireName {
    /// Whether it is read under this name.
    pub fn is_read_as(&self, name: &str) -> bool {
        self.received.as_deref() == Some(name) || self.aliases.iter().any(|alias| alias == name)
    }

    /// The name for people: that under which it is sent, or else read.
    pub fn shown(&self) -> &str {
        self.sent.as_deref().or(self.received.as_deref()).unwrap_or_default()
    }
}

/// What the author has written about a type, a method, a field or a variant.
///
/// It is empty unless the feature `docs` of this crate is on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Docs {
    /// The doc comment, in Markdown.
    pub text: &'static str,
    /// The note of `#[deprecated]`, which may be empty.
    pub deprecated: Option<&'static str>,
    /// The name that `#[ipc(ts = "…")]` gives a type in TypeScript and in OpenRPC documents.
    #[cfg(any(feature = "openrpc", feature = "typescript"))]
    pub(crate) typescript_name: Option<&'static str>,
}

impl Docs {
    /// No docs.
    pub const NONE: Self = Self::new("", None);

    /// Called by generated code.
    #[doc(hidden)]
    pub const fn new(text: &'static str, deprecated: Option<&'static str>) -> Self {
        Self {
            text,
            deprecated,
            #[cfg(any(feature = "openrpc", feature = "typescript"))]
            typescript_name: None,
        }
    }

    /// Called by generated code, for `#[ipc(ts = "…")]`. Without a feature that generates
    /// something, the name is forgotten.
    #[doc(hidden)]
    #[cfg_attr(
        not(any(feature = "openrpc", feature = "typescript")),
        allow(unused_variables, reason = "kept by a feature")
    )]
    pub const fn with_typescript_name(self, name: &'static str) -> Self {
        Self {
            #[cfg(any(feature = "openrpc", feature = "typescript"))]
            typescript_name: Some(name),
            ..self
        }
    }
}

/// The docs of an item as data: nothing unless the feature `docs` is on.
#[doc(hidden)]
#[macro_export]
#[cfg(feature = "docs")]
macro_rules! ipc_docs {
    ([$($line:expr),*]) => {
        $crate::__private::Docs::new(
            ::core::concat!($($line, "\n"),*),
            ::core::option::Option::None,
        )
    };
    ([$($line:expr),*] deprecated = $note:expr) => {
        $crate::__private::Docs::new(
            ::core::concat!("", $($line, "\n"),*),
            ::core::option::Option::Some($note),
        )
    };
}

/// The docs of an item as data: nothing unless the feature `docs` is on.
#[doc(hidden)]
#[macro_export]
#[cfg(not(feature = "docs"))]
macro_rules! ipc_docs {
    ($($docs:tt)*) => {
        $crate::__private::Docs::NONE
    };
}
