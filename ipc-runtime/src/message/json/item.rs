//! Items of subscriptions and of stream arguments: what stands in the params of their
//! notifications.

use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

use crate::message::{
    error_object::ErrorObject,
    id::Id,
    json::{scan, value},
};

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
    value::integer(out, subscription);
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
    value::integer(out, stream);
    body(out, "item", word);
    out.push(b'}');
}

/// Appends the params of a `$/progress`. The token stands as it came.
pub(crate) fn progress_params(out: &mut Vec<u8>, token: &Id, value: &[u8]) {
    out.extend_from_slice(b"{\"token\":");
    token.write(out);
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
            value::integer(out, *count);
        }
        Word::Error(error) => {
            out.extend_from_slice(b",\"error\":");
            value::json(out, error);
        }
    }
}

/// The params of a subscription's notification or of a `$/stream`, as they come in.
#[derive(Debug, Default)]
pub(crate) struct ItemParams<'a> {
    /// Whose subscription it is.
    pub(crate) subscription: Option<Id>,
    /// Which stream argument it is of.
    pub(crate) stream: Option<u64>,
    pub(crate) spoken: Spoken<'a>,
    /// Where in its source the item stands.
    pub(crate) seq: Option<u64>,
    pub(crate) epoch: Option<u64>,
}

/// What may be said there.
#[derive(Debug, Default)]
pub(crate) struct Spoken<'a> {
    /// An item of a subscription.
    pub(crate) result: Option<&'a [u8]>,
    /// One of a stream argument.
    pub(crate) item: Option<&'a [u8]>,
    pub(crate) error: Option<&'a [u8]>,
    pub(crate) done: bool,
    pub(crate) lagged: Option<u64>,
    pub(crate) gap: bool,
    /// Nobody knows what: it can't be read.
    pub(crate) broken: bool,
}

/// What a notification says, as it came in.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Heard<'a> {
    Item(&'a [u8]),
    Done,
    Error(&'a [u8]),
    Lagged(u64),
    Gap,
    /// It can't be read.
    Broken,
}

impl<'a> ItemParams<'a> {
    /// Reads JSON. One member that is odd says nothing of the others.
    pub(crate) fn of_json(params: &'a [u8]) -> Option<Self> {
        #[derive(Deserialize)]
        struct Members<'a> {
            #[serde(borrow)]
            subscription: Option<&'a RawValue>,
            #[serde(borrow)]
            stream: Option<&'a RawValue>,
            #[serde(borrow, default, deserialize_with = "present")]
            result: Option<&'a RawValue>,
            #[serde(borrow, default, deserialize_with = "present")]
            item: Option<&'a RawValue>,
            #[serde(borrow)]
            error: Option<&'a RawValue>,
            #[serde(borrow)]
            done: Option<&'a RawValue>,
            #[serde(borrow)]
            lagged: Option<&'a RawValue>,
            #[serde(borrow)]
            gap: Option<&'a RawValue>,
            #[serde(borrow)]
            seq: Option<&'a RawValue>,
            #[serde(borrow)]
            epoch: Option<&'a RawValue>,
        }
        let Ok(members) = serde_json::from_slice::<Members<'a>>(params) else {
            return Self::of_broken_json(params);
        };
        let number = |member: Option<&RawValue>| serde_json::from_str(member?.get()).ok();
        let truth = |member: Option<&RawValue>| member.is_some_and(|member| member.get() == "true");
        let bytes = |member: Option<&'a RawValue>| member.map(|member| member.get().as_bytes());
        Some(Self {
            subscription: bytes(members.subscription).and_then(|id| Id::of_json(id).ok()),
            stream: number(members.stream),
            spoken: Spoken {
                result: bytes(members.result),
                item: bytes(members.item),
                error: bytes(members.error),
                done: truth(members.done),
                lagged: number(members.lagged),
                gap: truth(members.gap),
                broken: false,
            },
            seq: number(members.seq),
            epoch: number(members.epoch),
        })
    }

    /// Whose item is lost by it.
    fn of_broken_json(params: &'a [u8]) -> Option<Self> {
        let members = scan::members_of_prefix(params);
        let id = |member: Option<&[u8]>| Id::of_json(member?).ok();
        let stream = match id(members.stream) {
            Some(Id::Number(number)) => Some(number),
            _ => None,
        };
        let subscription = id(members.subscription);
        let spoken = Spoken { broken: true, ..Spoken::default() };
        (subscription.is_some() || stream.is_some()).then(|| Self {
            subscription,
            stream,
            spoken,
            ..Self::default()
        })
    }

    /// What it says of a subscription.
    pub(crate) fn heard_of_subscription(&self) -> Option<Heard<'a>> {
        self.heard(self.spoken.result).or(match self.spoken.lagged {
            Some(count) => Some(Heard::Lagged(count)),
            None => (self.spoken.gap || self.spoken.broken).then_some(Heard::Gap),
        })
    }

    /// What it says of a stream argument.
    pub(crate) fn heard_of_stream(&self) -> Option<Heard<'a>> {
        self.heard(self.spoken.item).or(self.spoken.broken.then_some(Heard::Broken))
    }

    fn heard(&self, item: Option<&'a [u8]>) -> Option<Heard<'a>> {
        match (self.spoken.error, item) {
            (Some(error), _) => Some(Heard::Error(error)),
            (None, Some(item)) => Some(Heard::Item(item)),
            (None, None) => self.spoken.done.then_some(Heard::Done),
        }
    }
}

/// `null` is an item as well.
fn present<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<&'de RawValue>, D::Error> {
    <&RawValue>::deserialize(deserializer).map(Some)
}

/// The token and the value of a `$/progress` of JSON, by name or by position.
pub(crate) fn json_progress(params: &[u8]) -> Option<(Id, &[u8])> {
    #[derive(Deserialize)]
    struct Params<'a> {
        #[serde(borrow)]
        token: &'a RawValue,
        #[serde(borrow)]
        value: &'a RawValue,
    }
    // A struct is read from a sequence, too.
    let Params { token, value } = serde_json::from_slice(params).ok()?;
    Some((Id::of_json(token.get().as_bytes()).ok()?, value.get().as_bytes()))
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
            let params = ItemParams::of_json(text.as_bytes()).unwrap();
            assert_eq!(params.subscription, Some(Id::Number(7)));
            assert_eq!(params.heard_of_subscription(), Some(expected));
        }
    }
}
