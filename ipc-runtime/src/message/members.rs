//! What the envelope's scanners find, whatever the encoding is.

use std::borrow::Cow;

/// The members of a message, as they stand in the frame.
#[derive(Debug, Default)]
pub(crate) struct EnvelopeMembers<'a> {
    pub(crate) version: Option<&'a [u8]>,
    pub(crate) id: Option<&'a [u8]>,
    pub(crate) method: Option<Method<'a>>,
    pub(crate) params: Option<&'a [u8]>,
    pub(crate) result: Option<&'a [u8]>,
    pub(crate) error: Option<&'a [u8]>,
    pub(crate) extension: Option<&'a [u8]>,
    /// The beginning of the value amid which a prefix ends, if that is the params.
    pub(crate) open_params: Option<&'a [u8]>,
    /// Of params: whose item it is.
    pub(crate) subscription: Option<&'a [u8]>,
    /// The same of a stream argument.
    pub(crate) stream: Option<&'a [u8]>,
    /// How deep it is nested, where that is too deep.
    pub(crate) too_deep: Option<usize>,
}

#[derive(Debug)]
pub(crate) enum Method<'a> {
    Name(Cow<'a, str>),
    NotAString,
}

/// What the scanner leaves to others.
#[derive(Debug)]
pub(crate) enum Unusual {
    NotAnObject,
    Syntax(&'static str),
}
