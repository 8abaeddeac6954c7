//! What became of a message that is recognised by its beginning.

use crate::message::error_object::ErrorObject;

/// What became of a message that is recognised by its beginning.
pub(crate) enum Begun {
    Yes,
    /// It is refused, if it is a message.
    Refused(ErrorObject),
    /// Nothing: it has to be read as a whole.
    No,
}
