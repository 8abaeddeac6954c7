//! What a reply says, on its way out.

use crate::message::error_object::ErrorObject;

/// What goes into a reply.
#[derive(Clone, Copy)]
pub(crate) enum ResponseBody<'a> {
    /// A result, encoded.
    Result(&'a [u8]),
    Error(&'a ErrorObject),
}
