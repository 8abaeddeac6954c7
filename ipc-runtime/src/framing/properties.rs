//! Property tests of framing and sniffing, with the bytes split into arbitrary pieces.

use proptest::prelude::*;
use serde_json::Value;

use crate::framing::{
    StreamFraming,
    replay::{Found, decode},
    sniffing::{PREFACE, Sniffed, sniff},
    step::InputEnd,
};

const FRAMINGS: [StreamFraming; 3] =
    [StreamFraming::Native, StreamFraming::Newline, StreamFraming::ContentLength];

fn pieces() -> impl Strategy<Value = Vec<usize>> {
    prop::collection::vec(1_usize..40, 0..200)
}

/// An object or array: newline framing takes no other values.
fn message() -> impl Strategy<Value = Vec<u8>> {
    let text = prop_oneof!["[a-z]{0,8}", "[\\\\\"{}\\[\\],:]{0,8}", any::<String>()];
    let leaf = prop_oneof![
        text.clone().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        any::<Option<bool>>().prop_map(Value::from),
    ];
    let value = leaf.prop_recursive(3, 12, 3, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..3).prop_map(Value::from),
            prop::collection::vec(("[a-z\"\\\\]{0,4}", inner), 0..3)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    });
    (prop::collection::vec((text, value), 0..4), any::<bool>()).prop_map(|(members, pretty)| {
        let value = Value::Object(members.into_iter().collect());
        if pretty { format!("{value:#}").into_bytes() } else { value.to_string().into_bytes() }
    })
}

/// Bytes that resemble valid input: pieces of frames, and some random bytes.
fn near() -> impl Strategy<Value = Vec<u8>> {
    let known = prop::sample::select(vec![
        &b"Content-Length: 2\r\n\r\n{}"[..],
        b"Content-Length: 2\n\n{}",
        b"content-length:5",
        b"\r\n\r\n",
        b"\r\n",
        b"X: y\r\n",
        b"{\"a\":[1,2]}",
        b"{}",
        b"[1,",
        b"\"\\\"",
        b"\n",
        b"\x02\0\0\0{}",
        b"\x40\0\0\0",
        b"\0\0\0\0",
        b"\xff\xff\xff\xff",
    ]);
    let piece = prop_oneof![
        4 => known.prop_map(<[u8]>::to_vec),
        1 => prop::collection::vec(any::<u8>(), 0..30),
    ];
    prop::collection::vec(piece, 0..12).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_000, ..ProptestConfig::default() })]

    #[test]
    fn what_is_written_is_read_in_whatever_pieces_it_comes(
        messages in prop::collection::vec(message(), 0..6),
        pieces in pieces(),
    ) {
        for framing in FRAMINGS {
            let mut bytes = Vec::new();
            for message in &messages {
                framing.write(&mut bytes, |out| out.extend_from_slice(message));
            }
            let (found, end) = decode(framing, &bytes, &pieces, 1 << 20);
            let expected: Vec<_> = messages.iter().cloned().map(Found::Message).collect();
            prop_assert_eq!(found, expected);
            let orderly =
                if framing == StreamFraming::Newline { InputEnd::HalfClosed } else { InputEnd::Closed };
            prop_assert_eq!(end, Some(orderly));
        }
    }

    #[test]
    fn any_bytes_are_read_alike_in_whatever_pieces_they_come(
        bytes in near(),
        pieces in pieces(),
        limit in 0_usize..64,
    ) {
        for framing in FRAMINGS {
            let at_once = decode(framing, &bytes, &[], limit);
            prop_assert_eq!(&decode(framing, &bytes, &pieces, limit), &at_once);
            let one_by_one = vec![1; bytes.len()];
            prop_assert_eq!(&decode(framing, &bytes, &one_by_one, limit), &at_once);
        }
    }

    #[test]
    fn first_bytes_tell_the_same_however_many_there_are(bytes in near(), more in near()) {
        let whole = [bytes.as_slice(), &more].concat();
        for length in 0..=bytes.len() {
            match sniff(&bytes[..length]) {
                Sniffed::Undecided => prop_assert!(length < PREFACE),
                told => prop_assert_eq!(sniff(&whole), told),
            }
        }
    }

    /// What is over the limit is skipped or refused, and doesn't affect the next message.
    #[test]
    fn what_is_too_large_is_skipped_and_the_next_message_read(
        size in 65_usize..600,
        pieces in pieces(),
    ) {
        for framing in [StreamFraming::Native, StreamFraming::ContentLength] {
            let mut bytes = Vec::new();
            framing.write(&mut bytes, |out| out.resize(out.len() + size, b'x'));
            framing.write(&mut bytes, |out| out.push(b'y'));
            let (found, _) = decode(framing, &bytes, &pieces, 64);
            let large = Found::TooLarge(Some((size as u64, vec![b'x'; size])), false);
            prop_assert_eq!(found, [large, Found::Message(b"y".to_vec())]);
        }
    }
}
