//! What has come of a message that is known by its beginning.

use crate::message::error_object::ErrorObject;

/// What has come of a message that is known by its beginning.
pub(crate) enum Begun {
    Yes,
    /// It isn't let in, if it is a message.
    Refused(ErrorObject),
    /// Nothing: it is to be read as a whole.
    No,
}
