//! Why nothing could be registered.

use std::panic::Location;

use crate::support::error_report::debug_as_text;

debug_as_text! { RegisterError }

/// Why a handler could not be registered.
#[derive(Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RegisterError {
    /// There is a handler for that channel.
    #[error(
        "the channel `{channel}` is taken by {holder}, registered at {holder_place}: remove that \
         registration before you register at {place}, or give one of the two another channel"
    )]
    #[non_exhaustive]
    ChannelTaken {
        /// The channel.
        channel: &'static str,
        /// The trait that holds it.
        holder: &'static str,
        /// Where in the source it was to be registered.
        place: &'static Location<'static>,
        /// Where in the source the holder was registered.
        holder_place: &'static Location<'static>,
    },
    /// There is a method or an exposed function with that name.
    #[error(
        "the name `{name}` is taken by what was registered at {holder_place}: remove that before \
         the one at {place}, or give one of both another name"
    )]
    #[non_exhaustive]
    NameTaken {
        /// The name on the wire.
        name: Box<str>,
        /// Where in the source it was to be registered.
        place: &'static Location<'static>,
        /// Where in the source the holder was registered.
        holder_place: &'static Location<'static>,
    },
    /// No function can have this name.
    #[error(
        "`{name}` can't be the name of a function: it must not be empty, and names that begin with \
         `rpc.` or `$/` are the runtime's own"
    )]
    #[non_exhaustive]
    Name {
        /// The name.
        name: Box<str>,
    },
    /// The interface's version isn't a semantic version, so the runtime couldn't compare it.
    #[error("the interface {interface} has the version `{version}`, which is no semantic version")]
    #[non_exhaustive]
    Version {
        /// The trait.
        interface: &'static str,
        /// Its version.
        version: &'static str,
    },
}
