//! MessagePack with text for the keys of maps, as a client in JavaScript sends it: its objects have
//! no others.

use std::{
    cmp::Ordering,
    collections::{BTreeMap, HashMap},
    future::ready,
    num::NonZeroU16,
};

use ipc_runtime::{Bytes, Encoding, Frontend};
use ipc_tests::{Site, WebSocket, endpoint_of};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::{Value, json};

use super::message_pack::{Packed, call, pack};

/// A key that stands within others.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
struct Id(Option<u32>);

/// A key that is a float.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
struct Height(f64);

impl Ord for Height {
    fn cmp(&self, other: &Self) -> Ordering {
        self.0.total_cmp(&other.0)
    }
}

impl PartialOrd for Height {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Height {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Height {}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
enum Place {
    Rooms(BTreeMap<u8, String>),
    Pair(BTreeMap<u8, u8>, u8),
    Floors { heights: BTreeMap<Height, bool> },
}

type Innermost = BTreeMap<NonZeroU16, (BTreeMap<i8, f32>, u8)>;

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Deep {
    places: Vec<Option<Place>>,
    of: HashMap<Id, BTreeMap<bool, Innermost>>,
    named: BTreeMap<String, BTreeMap<char, u8>>,
}

/// A map beside other members, which serde buffers.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Flattened {
    name: String,
    #[serde(flatten)]
    rest: BTreeMap<u32, u8>,
}

/// Exposes a function that says how it has read its only argument.
fn reads<T: DeserializeOwned + std::fmt::Debug>(site: &Site, name: &'static str) {
    let function = |(value,): (T,)| ready(format!("{value:?}"));
    site.backend.expose(name, function).unwrap();
}

async fn site() -> Site {
    let site = Site::new().await;
    reads::<BTreeMap<u8, u8>>(&site, "u8");
    reads::<BTreeMap<i64, u8>>(&site, "i64");
    reads::<BTreeMap<u64, u8>>(&site, "u64");
    reads::<BTreeMap<i128, u8>>(&site, "i128");
    reads::<BTreeMap<u128, u8>>(&site, "u128");
    reads::<BTreeMap<bool, u8>>(&site, "bool");
    reads::<BTreeMap<Height, u8>>(&site, "f64");
    reads::<BTreeMap<String, u8>>(&site, "text");
    reads::<Deep>(&site, "deep");
    reads::<Flattened>(&site, "flattened");
    site
}

/// What a function answers: its result, or its error's text.
fn answer(reply: &Value) -> String {
    let text = reply["result"].as_str().or(reply["error"]["message"].as_str());
    text.expect("a reply has a result or an error").to_owned()
}

#[tokio::test]
async fn text_is_taken_for_keys_of_every_kind() {
    let site = site().await;
    let mut peer = Packed::connect(&site).await;
    let mut page = WebSocket::connect(&site.web_socket, &[]).await.unwrap();
    for (function, keys, read) in [
        ("u8", &["0", "7", "255"][..], "{0: 0, 7: 1, 255: 2}"),
        ("i64", &["-9223372036854775808", "-1", "0"], "{-9223372036854775808: 0, -1: 1, 0: 2}"),
        ("u64", &["18446744073709551615"], "{18446744073709551615: 0}"),
        (
            "i128",
            &["-170141183460469231731687303715884105728", "-1", "5"],
            "{-170141183460469231731687303715884105728: 0, -1: 1, 5: 2}",
        ),
        (
            "u128",
            &["5", "340282366920938463463374607431768211455"],
            "{5: 0, 340282366920938463463374607431768211455: 1}",
        ),
        ("bool", &["false", "true"], "{false: 0, true: 1}"),
        ("f64", &["-2.5", "1e3"], "{Height(-2.5): 0, Height(1000.0): 1}"),
        ("text", &["01", "1"], "{\"01\": 0, \"1\": 1}"),
    ] {
        let entries = keys.iter().enumerate();
        let map: BTreeMap<String, usize> =
            entries.map(|(at, key)| ((*key).to_owned(), at)).collect();
        let request = call(json!(1), function, json!([map]));
        assert_eq!(answer(&peer.ask(&request).await), read, "{function}");
        assert_eq!(answer(&page.ask(request.to_string()).await), read, "{function} in JSON");
    }
}

#[tokio::test]
async fn text_is_taken_for_keys_at_every_place() {
    let site = site().await;
    let deep = json!({
        "places": [
            null,
            { "Rooms": { "1": "hall" } },
            { "Pair": [{ "2": 3 }, 4] },
            { "Floors": { "heights": { "2.5": true } } },
        ],
        "of": { "7": { "true": { "65535": [{ "-128": 0.5 }, 1] } } },
        "named": { "8": { "9": 1 } },
    });
    let value: Deep = serde_json::from_value(deep.clone()).unwrap();
    let read = format!("{value:?}");
    let mut peer = Packed::connect(&site).await;
    let reply = peer.ask(&call(json!(1), "deep", json!([deep]))).await;
    assert_eq!(answer(&reply), read);
    // As Rust writes it, with keys that keep their type.
    let builder = Frontend::builder().encoding(Encoding::MessagePack);
    let frontend = builder.connect(endpoint_of(&site.socket)).await.unwrap();
    let told: String = frontend.call("deep", &(&value,)).await.unwrap();
    assert_eq!(told, read);
}

#[tokio::test]
async fn a_result_may_have_text_for_keys() {
    let site = Site::new().await;
    site.backend.expose("sizes", async |(): ()| BTreeMap::from([("1", 2_u8), ("-3", 4)])).unwrap();
    let builder = Frontend::builder().encoding(Encoding::MessagePack);
    let frontend = builder.connect(endpoint_of(&site.socket)).await.unwrap();
    let sizes: BTreeMap<i32, u8> = frontend.call("sizes", &()).await.unwrap();
    assert_eq!(sizes, BTreeMap::from([(-3, 4), (1, 2)]));
}

#[tokio::test]
async fn text_that_is_no_key_of_its_map_is_refused() {
    let site = site().await;
    let mut peer = Packed::connect(&site).await;
    for (function, key, words) in [
        ("u8", "256", "invalid value: integer `256`, expected u8"),
        ("u8", "-1", "invalid value: integer `-1`, expected u8"),
        ("u64", "18446744073709551616", "the key \"18446744073709551616\" is out of range"),
        ("i64", "9223372036854775808", "expected i64"),
        ("u128", "-1", "expected u128"),
        ("u128", "340282366920938463463374607431768211456", "is out of range, expected u128"),
        ("i128", "170141183460469231731687303715884105728", "is out of range, expected i128"),
        ("u64", "1.5", "invalid value: string \"1.5\", expected u64"),
        ("u64", "1.0", "string \"1.0\""),
        ("u64", "1e3", "string \"1e3\""),
        ("u64", "+1", "string \"+1\""),
        ("u64", " 1", "string \" 1\""),
        ("u64", "1 ", "string \"1 \""),
        ("u64", "01", "string \"01\""),
        ("i64", "-0", "string \"-0\""),
        ("i64", "-01", "string \"-01\""),
        ("i64", "-", "string \"-\""),
        ("u64", "", "string \"\""),
        ("u64", "0x10", "string \"0x10\""),
        ("u64", "١", "expected u64"),
        ("bool", "1", "string \"1\", expected a boolean"),
        ("bool", "True", "string \"True\""),
        ("f64", " 1.5", "string \" 1.5\", expected f64"),
        ("f64", "+1.5", "string \"+1.5\""),
        ("f64", ".5", "string \".5\""),
        ("f64", "NaN", "string \"NaN\""),
    ] {
        let reply = peer.ask(&call(json!(1), function, json!([{ key: 1 }]))).await;
        assert_eq!(reply["error"]["code"], -32602, "{function} {key}: {reply}");
        let text = answer(&reply);
        assert!(text.contains(words), "{function} {key}: {text}");
    }
    peer.lives().await;
}

#[tokio::test]
async fn text_is_taken_for_keys_alone() {
    let site = site().await;
    let mut peer = Packed::connect(&site).await;
    for (function, params) in [
        ("u8", json!([{ "1": "1" }])),
        ("bool", json!([{ "true": "1" }])),
        ("test.everything.add", json!(["1", 2])),
        ("test.everything.float", json!(["1.5"])),
    ] {
        let reply = peer.ask(&call(json!(1), function, params)).await;
        assert_eq!(reply["error"]["code"], -32602, "{function}: {reply}");
    }
}

#[tokio::test]
async fn what_serde_buffers_has_the_keys_that_it_has_in_json() {
    let site = site().await;
    let mut peer = Packed::connect(&site).await;
    let mut page = WebSocket::connect(&site.web_socket, &[]).await.unwrap();
    let request = call(json!(1), "flattened", json!([{ "name": "a", "7": 1 }]));
    let (packed, text) = (peer.ask(&request).await, page.ask(request.to_string()).await);
    for reply in [packed, text] {
        assert_eq!(reply["error"]["code"], -32602, "{reply}");
        assert!(answer(&reply).contains("expected u32"), "{reply}");
    }
}

/// Params with an integer of 128 bits in any form that MessagePack has for one.
#[tokio::test]
async fn integers_of_128_bits_keep_their_value_in_every_form() {
    let site = Site::new().await;
    reads::<u128>(&site, "u128");
    reads::<i128>(&site, "i128");
    reads::<BTreeMap<i128, u128>>(&site, "map");
    let mut peer = Packed::connect(&site).await;
    let half = Bytes::from(i128::MIN.to_be_bytes().to_vec());
    let message = |function: &str, params: Vec<u8>| {
        [
            &b"\x84\xa7jsonrpc\xa32.0\xa2id\x01\xa6method"[..],
            &pack(&function),
            b"\xa6params\x91",
            &params,
        ]
        .concat()
    };
    for (function, value, read) in [
        ("u128", pack(&half), "170141183460469231731687303715884105728"),
        ("i128", pack(&half), "-170141183460469231731687303715884105728"),
        ("u128", pack(&u64::MAX), "18446744073709551615"),
        ("i128", pack(&-5), "-5"),
        (
            "map",
            [&b"\x81"[..], &pack(&half), &pack(&half)].concat(),
            "{-170141183460469231731687303715884105728: 170141183460469231731687303715884105728}",
        ),
        ("u128", pack(&-5), "integer `-5`, expected u128"),
        ("u128", pack(&"5"), "string \"5\", expected u128"),
        ("u128", pack(&Bytes::from(vec![0; 15])), "expected u128"),
    ] {
        peer.send(&message(function, value)).await;
        let reply: Value = rmp_serde::from_slice(&peer.next().await).unwrap();
        let text = answer(&reply);
        assert!(text.contains(read), "{function}: {text}");
    }
}
