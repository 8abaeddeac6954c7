//! Property tests of the envelope, which compare it with serde_json.

use proptest::prelude::*;
use serde_json::Value;

#[cfg(feature = "msgpack")]
use crate::message::reference::{compare_encodings, compare_packed};
use crate::{
    codec::Encoding,
    message::{
        encoded::{request, response},
        envelope::{id_in_prefix, item_in_prefix, parse},
        extension::Extension,
        id::Id,
        reference::compare,
        response_body::ResponseBody,
    },
};

/// Difficult text: quotes, brackets, escapes, and anything beyond ASCII.
fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        3 => "[a-z.]{0,6}",
        2 => "[\\\\\"{}\\[\\],:\u{0}-\u{1f} ]{0,6}",
        1 => any::<String>(),
    ]
}

pub(super) fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        text().prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 24, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::vec((text(), inner), 0..4)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

/// A value as JSON, or a number, string or literal that serde_json itself would never write.
pub(super) fn json() -> impl Strategy<Value = String> {
    let odd = vec![
        "1e400",
        "-0",
        "0",
        "01",
        "-",
        "1.",
        ".5",
        "1e",
        "123456789012345678901234567890",
        "tru",
        "\"\\u00e9\"",
        "\"\\ud800\"",
        "\"\\q\"",
        "\"\\u12\"",
        "nulll",
        "\"2.0\"",
        "\"\\u0032.0\"",
    ];
    prop_oneof![
        3 => value().prop_map(|value| value.to_string()),
        2 => Just("\"2.0\"".to_owned()),
        1 => prop::sample::select(odd).prop_map(str::to_owned),
        1 => "[1-9][0-9]{0,19}",
    ]
}

fn known_name() -> impl Strategy<Value = &'static str> + Clone {
    prop::sample::select(vec![
        "jsonrpc",
        "id",
        "method",
        "params",
        "result",
        "error",
        "ipc",
        "subscription",
        "stream",
    ])
}

#[cfg(feature = "msgpack")]
fn plain_name() -> impl Strategy<Value = String> {
    prop_oneof![6 => known_name().prop_map(str::to_owned), 1 => text()]
}

/// A member's name: mostly a known one, sometimes with an escape in it.
fn name() -> impl Strategy<Value = String> {
    let known = known_name();
    prop_oneof![
        6 => known.clone().prop_map(|name| format!("\"{name}\"")),
        1 => (known, 0_usize..3).prop_map(|(name, at)| {
            let at = at.min(name.len() - 1);
            let escaped = format!("\\u{:04x}", name.as_bytes()[at]);
            format!("\"{}{escaped}{}\"", &name[..at], &name[at + 1..])
        }),
        1 => text().prop_map(|name| Value::from(name).to_string()),
    ]
}

fn blank() -> impl Strategy<Value = String> {
    prop_oneof![4 => Just(String::new()), 1 => "[ \t\r\n]{0,3}"]
}

/// A whole message: members in any order, some twice, many with values that fit their names.
fn message() -> impl Strategy<Value = String> {
    let member = (blank(), name(), blank(), blank(), json(), blank())
        .prop_map(|(a, name, b, c, json, d)| format!("{a}{name}{b}:{c}{json}{d}"));
    let usual = prop::sample::select(vec![
        "\"jsonrpc\":\"2.0\"",
        "\"method\":\"a.b\"",
        "\"id\":7",
        "\"params\":[1,\"x}\"]",
        "\"result\":null",
        "\"error\":{\"code\":1}",
        "\"ipc\":{}",
    ]);
    let members = prop_oneof![usual.prop_map(str::to_owned), member];
    (blank(), prop::collection::vec(members, 0..7), blank())
        .prop_map(|(a, members, b)| format!("{a}{{{}}}{b}", members.join(",")))
}

type Judge = fn(&[u8]);

/// Each encoding with its comparison.
const COMPARED: &[(Encoding, Judge)] = &[
    (Encoding::Json, compare),
    #[cfg(feature = "msgpack")]
    (Encoding::MessagePack, compare_packed),
];

/// A way to corrupt bytes.
#[derive(Debug, Clone)]
pub(super) enum Mutation {
    Truncate(prop::sample::Index),
    Replace(prop::sample::Index, u8),
    Insert(prop::sample::Index, u8),
    Remove(prop::sample::Index),
}

pub(super) fn mutation() -> impl Strategy<Value = Mutation> {
    let at = any::<prop::sample::Index>;
    let byte = prop_oneof![prop::sample::select(b"{}[]\",:\\ \n0n".to_vec()), any::<u8>()];
    prop_oneof![
        at().prop_map(Mutation::Truncate),
        (at(), byte.clone()).prop_map(|(at, byte)| Mutation::Replace(at, byte)),
        (at(), byte).prop_map(|(at, byte)| Mutation::Insert(at, byte)),
        at().prop_map(Mutation::Remove),
    ]
}

