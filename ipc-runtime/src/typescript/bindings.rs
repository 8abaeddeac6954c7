//! `Bindings`: what the file for a TypeScript frontend holds.

use std::{
    fmt::{self, Display, Formatter},
    path::Path,
};

use crate::{
    backend::Backend,
    interface::InterfaceInfo,
    peer::client::caller::Client,
    shape::{integers::Integers, ipc_type::IpcType},
    store::key::Key,
    typescript::{
        binding_source::{BindingSource, Role},
        bindings_file::{self, BindingsError},
        document::document,
        hints::hints,
        model::Model,
    },
};

/// The name of the npm package.
const PACKAGE: &str = "ipc-runtime";

/// Interfaces, keys, events and functions for a frontend in TypeScript: one file of types, and of
/// the data that the npm package `ipc-runtime` needs to call them.
///
/// The text depends on nothing but what it is made of: the same interfaces give the same bytes, and
/// types have names that don't change when methods or fields are put in another order. Types of one
/// name in two modules get the shortest end of their path that tells them apart: `FilesEntry` and
/// `StoreEntry`. What is sent and what is received may look different, as where a field has a
/// default: then `Query` is what is received, and `QueryInput` what is sent.
///
/// The file is best kept with the frontend's source and checked by a test:
///
/// ```no_run
/// # use ipc_runtime::{ipc_interface, typescript::{Bindings, BindingsError}};
/// # #[ipc_interface(channel = "docs.checked", version = "1.0.0")]
/// # pub trait Docs { async fn ping(&self); }
/// // #[test]
/// fn bindings() -> Result<(), BindingsError> {
///     Bindings::new().interface::<DocsClient>().check("../web/src/ipc.ts")
/// }
/// ```
///
/// It fails if the file isn't up to date, and `IPC_BINDINGS=write cargo test bindings` renews it.
#[derive(Debug, Clone)]
#[must_use = "bindings do nothing until they are written, checked or turned into text"]
pub struct Bindings {
    sources: Vec<BindingSource>,
    integers: Integers,
    package: String,
    is_checkable: bool,
}

impl Default for Bindings {
    fn default() -> Self {
        Self::new()
    }
}

impl Bindings {
    /// Returns bindings of nothing, with integers of 64 bits as `number` and with `ipc-runtime` as
    /// the package.
    pub fn new() -> Self {
        Self {
            sources: Vec::new(),
            integers: Integers::Number,
            package: PACKAGE.to_owned(),
            is_checkable: false,
        }
    }

    /// Adds the interface of a client, for TypeScript to call.
    pub fn interface<C: Client>(self) -> Self {
        self.called(C::INTERFACE)
    }

    /// Adds the interface of a client, for TypeScript to implement: the backend calls it with
    /// [`Peer::client`](crate::Peer::client). The arguments are then what the backend sends, and
    /// the results what it receives.
    pub fn implemented<C: Client>(self) -> Self {
        self.with(BindingSource::Interface { info: C::INTERFACE, role: Role::Implemented })
    }

    fn called(self, info: &'static InterfaceInfo) -> Self {
        self.with(BindingSource::Interface { info, role: Role::Called })
    }

    /// Adds a key of the store. Its constant is called as the key is: `Theme` for `theme`,
    /// `FilesRecent` for `files.recent`.
    pub fn key<T: IpcType, N: AsRef<str>>(self, key: &Key<T, N>) -> Self {
        self.with(BindingSource::Key { name: key.name().to_owned(), value: T::NODE })
    }

    /// Adds a notification by name, for [`Backend::on`] and [`Peers::notify`]. Its arguments are a
    /// tuple, `()` if it has none, or a struct, which is sent as it is. One that was added under
    /// this name before is replaced.
    ///
    /// [`Peers::notify`]: crate::Peers::notify
    pub fn event<A: IpcType>(self, name: impl Into<String>) -> Self {
        self.with(BindingSource::Event { name: name.into(), arguments: A::NODE })
    }

