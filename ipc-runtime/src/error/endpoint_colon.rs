//! What stands behind an endpoint in a message.

use std::fmt;

/// What stands between an endpoint and what is said of it: `stdio:` ends with a colon already.
pub(crate) fn colon(endpoint: &impl fmt::Display) -> &'static str {
    if endpoint.to_string().ends_with(':') { "" } else { ":" }
}