pub(super) fn mutate(bytes: &mut Vec<u8>, mutation: &Mutation) {
    if bytes.is_empty() {
        return;
    }
    match mutation {
        Mutation::Truncate(at) => bytes.truncate(at.index(bytes.len())),
        Mutation::Replace(at, byte) => {
            let at = at.index(bytes.len());
            bytes[at] = *byte;
        }
        Mutation::Insert(at, byte) => bytes.insert(at.index(bytes.len()), *byte),
        Mutation::Remove(at) => {
            bytes.remove(at.index(bytes.len()));
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, ..ProptestConfig::default() })]

    #[test]
    fn messages_are_read_as_serde_json_reads_them(message in message()) {
        compare(message.as_bytes());
    }

    #[test]
    fn values_that_are_no_messages_are_told_from_text_that_is_none(json in json()) {
        compare(json.as_bytes());
    }

    #[test]
    fn messages_that_went_wrong_are_read_as_serde_json_reads_them(
        message in message(),
        mutations in prop::collection::vec(mutation(), 1..4),
    ) {
        let mut bytes = message.into_bytes();
        mutations.iter().for_each(|mutation| mutate(&mut bytes, mutation));
        compare(&bytes);
    }

    /// With values nested as deep as allowed, and deeper.
    #[cfg(feature = "msgpack")]
    #[test]
    fn messages_are_the_same_in_both_encodings(
        members in prop::collection::btree_map(plain_name(), value(), 0..7),
        sound in any::<bool>(),
        nested in (
            prop::sample::select(vec!["params", "result", "error", "newer"]),
            prop_oneof![0_usize..6, 120_usize..300],
        ),
        max_depth in prop_oneof![1_usize..8, Just(128)],
    ) {
        let mut message: serde_json::Map<_, _> = members.into_iter().collect();
        if sound {
            message.insert("jsonrpc".into(), "2.0".into());
            message.insert("id".into(), 7.into());
        }
        let (name, levels) = nested;
        let inner = message.remove(name).unwrap_or_else(|| serde_json::json!({ "stream": 5 }));
        let deep = (0..levels).fold(inner, |value, _| Value::from(vec![value]));
        message.insert(name.into(), deep);
        compare_encodings(&message.into(), max_depth);
    }

    #[cfg(feature = "msgpack")]
    #[test]
    fn what_is_no_message_pack_is_no_message(
        message in message(),
        mutations in prop::collection::vec(mutation(), 0..4),
    ) {
        let message = serde_json::from_str(&message).unwrap_or(Value::Null);
        let mut bytes = Encoding::MessagePack.own(&message);
        mutations.iter().for_each(|mutation| mutate(&mut bytes, mutation));
        compare_packed(&bytes);
    }

    #[test]
    fn what_is_known_by_its_beginning_is_what_the_whole_message_says(
        payload in prop_oneof![
            prop::collection::vec(value(), 0..4).prop_map(Value::from),
            value(),
        ],
        id in any::<u64>(),
        method in text(),
        extended in any::<bool>(),
        mutations in prop::collection::vec(mutation(), 0..3),
    ) {
        let extension =
            Extension { timeout_ms: extended.then_some(id), ..Extension::default() };
        for &(encoding, compare) in COMPARED {
            let payload = encoding.own(&payload);
            let (mut asked, mut answered) = (Vec::new(), Vec::new());
            request(encoding, &mut asked, id, &method, &payload, extension);
            response(encoding, &mut answered, &Id::Number(id), ResponseBody::Result(&payload));
            for mut frame in [asked, answered] {
                mutations.iter().for_each(|mutation| mutate(&mut frame, mutation));
                compare(&frame);
            }
        }
    }

    /// As long as no member occurs twice, a prefix yields either what the whole message does, or
    /// nothing.
    #[test]
    fn what_is_found_in_a_prefix_is_what_the_whole_message_says(
        params in value(),
        id in 0_u64..1 << 60,
        first in any::<bool>(),
        cut in any::<prop::sample::Index>(),
    ) {
        let id_member = format!("\"id\":{id}");
        let (before, behind) =
            if first { (format!("{id_member},"), String::new()) } else { (String::new(), format!(",{id_member}")) };
        let text = format!("{{{before}\"jsonrpc\":\"2.0\",\"method\":\"a.b\",\"params\":[{params}]{behind}}}");
        let whole = parse(Encoding::Json, text.as_bytes(), usize::MAX);
        let is_request = matches!(whole, Ok(crate::message::Message::Request { .. }));
        prop_assert!(is_request);
        let prefix = &text.as_bytes()[..cut.index(text.len())];
        if let Some((found, _)) = id_in_prefix(Encoding::Json, prefix) {
            prop_assert_eq!(found.to_string(), id.to_string());
        }
        prop_assert!(item_in_prefix(Encoding::Json, prefix).is_none() || !first);
    }
}
