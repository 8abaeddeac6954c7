//! Items of subscriptions and of stream arguments: what stands in the params of their
//! notifications.

use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

use super::{ErrorObject, Id, write};

/// What one notification says to a consumer.
#[derive(Debug)]
pub(crate) enum Word<'a> {
    Item(&'a [u8]),
    Done,
    Error(&'a ErrorObject),
    Lagged(u64),
    Gap,
}

/// Appends the params of a subscription's notification. `seq`, and `epoch` where it isn't known
/// yet, go with an item.
pub(crate) fn subscription_params(
    out: &mut Vec<u8>,
    subscription: u64,
    word: &Word<'_>,
    seq: Option<u64>,
    epoch: Option<u64>,
) {
    out.extend_from_slice(b"{\"subscription\":");
    write::integer(out, subscription);
    body(out, "result", word);
    for (name, value) in [("seq", seq), ("epoch", epoch)] {
        if let Some(value) = value {
            out.extend_from_slice(format!(",\"{name}\":{value}").as_bytes());
        }
    }
    out.push(b'}');
}

/// Appends the params of a `$/stream`.
pub(crate) fn stream_params(out: &mut Vec<u8>, stream: u64, word: &Word<'_>) {
    out.extend_from_slice(b"{\"stream\":");
    write::integer(out, stream);
    body(out, "item", word);
    out.push(b'}');
}

/// Appends the params of a `$/progress`. The token stands as it came.
pub(crate) fn progress_params(out: &mut Vec<u8>, token: &str, value: &[u8]) {
    out.extend_from_slice(b"{\"token\":");
    out.extend_from_slice(token.as_bytes());
    out.extend_from_slice(b",\"value\":");
    out.extend_from_slice(value);
    out.push(b'}');
}

fn body(out: &mut Vec<u8>, item_name: &str, word: &Word<'_>) {
    match word {
        Word::Item(item) => {
            out.extend_from_slice(b",\"");
            out.extend_from_slice(item_name.as_bytes());
            out.extend_from_slice(b"\":");
            out.extend_from_slice(item);
        }
        Word::Done => out.extend_from_slice(b",\"done\":true"),
        Word::Gap => out.extend_from_slice(b",\"gap\":true"),
        Word::Lagged(count) => {
            out.extend_from_slice(b",\"lagged\":");
            write::integer(out, *count);
        }
        Word::Error(error) => {
            out.extend_from_slice(b",\"error\":");
            write::json(out, error);
        }
    }
}

/// The params of a subscription's notification, as they come in.
#[derive(Debug, Deserialize)]
pub(crate) struct SubscriptionParams<'a> {
    #[serde(borrow)]
    subscription: &'a RawValue,
    #[serde(borrow, default, deserialize_with = "present")]
    result: Option<&'a RawValue>,
    #[serde(borrow, default)]
    error: Option<&'a RawValue>,
    #[serde(default)]
    done: bool,
    #[serde(default)]
    lagged: Option<u64>,
    #[serde(default)]
    gap: bool,
    /// Where in its source the item stands.
    #[serde(default)]
    pub(crate) seq: Option<u64>,
    #[serde(default)]
    pub(crate) epoch: Option<u64>,
}

/// The params of a `$/stream`, as they come in.
#[derive(Debug, Deserialize)]
pub(crate) struct StreamParams<'a> {
    pub(crate) stream: u64,
    #[serde(borrow, default, deserialize_with = "present")]
    item: Option<&'a RawValue>,
    #[serde(borrow, default)]
    error: Option<&'a RawValue>,
    #[serde(default)]
    done: bool,
}

/// The token and the value of a `$/progress`, by name or by position.
pub(crate) fn parse_progress(params: &[u8]) -> Option<(Id, &[u8])> {
    #[derive(Deserialize)]
    struct Params<'a> {
        #[serde(borrow)]
        token: &'a RawValue,
        #[serde(borrow)]
        value: &'a RawValue,
    }
    // A struct is read from a sequence, too.
    let Params { token, value } = serde_json::from_slice(params).ok()?;
    Some((Id::parse(token.get().as_bytes()).ok()?, value.get().as_bytes()))
}

/// What a notification says, as it came in.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Heard<'a> {
    Item(&'a [u8]),
    Done,
    Error(&'a [u8]),
    Lagged(u64),
    Gap,
}

impl<'a> SubscriptionParams<'a> {
    pub(crate) fn parse(params: &'a [u8]) -> Option<Self> {
        serde_json::from_slice(params).ok()
    }

    /// Whose it is.
    pub(crate) fn subscription(&self) -> Option<Id> {
        Id::parse(self.subscription.get().as_bytes()).ok()
    }

    pub(crate) fn heard(&self) -> Option<Heard<'a>> {
        heard(self.result, self.error, self.done).or(match self.lagged {
            Some(count) => Some(Heard::Lagged(count)),
            None => self.gap.then_some(Heard::Gap),
        })
    }
}

impl<'a> StreamParams<'a> {
    pub(crate) fn parse(params: &'a [u8]) -> Option<Self> {
        serde_json::from_slice(params).ok()
    }

    pub(crate) fn heard(&self) -> Option<Heard<'a>> {
        heard(self.item, self.error, self.done)
    }
}

/// `null` is an item as well.
fn present<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<&'de RawValue>, D::Error> {
    <&RawValue>::deserialize(deserializer).map(Some)
}

fn heard<'a>(
    item: Option<&'a RawValue>,
    error: Option<&'a RawValue>,
    done: bool,
) -> Option<Heard<'a>> {
    match (item, error) {
        (_, Some(error)) => Some(Heard::Error(error.get().as_bytes())),
        (Some(item), None) => Some(Heard::Item(item.get().as_bytes())),
        (None, None) => done.then_some(Heard::Done),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(word: &Word<'_>, seq: Option<u64>, epoch: Option<u64>) -> String {
        let mut out = Vec::new();
        subscription_params(&mut out, 7, word, seq, epoch);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn words_have_the_shape_of_the_protocol() {
        let item = text(&Word::Item(b"{\"a\":1}"), Some(12), Some(5));
        assert_eq!(item, r#"{"subscription":7,"result":{"a":1},"seq":12,"epoch":5}"#);
        assert_eq!(text(&Word::Done, None, None), r#"{"subscription":7,"done":true}"#);
        assert_eq!(text(&Word::Lagged(31), None, None), r#"{"subscription":7,"lagged":31}"#);
        assert_eq!(text(&Word::Gap, None, None), r#"{"subscription":7,"gap":true}"#);
    }

    #[test]
    fn what_is_written_is_read_again() {
        for (word, expected) in [
            (Word::Item(b"null"), Heard::Item(b"null")),
            (Word::Item(b"[1]"), Heard::Item(b"[1]")),
            (Word::Done, Heard::Done),
            (Word::Lagged(3), Heard::Lagged(3)),
            (Word::Gap, Heard::Gap),
        ] {
            let text = text(&word, Some(1), None);
            let params = SubscriptionParams::parse(text.as_bytes()).unwrap();
            assert_eq!(params.subscription(), Some(Id::Number(7)));
            assert_eq!(params.heard(), Some(expected));
        }
    }
}
