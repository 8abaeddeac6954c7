//! The description of an interface: its channel, version and methods, and what they look like on
//! the wire.
//!
//! [`ipc_interface`](crate::ipc_interface) writes an [`InterfaceInfo`] as a constant,
//! [`Client::INTERFACE`](crate::Client::INTERFACE); both sides compare theirs in the handshake.

pub(crate) mod arguments;
pub(crate) mod cache;
pub(crate) mod fingerprint;
pub(crate) mod schema;
pub(crate) mod served_versions;
pub(crate) mod wire_type;

use std::time::Duration;

use crate::{
    interface::cache::InterfaceCache,
    shape::{integers::Integers, name::Docs, node::Node},
};

pub use crate::{
    interface::schema::{
        Schema, SchemaArgument, SchemaMethod, SchemaType, difference::Difference,
        parse_error::ParseSchemaError, type_schema::TypeSchema,
    },
    shape::{
        fingerprint::{Fingerprint, ParseFingerprintError},
        lock_hash::LockHash,
    },
};

/// The description of an interface, as the macro wrote it: channel, version, methods, shapes.
///
/// It is available as [`Client::INTERFACE`](crate::Client::INTERFACE) of every generated client.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct InterfaceInfo {
    /// The name of the Rust trait.
    pub name: &'static str,
    /// The channel: what stands before the last dot of each method's name on the wire.
    pub channel: &'static str,
    /// The interface's semantic version.
    pub version: &'static str,
    /// Which versions of a backend serve a frontend of this version.
    pub compat: Compat,
    /// The methods, in the order of the trait.
    pub methods: &'static [MethodInfo],
    /// What its author has written about it.
    pub docs: Docs,
    origin: Origin,
}

/// The constant that the macro wrote, and what is computed of it once: of a copy that the app has
/// changed, all may be different.
type Origin = fn() -> (&'static InterfaceInfo, &'static InterfaceCache);

impl InterfaceInfo {
    /// Called by generated code.
    #[doc(hidden)]
    pub const fn new(
        name: &'static str,
        channel: &'static str,
        version: &'static str,
        compat: Compat,
        methods: &'static [MethodInfo],
        origin: Origin,
        docs: Docs,
    ) -> Self {
        Self { name, channel, version, compat, methods, docs, origin }
    }

    /// What was computed of it, unless the app has changed it.
    pub(crate) fn cache(&self) -> Option<&'static InterfaceCache> {
        let (origin, cache) = (self.origin)();
        let is_unchanged = std::ptr::eq(self.methods, origin.methods)
            && (self.channel, self.version) == (origin.channel, origin.version);
        is_unchanged.then_some(cache)
    }

    /// Whether it would get the same answer in a handshake.
    pub(crate) fn is_same(&self, other: &Self) -> bool {
        let asked = |info: &Self| (info.channel, info.version, info.compat, info.fingerprint());
        asked(self) == asked(other)
    }
}

/// The description of one method.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct MethodInfo {
    /// The name on the wire, with the channel: `demo.files.list`.
    pub full_name: &'static str,
    /// The name on the wire, without the channel: `list`.
    pub name: &'static str,
    /// Names that it had before, by `#[ipc(alias = "…")]`: it is called by these too.
    pub aliases: &'static [AliasInfo],
    /// Whether it is answered.
    pub kind: MethodKind,
    /// The signature as it was written, without receiver and context: for people to read.
    pub signature: &'static str,
    /// The arguments that travel, in order.
    pub arguments: &'static [ArgumentInfo],
    /// What comes back.
    pub(crate) output: OutputInfo,
    /// The deadline that was set by `#[ipc(timeout = "…")]`.
    pub timeout: Timeout,
    /// Whether dropping the call cancels the handler: not with `#[ipc(no_cancel)]` and
    /// `#[ipc(blocking)]`.
    pub cancellable: bool,
    /// Whether it may run twice, by `#[ipc(idempotent)]`: then a call that was lost with its
    /// connection is made again.
    pub idempotent: bool,
    /// What its author has written about it.
    pub docs: Docs,
}

impl MethodInfo {
    /// Called by generated code.
    #[doc(hidden)]
    #[allow(clippy::too_many_arguments, reason = "called by generated code")]
    pub const fn new(
        full_name: &'static str,
        name: &'static str,
        kind: MethodKind,
        signature: &'static str,
        arguments: &'static [ArgumentInfo],
        output: OutputInfo,
        options: MethodOptions,
        docs: Docs,
    ) -> Self {
        let MethodOptions { timeout, cancellable, idempotent, aliases } = options;
        Self {
            full_name,
            name,
            aliases,
            kind,
            signature,
            arguments,
            output,
            timeout,
            cancellable,
            idempotent,
            docs,
        }
    }

