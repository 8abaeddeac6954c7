//! The fixed part of the messages with one flow's items. It is the same in all of them up to the
//! item, so it is built once, copied ahead of each item, and recognized in incoming messages.

use crate::{
    codec::{Encoding, by_encoding},
    message::{encoded, item::FormedItem, item_event::ItemEvent, message_codec::MessageCodec},
};

/// The bytes around the items of one subscription or stream argument, as this project writes them.
#[derive(Debug)]
pub(crate) struct ItemForm {
    encoding: Encoding,
    /// The message up to the item.
    head: Vec<u8>,
    /// Where the params begin in `head`.
    params: usize,
    /// Whether items may have a position in their source.
    places: bool,
}

impl ItemForm {
    /// The form of a subscription whose items come with this method.
    pub(crate) fn of_subscription(encoding: Encoding, method: &str, id: u64) -> Self {
        let mut params = Vec::new();
        encoded::subscription_params(encoding, &mut params, id, &ItemEvent::Item(b""), None, None);
        Self::new(encoding, method, &params, true)
    }

    /// The form of a stream argument.
    pub(crate) fn of_stream(encoding: Encoding, id: u64) -> Self {
        let mut params = Vec::new();
        encoded::stream_params(encoding, &mut params, id, &ItemEvent::Item(b""));
        Self::new(encoding, "$/stream", &params, false)
    }

    fn new(encoding: Encoding, method: &str, params: &[u8], places: bool) -> Self {
        let mut head = Vec::new();
        encoded::notification(encoding, &mut head, method, params);
        // Only the end of the message follows the params, and the end of the params is part of
        // them.
        let end = by_encoding!(encoding, E => E::MAP_END.len());
        let params = head.len() - end - params.len();
        head.truncate(head.len() - 2 * end);
        Self { encoding, head, params, places }
    }

    /// Appends a message with the item that `item` appends. `epoch` may be given only with a `seq`.
    pub(crate) fn write<R>(
        &self,
        out: &mut Vec<u8>,
        item: impl FnOnce(&mut Vec<u8>) -> (R, Option<u64>, Option<u64>),
    ) -> R {
        let params = out.len() + self.params;
        out.extend_from_slice(&self.head);
        let (given, seq, epoch) = item(out);
        by_encoding!(self.encoding, E => E::end_item(out, params, seq, epoch));
        given
    }

