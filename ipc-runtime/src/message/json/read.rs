//! Reads the runtime's own params and members in JSON messages.

use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

use crate::message::{
    extension::RawExtension,
    id::Id,
    item::{ItemParams, Spoken},
    json::{id, scan},
};

/// A member's raw bytes.
fn bytes(member: Option<&RawValue>) -> Option<&[u8]> {
    member.map(|member| member.get().as_bytes())
}

/// Reads the params of a subscription's notification or of a `$/stream`. A malformed member doesn't
/// affect the others.
pub(crate) fn item_params(params: &[u8]) -> Option<ItemParams<'_>> {
    #[derive(Deserialize)]
    struct ItemMembers<'a> {
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
    let Ok(members) = serde_json::from_slice::<ItemMembers<'_>>(params) else {
        return broken_item_params(params);
    };
    let number = |member: Option<&RawValue>| serde_json::from_str(member?.get()).ok();
    let truth = |member: Option<&RawValue>| member.is_some_and(|member| member.get() == "true");
    Some(ItemParams {
        subscription: bytes(members.subscription).and_then(|id| id::read(id).ok()),
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

/// Finds whose item is lost if the params can't be parsed.
fn broken_item_params(params: &[u8]) -> Option<ItemParams<'_>> {
    let members = scan::members_of_prefix(params);
    let id = |member: Option<&[u8]>| id::read(member?).ok();
    let stream = match id(members.stream) {
        Some(Id::Number(number)) => Some(number),
        _ => None,
    };
    let subscription = id(members.subscription);
    let spoken = Spoken { broken: true, ..Spoken::default() };
    (subscription.is_some() || stream.is_some()).then(|| ItemParams {
        subscription,
        stream,
        spoken,
        ..ItemParams::default()
    })
}

/// Makes `null` an item too, rather than an absent member.
fn present<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<&'de RawValue>, D::Error> {
    <&RawValue>::deserialize(deserializer).map(Some)
}

/// Reads the token and the value of a `$/progress`, whose params are by name or by position.
pub(crate) fn progress(params: &[u8]) -> Option<(Id, &[u8])> {
    #[derive(Deserialize)]
    struct ProgressParams<'a> {
        #[serde(borrow)]
        token: &'a RawValue,
        #[serde(borrow)]
        value: &'a RawValue,
    }
    // serde reads a struct from an array, too.
    let ProgressParams { token, value } = serde_json::from_slice(params).ok()?;
    Some((id::read(token.get().as_bytes()).ok()?, value.get().as_bytes()))
}

/// Reads the id in the params of a `$/cancelRequest`.
pub(crate) fn cancelled(params: &[u8]) -> Option<Id> {
    #[derive(Deserialize)]
    struct CancelParams<'a> {
        #[serde(borrow)]
        id: &'a RawValue,
    }
    let cancel: CancelParams<'_> = serde_json::from_slice(params).ok()?;
    id::read(cancel.id.get().as_bytes()).ok()
}

/// Reads the members of a request's `ipc`. A malformed member doesn't affect the others.
pub(crate) fn extension(extension: &[u8]) -> Option<RawExtension<'_>> {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct ExtensionMembers<'a> {
        #[serde(borrow)]
        timeout_ms: Option<&'a RawValue>,
        #[serde(borrow)]
        progress: Option<&'a RawValue>,
        #[serde(borrow)]
        depth: Option<&'a RawValue>,
        #[serde(borrow)]
        resume: Option<&'a RawValue>,
        #[serde(borrow)]
        window: Option<&'a RawValue>,
        #[serde(borrow)]
        subscription: Option<&'a RawValue>,
    }
    let members: ExtensionMembers<'_> = serde_json::from_slice(extension).ok()?;
    Some(RawExtension {
        timeout_ms: bytes(members.timeout_ms),
        progress: bytes(members.progress),
        depth: bytes(members.depth),
        resume: bytes(members.resume),
        window: bytes(members.window),
        subscription: bytes(members.subscription),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::message::{
        item_event::{ItemEvent, Loss},
        json::write::subscription_params,
    };

    #[test]
    fn what_is_written_is_read_again() {
        for (event, expected) in [
            (ItemEvent::Item(b"null".as_slice()), ItemEvent::Item(b"null".as_slice())),
            (ItemEvent::Item(b"[1]".as_slice()), ItemEvent::Item(b"[1]".as_slice())),
            (ItemEvent::End(Ok(())), ItemEvent::End(Ok(()))),
            (ItemEvent::Lost(Loss::Lagged(3)), ItemEvent::Lost(Loss::Lagged(3))),
            (ItemEvent::Lost(Loss::Gap), ItemEvent::Lost(Loss::Gap)),
        ] {
            let mut written = Vec::new();
            subscription_params(&mut written, 7, &event, Some(1), None);
            let params = item_params(&written).unwrap();
            assert_eq!(params.subscription, Some(Id::Number(7)));
            assert_eq!(params.event_of_subscription(), Some(expected));
        }
    }
}