    /// All full names by which it is called: its own one first.
    pub(crate) fn full_names(&self) -> impl Iterator<Item = &'static str> + use<> {
        [self.full_name].into_iter().chain(self.aliases.iter().map(|alias| alias.full_name))
    }

    /// What all arguments and all that comes back look like.
    pub(crate) fn nodes(&self) -> impl Iterator<Item = &'static Node> + '_ {
        let OutputInfo { value, error, item, item_error, progress, .. } = self.output;
        let arguments = self.arguments.iter().map(|argument| argument.node);
        arguments.chain([value]).chain([error, item, item_error, progress].into_iter().flatten())
    }
}

/// What comes back from a method.
#[doc(hidden)]
#[derive(Debug, Clone, Copy)]
pub struct OutputInfo {
    /// The result: that of a `Result` is its value. A unit for notifications and subscriptions.
    pub(crate) value: &'static Node,
    /// The error of a call, or of opening a subscription.
    pub(crate) error: Option<&'static Node>,
    /// Each item of a subscription.
    pub(crate) item: Option<&'static Node>,
    /// The error that ends a subscription.
    pub(crate) item_error: Option<&'static Node>,
    /// Each report of the method's progress.
    pub(crate) progress: Option<&'static Node>,
    /// What integers of 64 bits in all of these are asked to be in TypeScript.
    pub(crate) integers: Option<Integers>,
}

impl OutputInfo {
    pub const fn new(
        value: &'static Node,
        error: Option<&'static Node>,
        item: Option<&'static Node>,
        item_error: Option<&'static Node>,
        progress: Option<&'static Node>,
    ) -> Self {
        Self { value, error, item, item_error, progress, integers: None }
    }

    /// Says what integers of 64 bits are in TypeScript, by `#[ipc(integer = "…")]`.
    pub const fn with_integers(self, integers: Integers) -> Self {
        Self { integers: Some(integers), ..self }
    }
}

/// What `#[ipc(…)]` says of a method, as generated code writes it: see [`MethodInfo`].
#[doc(hidden)]
#[derive(Debug, Clone, Copy)]
pub struct MethodOptions {
    pub timeout: Timeout,
    pub cancellable: bool,
    pub idempotent: bool,
    pub aliases: &'static [AliasInfo],
}

impl MethodOptions {
    /// Of a method without the attribute.
    pub const DEFAULT: Self =
        Self { timeout: Timeout::Default, cancellable: true, idempotent: false, aliases: &[] };
}

/// A name that a method had before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct AliasInfo {
    /// The name on the wire, with the channel: `demo.files.list`.
    pub full_name: &'static str,
    /// The name on the wire, without the channel: `list`.
    pub name: &'static str,
}

impl AliasInfo {
    /// Called by generated code.
    #[doc(hidden)]
    pub const fn new(full_name: &'static str, name: &'static str) -> Self {
        Self { full_name, name }
    }
}

/// The description of one argument.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct ArgumentInfo {
    /// The name on the wire.
    pub name: &'static str,
    /// What it looks like: an item of it, if it is a stream.
    pub(crate) node: &'static Node,
    /// Whether it is a stream of items.
    pub is_stream: bool,
    /// What its integers of 64 bits are asked to be in TypeScript.
    pub(crate) integers: Option<Integers>,
}

impl ArgumentInfo {
    /// Called by generated code.
    #[doc(hidden)]
    pub const fn new(name: &'static str, node: &'static Node, is_stream: bool) -> Self {
        Self { name, node, is_stream, integers: None }
    }

    /// Called by generated code, for `#[ipc(integer = "…")]`.
    #[doc(hidden)]
    pub const fn with_integers(self, integers: Integers) -> Self {
        Self { integers: Some(integers), ..self }
    }
}

/// What kind of message a method is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum MethodKind {
    /// Answered once: a JSON-RPC request.
    Request,
    /// Never answered: a JSON-RPC notification.
    Notification,
    /// Answered by a stream of items.
    Subscription,
}

/// How long a call may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum Timeout {
    /// What the connection is configured with: 60 seconds unless set.
    #[default]
    Default,
    /// At most this long, from the call's first poll to its answer.
    After(Duration),
    /// No deadline.
    Never,
}

/// Which versions satisfy which.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum Compat {
    /// Cargo's caret rule: a backend of 1.4.0 serves a frontend of 1.2.0, not the reverse, and
    /// never one of 2.x; before 1.0 the minor counts as the major.
    #[default]
    Semver,
    /// Only equal versions.
    Exact,
    /// Whatever the versions are: those methods can be called that both sides understand. A caller
    /// chooses it, by [`FrontendBuilder::compat`](crate::FrontendBuilder::compat) or
    /// [`open_with`](crate::Frontend::open_with); an interface can't have it.
    Used,
}
