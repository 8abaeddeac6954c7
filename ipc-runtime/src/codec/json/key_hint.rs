//! What to do about keys of maps that are numbers.

/// An error of a key that is a number in the type and was read as text, with what to do. Keys are
/// text in JSON, and where serde gathers a value first, it doesn't read a number from them.
#[cold]
pub(crate) fn with_hint(error: &str, payload: &[u8]) -> Option<String> {
    let (key, _) = error.strip_prefix("invalid type: string \"")?.split_once("\", expected ")?;
    key.parse::<i128>().ok()?;
    // The same text as a value is another mistake.
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
