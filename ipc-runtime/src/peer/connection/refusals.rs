//! Errors for a peer that exceeds a limit.

use crate::message::error_object::{ErrorObject, Sizes, code};

pub(crate) fn too_many_subscriptions(method: &str, limit: usize) -> ErrorObject {
    let why = format!(
        "{method} did not run: no more subscriptions and streams may be open at once (limit: {limit})"
    );
    let reached = serde_json::json!({ "limit": "maxSubscriptions", "value": limit });
    ErrorObject::new(code::LIMIT_REACHED, why).with_data(&reached)
}

/// The caller has chosen a number that one of its subscriptions has.
pub(crate) fn subscription_in_use(method: &str, number: u64) -> ErrorObject {
    let why = format!("{method} did not run: a subscription with the number {number} is open");
    ErrorObject::new(code::INVALID_REQUEST, why)
}

/// The caller has chosen a number that isn't one.
pub(crate) fn no_subscription_number(method: &str) -> ErrorObject {
    let why = format!(
        "{method} did not run: the `subscription` in `ipc` must be a whole number from 0 to 2^53 - 1"
    );
    ErrorObject::new(code::INVALID_REQUEST, why)
}

pub(crate) fn too_large(limit: usize, size: usize) -> ErrorObject {
    let message = format!("the reply of {size} bytes is larger than the {limit} you take");
    ErrorObject::new(code::REPLY_TOO_LARGE, message)
        .with_data(&Sizes { limit: limit as u64, size: size as u64 })
}
