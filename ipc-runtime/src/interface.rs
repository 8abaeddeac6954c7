//! The description of an interface: its channel, version and methods, and the types that they
//! reach.
//!
//! [`ipc_interface`](crate::ipc_interface) writes an [`InterfaceInfo`] as a constant,
//! [`Client::INTERFACE`](crate::Client::INTERFACE); both sides compare theirs in the handshake.

pub(crate) mod arguments;
pub(crate) mod fingerprint;
pub(crate) mod wire_type;

use std::time::Duration;

use crate::interface::fingerprint::{mix, ordered, text};

pub use crate::interface::fingerprint::{
    Fingerprint, ParseFingerprintError, ipc_type::IpcType, shapes::TypeShapes,
};

/// The description of an interface, as the macro wrote it: channel, version, methods, fingerprint.
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
    /// Changes with everything that the wire sees of the interface and of the types it reaches.
    pub fingerprint: Fingerprint,
    /// The methods, in the order of the trait.
    pub methods: &'static [MethodInfo],
    pub(crate) describe: fn(&mut TypeShapes),
}

impl InterfaceInfo {
    /// Called by generated code.
    #[doc(hidden)]
    pub const fn new(
        name: &'static str,
        channel: &'static str,
        version: &'static str,
        compat: Compat,
        methods: &'static [MethodInfo],
        describe: fn(&mut TypeShapes),
    ) -> Self {
        let fingerprint = interface(methods);
        Self { name, channel, version, compat, fingerprint, methods, describe }
    }

    /// Whether it would get the same answer in a handshake.
    pub(crate) fn is_same(&self, other: &Self) -> bool {
        let asked = |info: &Self| (info.channel, info.version, info.compat, info.fingerprint);
        asked(self) == asked(other)
    }

    /// The shapes of all `#[ipc_type]` types that the interface reaches, by name.
    pub fn types(&self) -> TypeShapes {
        let mut types = TypeShapes::default();
        (self.describe)(&mut types);
        types
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
    /// Whether it is answered.
    pub kind: MethodKind,
    /// The signature as it was written, without receiver and context: for people to read.
    pub signature: &'static str,
    /// Changes with everything that the wire sees of the method.
    pub fingerprint: Fingerprint,
    /// The arguments that travel, in order.
    pub arguments: &'static [ArgumentInfo],
    /// The deadline that was set by `#[ipc(timeout = "…")]`.
    pub timeout: Timeout,
    /// Whether dropping the call cancels the handler: not with `#[ipc(no_cancel)]` and
    /// `#[ipc(blocking)]`.
    pub cancellable: bool,
    /// Whether it may run twice, by `#[ipc(idempotent)]`: then a call that was lost with its
    /// connection is made again.
    pub idempotent: bool,
}

impl MethodInfo {
    /// Called by generated code.
    #[doc(hidden)]
    pub const fn new(
        full_name: &'static str,
        name: &'static str,
        kind: MethodKind,
        signature: &'static str,
        fingerprint: Fingerprint,
        arguments: &'static [ArgumentInfo],
        options: MethodOptions,
    ) -> Self {
        let MethodOptions { timeout, cancellable, idempotent } = options;
        Self {
            full_name,
            name,
            kind,
            signature,
            fingerprint,
            arguments,
            timeout,
            cancellable,
            idempotent,
        }
    }
}

/// What `#[ipc(…)]` says of a method, as generated code writes it: see [`MethodInfo`].
#[doc(hidden)]
#[derive(Debug, Clone, Copy)]
pub struct MethodOptions {
    pub timeout: Timeout,
    pub cancellable: bool,
    pub idempotent: bool,
}

impl MethodOptions {
    /// Of a method without the attribute.
    pub const DEFAULT: Self =
        Self { timeout: Timeout::Default, cancellable: true, idempotent: false };
}

/// The description of one argument.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct ArgumentInfo {
    /// The name on the wire.
    pub name: &'static str,
}

impl ArgumentInfo {
    /// Called by generated code.
    #[doc(hidden)]
    pub const fn new(name: &'static str) -> Self {
        Self { name }
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
}

/// The fingerprint of a method: arguments by wire name and type, in order.
#[doc(hidden)]
pub const fn method(
    kind: MethodKind,
    name: &str,
    arguments: &[(&str, u64)],
    result: u64,
) -> Fingerprint {
    let kind = match kind {
        MethodKind::Request => text("request"),
        MethodKind::Notification => text("notification"),
        MethodKind::Subscription => text("subscription"),
    };
    let mut folded = ordered("arguments", &[]);
    let mut at = 0;
    while at < arguments.len() {
        folded = ordered("argument", &[folded, text(arguments[at].0), arguments[at].1]);
        at += 1;
    }
    Fingerprint::new(ordered("method", &[kind, text(name), folded, result]))
}

/// The fingerprint of an interface: its methods, in any order.
pub(crate) const fn interface(methods: &[MethodInfo]) -> Fingerprint {
    let mut sum = 0u64;
    let mut at = 0;
    while at < methods.len() {
        sum = sum.wrapping_add(mix(methods[at].fingerprint.value));
        at += 1;
    }
    Fingerprint::new(ordered("interface", &[methods.len() as u64, sum]))
}
