//! The content of an outgoing reply.

use crate::message::error_object::ErrorObject;

/// The content of a reply.
#[derive(Clone, Copy)]
pub(crate) enum ResponseBody<'a> {
    /// An encoded result.
    Result(&'a [u8]),
    Error(&'a ErrorObject),
}
