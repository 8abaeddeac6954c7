//! The members that the envelope's scanners find in any encoding.

use std::borrow::Cow;

/// The members of a message, as raw bytes of the frame.
#[derive(Debug, Default)]
pub(crate) struct EnvelopeMembers<'a> {
    pub(crate) version: Option<&'a [u8]>,
    pub(crate) id: Option<&'a [u8]>,
    pub(crate) method: Option<Method<'a>>,
    pub(crate) params: Option<&'a [u8]>,
    pub(crate) result: Option<&'a [u8]>,
    pub(crate) error: Option<&'a [u8]>,
    pub(crate) extension: Option<&'a [u8]>,
    /// The params up to the end of a prefix, if the prefix ends inside them.
    pub(crate) open_params: Option<&'a [u8]>,
    /// In params: the subscription that an item belongs to.
    pub(crate) subscription: Option<&'a [u8]>,
    /// In params: the stream argument that an item belongs to.
    pub(crate) stream: Option<&'a [u8]>,
    /// How deep the message is nested, if that is deeper than allowed.
    pub(crate) too_deep: Option<usize>,
}

#[derive(Debug)]
pub(crate) enum Method<'a> {
    Name(Cow<'a, str>),
    NotAString,
}

/// What the scanner leaves to its caller.
#[derive(Debug)]
pub(crate) enum Unusual {
    NotAnObject,
    Syntax(&'static str),
}
