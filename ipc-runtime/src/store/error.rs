//! Errors of reading and writing a store.

use ipc_macros::ipc_type;
use serde_json::Value;

use crate::{store::revision::Revision, support::error_report::debug_as_text};

/// Why a read or a write of a store failed. A write that fails changes nothing.
#[ipc_type]
#[derive(Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// Somebody else has written the key since the revision that the caller expected.
    #[error(
        "`{key}` was to be written only {expected}, and {found}",
        expected = .expected.map_or("where nothing is kept".into(), |at| format!("over revision {at}")),
        found = .current.map_or("nothing is kept there".into(), |at| format!("is at revision {at}")),
    )]
    #[non_exhaustive]
    Conflict {
        /// The key.
        key: String,
        /// The revision that was expected; `None`: no value.
        expected: Option<Revision>,
        /// The revision of the key's current value; `None`: it has none.
        current: Option<Revision>,
        /// The newest revision of the scope, of any key.
        latest: Revision,
    },
    /// The scope would hold more than its limit.
    #[error("`{key}` doesn't fit: the store would hold {needed} bytes, and may hold {limit}")]
    #[non_exhaustive]
    Full {
        /// The key.
        key: String,
        /// The limit of the scope, in bytes.
        limit: u64,
        /// What the scope would hold, in bytes.
        needed: u64,
    },
    /// The key's name is too long.
    #[error("the key `{key}…` has {length} bytes, and may have {limit}")]
    #[non_exhaustive]
    KeyTooLong {
        /// The first 32 characters of the key.
        key: String,
        /// The length of the key, in bytes.
        length: u64,
        /// The limit of a key's length, in bytes.
        limit: u64,
    },
    /// The value can't be stored: its `Serialize` fails, it holds a NaN or an infinity, it is
    /// nested too deep, or the name of a member is one of serde_json's own
    /// (`$serde_json::private::…`).
    #[error("the value for `{key}` can't be kept: {message}")]
    #[non_exhaustive]
    Encode {
        /// The key.
        key: String,
        /// What is wrong with the value.
        message: String,
    },
    /// The stored value isn't of the key's type. The error doesn't show the value.
    #[error("the value of `{key}` is of another type: {message}")]
    #[non_exhaustive]
    Decode {
        /// The key.
        key: String,
        /// The name of the type, and what it expects.
        message: String,
    },
    /// There is a value, but it is larger than the messages that this side accepts
    /// ([`Limits::max_message_bytes`](crate::Limits::max_message_bytes)), so it wasn't sent here.
    #[error("the value of `{key}` has {size} bytes: too large for the {limit} of a message")]
    #[non_exhaustive]
    TooLarge {
        /// The key.
        key: String,
        /// The value's size, in bytes.
        size: u64,
        /// The largest message that this side accepts, in bytes.
        limit: u64,
    },
    /// The scope belonged to a window that is gone.
    #[error("`{key}` can't be written: the window that the scope belonged to is gone")]
    #[non_exhaustive]
    Gone {
        /// The key.
        key: String,
    },
    /// An error of a newer backend, which this side doesn't know. It is kept as it was received.
    #[error("the store refused, for a reason that is unknown here: {}", name(.0))]
    #[serde(untagged)]
    #[non_exhaustive]
    Unknown(Value),
}

debug_as_text! { StoreError }

/// Returns only the name of an unknown error: what it holds may be a secret.
fn name(error: &Value) -> &str {
    let name = match error {
        Value::Object(members) => members.keys().next().map(String::as_str),
        other => other.as_str(),
    };
    name.unwrap_or("?")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn store_errors_of_newer_backends_have_a_place() {
        let newer = json!({ "Forbidden": { "key": "a", "who": "b" } });
        let error: StoreError = serde_json::from_value(newer.clone()).unwrap();
        assert_eq!(error, StoreError::Unknown(newer.clone()));
        assert!(error.to_string().ends_with(": Forbidden"), "{error}");
        assert_eq!(serde_json::to_value(&error).unwrap(), newer);

        let known = StoreError::Full { key: "a".into(), limit: 1, needed: 2 };
        let told = serde_json::to_value(&known).unwrap();
        assert_eq!(told, json!({ "Full": { "key": "a", "limit": 1, "needed": 2 } }));
        assert_eq!(serde_json::from_value::<StoreError>(told).unwrap(), known);
    }
}