    /// Reads a message that may be nested `max_depth` levels deep. `None` if it has another form or
    /// may be malformed: then [`parse`](crate::message::envelope::parse) has to look at it.
    pub(crate) fn read(&self, message: &[u8], max_depth: usize) -> Option<FormedItem> {
        // The message and its params are two levels.
        let max_depth = max_depth.checked_sub(2)?;
        let (head, params) = (&*self.head, self.params);
        let formed =
            by_encoding!(self.encoding, E => E::formed_item(head, params, message, max_depth))?;
        (self.places || formed.seq.is_none()).then_some(formed)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::message::{
        Message,
        encoded::item_params,
        envelope::parse,
        id::Id,
        properties::{json, mutate, mutation},
    };

    #[cfg(feature = "msgpack")]
    use crate::message::properties::value;

    const PLACES: [(Option<u64>, Option<u64>); 3] =
        [(None, None), (Some(12), None), (Some(1), Some(1 << 52))];

    fn written(form: &ItemForm, item: &[u8], seq: Option<u64>, epoch: Option<u64>) -> Vec<u8> {
        let mut out = b"before".to_vec();
        form.write(&mut out, |out| {
            out.extend_from_slice(item);
            ((), seq, epoch)
        });
        out.split_off("before".len())
    }

    #[test]
    fn a_form_writes_what_is_written_by_parts() {
        for encoding in Encoding::ALL {
            let item = encoding.own(&("x", 5));
            for (seq, epoch) in PLACES {
                let form = ItemForm::of_subscription(*encoding, "a.b", 300);
                let (mut params, mut whole) = (Vec::new(), Vec::new());
                let event = ItemEvent::Item(&item[..]);
                encoded::subscription_params(*encoding, &mut params, 300, &event, seq, epoch);
                encoded::notification(*encoding, &mut whole, "a.b", &params);
                assert_eq!(written(&form, &item, seq, epoch), whole);
            }
            let form = ItemForm::of_stream(*encoding, 7);
            let (mut params, mut whole) = (Vec::new(), Vec::new());
            encoded::stream_params(*encoding, &mut params, 7, &ItemEvent::Item(&item[..]));
            encoded::notification(*encoding, &mut whole, "$/stream", &params);
            assert_eq!(written(&form, &item, None, None), whole);
        }
    }

    #[test]
    fn a_form_reads_what_it_has_written() {
        for encoding in Encoding::ALL {
            let form = ItemForm::of_subscription(*encoding, "a.b", 300);
            let items =
                [encoding.own(&7), encoding.own(&0), encoding.own("}}"), encoding.own(&[[()]; 2])];
            for item in items {
                for (seq, epoch) in PLACES {
                    let message = written(&form, &item, seq, epoch);
                    let FormedItem { item: at, seq: read, epoch: of } =
                        form.read(&message, 4).unwrap();
                    assert_eq!((&message[at], read, of), (&*item, seq, epoch));
                }
            }
        }
    }

    #[test]
    fn a_form_leaves_what_is_another_one_alone() {
        let form = ItemForm::of_subscription(Encoding::Json, "a.b", 30);
        let head = r#"{"jsonrpc":"2.0","method":"a.b","params":{"subscription":30,"result":"#;
        for tail in [
            "",
            "1",
            "1}",
            "1}} ",
            "1}}}",
            "01}}",
            "1.}}",
            "[1,,2]}}",
            "[1}}",
            "\"\\q\"}}",
            "\"\u{7}\"}}",
            "nul}}",
            "[[[1]]]}}",
            "1,\"seq\":}}",
            "1,\"seq\":05}}",
            "1,\"seq\":5,\"seq\":5}}",
            "1,\"epoch\":5}}",
            "1,\"seq\":1234567890123456789}}",
            "1,\"result\":2}}",
            "1,\"done\":true}}",
        ] {
            assert_eq!(form.read(format!("{head}{tail}").as_bytes(), 4), None, "{tail}");
        }
        let invalid = [head.as_bytes(), b"\"\xff\"}}"].concat();
        assert_eq!(form.read(&invalid, 4), None);
        for other in [head.replace("30", "3"), head.replace("a.b", "a.c"), format!(" {head}")] {
            assert_eq!(form.read(format!("{other}1}}}}").as_bytes(), 4), None, "{other}");
        }
        let stream = ItemForm::of_stream(Encoding::Json, 3);
        let placed =
            br#"{"jsonrpc":"2.0","method":"$/stream","params":{"stream":3,"item":1,"seq":1}}"#;
        assert_eq!(stream.read(placed, 4), None);
    }

    /// Checks that the full parser reads whatever the form reads, and reads the same.
    fn compare(encoding: Encoding, form: &ItemForm, of: &str, message: &[u8], max_depth: usize) {
        let Some(formed) = form.read(message, max_depth) else { return };
        let Ok(Message::Notification(call)) = parse(encoding, message, max_depth) else {
            panic!("{message:?} is no notification");
        };
        assert_eq!((&*call.method, call.extension), (of, None));
        let params = item_params(encoding, call.params.unwrap()).unwrap();
        let heard = if of == "$/stream" {
            assert_eq!(params.stream, Some(30));
            params.event_of_stream()
        } else {
            assert_eq!(params.subscription, Some(Id::Number(30)));
            params.event_of_subscription()
        };
        assert_eq!(heard, Some(ItemEvent::Item(&message[formed.item])));
        assert_eq!((params.seq, params.epoch), (formed.seq, formed.epoch));
    }

    fn forms(encoding: Encoding) -> [(ItemForm, &'static str); 2] {
        [
            (ItemForm::of_subscription(encoding, "a.b", 30), "a.b"),
            (ItemForm::of_stream(encoding, 30), "$/stream"),
        ]
    }

    fn tail() -> impl Strategy<Value = String> {
        let usual = prop::sample::select(vec![
            "}}",
            ",\"seq\":5}}",
            ",\"seq\":5,\"epoch\":70}}",
            ",\"seq\":null}}",
            ",\"epoch\":70,\"seq\":5}}",
            ",\"seq\":5}",
        ]);
        prop_oneof![4 => usual.prop_map(str::to_owned), 1 => ",\"seq\":[0-9]{0,20}}}"]
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 2_000, ..ProptestConfig::default() })]

        #[test]
        fn a_form_reads_nothing_that_the_parser_reads_otherwise(
            item in json(),
            tail in tail(),
            max_depth in 0_usize..6,
            mutations in prop::collection::vec(mutation(), 0..3),
        ) {
            for (form, of) in forms(Encoding::Json) {
                let mut message = form.head.clone();
                message.extend_from_slice(item.as_bytes());
                message.extend_from_slice(tail.as_bytes());
                mutations.iter().for_each(|mutation| mutate(&mut message, mutation));
                compare(Encoding::Json, &form, of, &message, max_depth);
            }
        }

        #[cfg(feature = "msgpack")]
        #[test]
        fn a_form_reads_nothing_of_msgpack_that_the_parser_reads_otherwise(
            item in value(),
            seq in any::<Option<u64>>(),
            epoch in any::<u64>(),
            odd in prop::option::weighted(0.2, prop::collection::vec(any::<u8>(), 0..12)),
            max_depth in 0_usize..6,
            mutations in prop::collection::vec(mutation(), 0..3),
        ) {
            let encoding = Encoding::MessagePack;
            let item = odd.unwrap_or_else(|| encoding.own(&item));
            for (form, of) in forms(encoding) {
                for epoch in [None, seq.map(|_| epoch)] {
                    let mut message = written(&form, &item, seq, epoch);
                    mutations.iter().for_each(|mutation| mutate(&mut message, mutation));
                    compare(encoding, &form, of, &message, max_depth);
                }
            }
        }
    }
}
