//! JSON that becomes MessagePack and JSON again is the same.

use bytes::Bytes;
use proptest::prelude::*;
use serde_json::{Map, Value};

use crate::socket_io::{from_json::JsonReader, to_json::JsonWriter};

fn json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_filter("JSON has no others", |f| f.is_finite()).prop_map(Value::from),
        ".{0,40}".prop_map(Value::from),
        "[\\x00-\\x20\"\\\\é😀]{0,10}".prop_map(Value::from),
    ];
    leaf.prop_recursive(6, 200, 20, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..20).prop_map(Value::from),
            prop::collection::vec((".{0,9}", inner), 0..20)
                .prop_map(|members| Value::Object(members.into_iter().collect::<Map<_, _>>())),
        ]
    })
}

/// There and back.
fn again(text: &str, attachments: &[Bytes]) -> (String, Vec<Bytes>) {
    let (mut packed, mut out, mut attached) = (Vec::new(), String::new(), Vec::new());
    let mut reader = JsonReader::new(text, attachments, 128);
    reader.value(&mut packed).unwrap();
    reader.end().unwrap();
    let mut writer = JsonWriter { out: &mut out, attachments: &mut attached };
    assert_eq!(writer.value(&packed), Ok(&[][..]));
    (out, attached)
}

proptest! {
    #[test]
    fn json_survives_the_way_through_messagepack(value in json(), is_pretty: bool) {
        let text = if is_pretty {
            serde_json::to_string_pretty(&value).unwrap()
        } else {
            value.to_string()
        };
        let (back, attached) = again(&text, &[]);
        prop_assert!(attached.is_empty());
        // serde_json reads some floats with an error in the last place, so texts are compared.
        prop_assert_eq!(back, again(&value.to_string(), &[]).0);
        let reread: Value = serde_json::from_str(&again(&text, &[]).0).unwrap();
        let expected: Value = serde_json::from_str(&value.to_string()).unwrap();
        prop_assert_eq!(reread, expected);
    }

    #[test]
    fn attachments_survive_in_their_places(count in 1..20_usize) {
        let attachments: Vec<_> = (0..count).map(|n| Bytes::from(vec![n as u8; n])).collect();
        let places: Vec<_> =
            (0..count).map(|n| format!("{{\"_placeholder\":true,\"num\":{n}}}")).collect();
        let text = format!("[{}]", places.join(","));
        prop_assert_eq!(again(&text, &attachments), (text.clone(), attachments));
    }

    #[test]
    fn no_text_makes_it_panic(text in "[\\[\\]{}:,\"\\\\u0-9a-f.+eE\\- truefalsn]{0,60}") {
        let mut out = Vec::new();
        let read = JsonReader::new(&text, &[], 128).value(&mut out);
        if serde_json::from_str::<Value>(&text).is_ok() {
            prop_assert!(read.is_ok(), "{text}");
        }
    }
}