    /// Adds a function by name, as [`Backend::expose`] makes it, from the types of its arguments
    /// and of what it returns: a value, or a `Result`. Its arguments are a tuple, `()` if it has
    /// none, or a struct, which is sent as it is. One that was added under this name before is
    /// replaced.
    pub fn function<A: IpcType, R: IpcType>(self, name: impl Into<String>) -> Self {
        self.with(BindingSource::Function {
            name: name.into(),
            arguments: A::NODE,
            output: R::NODE,
        })
    }

    fn with(mut self, source: BindingSource) -> Self {
        match self.sources.iter_mut().find(|known| source.replaces(known)) {
            Some(known) => *known = source,
            None => self.sources.push(source),
        }
        self
    }

    /// Sets what integers of 64 bits are in TypeScript: [`Integers::Number`] unless set.
    pub fn integers(mut self, integers: Integers) -> Self {
        self.integers = integers;
        self
    }

    /// Sets what the file imports its types from: `ipc-runtime` unless set.
    pub fn package(mut self, package: impl Into<String>) -> Self {
        self.package = package.into();
        self
    }

    /// Adds all types as data, in the constant `$Types`: with `check($Types)` of the npm package's
    /// `ipc-runtime/check`, a connection looks whether each value that it sends or takes is of its
    /// type. A bundle has nothing of it where `$Types` isn't imported.
    ///
    /// ```
    /// use ipc_runtime::{ipc_interface, typescript::Bindings};
    ///
    /// #[ipc_interface(channel = "docs.checkable", version = "1.0.0")]
    /// pub trait Mixer {
    ///     async fn set_volume(&self, percent: u8);
    /// }
    ///
    /// let text = Bindings::new().interface::<MixerClient>().checkable().to_string();
    /// assert!(text.contains("\
    /// export const $Types: $.Types = {
    ///   types: {},
    ///   interfaces: [
    ///     [Mixer, {
    ///       set_volume: { a: [\"u8\"], r: \"null\" },
    ///     }],
    ///   ],
    /// };
    /// "));
    /// ```
    pub fn checkable(mut self) -> Self {
        self.is_checkable = true;
        self
    }

    /// Writes the file, unless it holds this already: a tool that watches it sees no change then.
    /// Directories that are missing are made. A relative path begins at the current directory,
    /// which for a test is that of its package. Returns whether the file was written.
    ///
    /// # Errors
    ///
    /// [`BindingsError::Write`].
    pub fn write(&self, path: impl AsRef<Path>) -> Result<bool, BindingsError> {
        bindings_file::write(path.as_ref(), &self.to_string())
    }

    /// Fails unless the file holds this: for a test. How its lines end doesn't matter. If the
    /// environment variable `IPC_BINDINGS` is `write`, the file is [written](Self::write) instead.
    ///
    /// # Errors
    ///
    /// [`BindingsError::Stale`] and [`BindingsError::Missing`] say what differs, and the command
    /// that renews the file. [`BindingsError::Read`] if it can't be read.
    pub fn check(&self, path: impl AsRef<Path>) -> Result<(), BindingsError> {
        bindings_file::check(path.as_ref(), &self.to_string())
    }

    /// Returns what is less than it could be, for people to read: types that are `unknown` in
    /// TypeScript, and lists of bytes that aren't `Bytes`. Each names its place and what to do.
    pub fn hints(&self) -> Vec<String> {
        hints(&self.sources, &Model::of(&self.sources, self.integers))
    }
}

/// The text of the file.
impl Display for Bindings {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let model = Model::of(&self.sources, self.integers);
        f.write_str(&document(&self.sources, &model, &self.package, self.is_checkable))
    }
}

/// Bindings for a frontend in TypeScript, with the feature `typescript`.
impl Backend {
    /// Returns bindings that begin with all interfaces that are registered, in the order of their
    /// channels. Functions are added by hand: of an [exposed](Self::expose) one, only the name is
    /// known.
    pub fn bindings(&self) -> Bindings {
        let mut interfaces: Vec<_> = self.registry().table().interfaces().collect();
        interfaces.sort_unstable_by_key(|one| one.channel);
        interfaces.into_iter().fold(Bindings::new(), Bindings::called)
    }
}
