//! Advice for errors about map keys that are numbers.

/// Returns an error with advice, if it is about a map key that is a number in its type and was read
/// as text. Keys are text in JSON. If serde buffers a value first, it doesn't read numbers from its
/// keys.
#[cold]
pub(crate) fn with_hint(error: &str, payload: &[u8]) -> Option<String> {
    let (key, _) = error.strip_prefix("invalid type: string \"")?.split_once("\", expected ")?;
    key.parse::<i128>().ok()?;
    // If the text is a value and not a key, the mistake is a different one.
    let quoted = format!("\"{key}\"");
    let is_key = payload.windows(quoted.len()).enumerate().any(|(at, text)| {
        let behind = &payload[at + quoted.len()..];
        text == quoted.as_bytes() && behind.trim_ascii_start().first() == Some(&b':')
    });
    is_key.then(|| {
        format!(
            "{error}: the key {quoted} of a map is text in JSON, and inside of what is `flatten`, \
             `untagged` or has a `tag`, serde reads no number from it; give that map keys of type \
             String, or its number keys a `Deserialize` that takes text"
        )
    })
}
