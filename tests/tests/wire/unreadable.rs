//! What can't be read to its end, or is nested too deep: whoever waits for it is told, in each
//! encoding.

use std::sync::Arc;

use ipc_runtime::{Backend, Encoding, ErrorKind, Frontend, Subscription};
use ipc_tests::{
    FeedClient, FeedHandler, LocalListener, LocalStream, Scratch, Site, Source, endpoint_of,
    frames::frame, in_time,
};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

const BOTH: [Encoding; 2] = [Encoding::Json, Encoding::MessagePack];

/// One end of a connection, which knows nothing of the library.
struct Raw {
    stream: LocalStream,
    encoding: Encoding,
}

fn preface(encoding: Encoding) -> [u8; 5] {
    [b'I', b'P', b'C', 1, u8::from(encoding == Encoding::MessagePack)]
}

impl Raw {
    async fn connect(site: &Site, encoding: Encoding) -> Self {
        let mut stream = LocalStream::connect(&site.socket).await.unwrap();
        stream.write_all(&preface(encoding)).await.unwrap();
        let mut echo = [0; 5];
        in_time(stream.read_exact(&mut echo)).await.unwrap();
        assert_eq!(echo, preface(encoding));
        Self { stream, encoding }
    }

    fn bytes(&self, value: &Value) -> Vec<u8> {
        match self.encoding {
            Encoding::Json => value.to_string().into_bytes(),
            _ => rmp_serde::to_vec(value).unwrap(),
        }
    }

    async fn send(&mut self, message: impl AsRef<[u8]>) {
        in_time(self.stream.write_all(&frame(message))).await.unwrap();
    }

    async fn say(&mut self, message: &Value) {
        let message = self.bytes(message);
        self.send(message).await;
    }

    /// A message whose last member has a value that stands as it is given here.
    fn ending(&self, members: &Value, last: &str, value: &[u8]) -> Vec<u8> {
        let mut message = self.bytes(members);
        if self.encoding == Encoding::Json {
            message.pop();
            message.extend(format!(",\"{last}\":").as_bytes());
            return [&message, value, b"}"].concat();
        }
        // A small map's length is in its first byte, and so is that of a short text.
        message[0] += 1;
        message.push(0xa0 | last.len() as u8);
        message.extend(last.as_bytes());
        [&message, value].concat()
    }

    async fn next(&mut self) -> Value {
        let mut header = [0; 4];
        in_time(self.stream.read_exact(&mut header)).await.unwrap();
        let mut payload = vec![0; u32::from_le_bytes(header) as usize];
        in_time(self.stream.read_exact(&mut payload)).await.unwrap();
        match self.encoding {
            Encoding::Json => serde_json::from_slice(&payload).unwrap(),
            _ => rmp_serde::from_slice(&payload).unwrap(),
        }
    }

    async fn handshake(&mut self) {
        let hello = self.next().await;
        let result = json!({ "protocol": 1, "uses": hello["params"]["uses"] });
        self.say(&json!({ "jsonrpc": "2.0", "id": hello["id"], "result": result })).await;
    }

    async fn answers(&mut self, id: &Value, code: i64) -> Value {
        let answer = self.next().await;
        assert_eq!((&answer["id"], &answer["error"]["code"]), (id, &json!(code)), "{answer}");
        answer["error"].clone()
    }
}

/// A frontend whose backend is the test itself.
async fn pair(encoding: Encoding) -> (Scratch, Frontend, Raw) {
    let directory = Scratch::new();
    let path = directory.socket("s");
    let listener = LocalListener::bind(&path).unwrap();
    let builder = Frontend::builder().encoding(encoding);
    let connecting = tokio::spawn(builder.connect(endpoint_of(&path)));
    let mut stream = in_time(listener.accept()).await.unwrap();
    let mut first = [0; 5];
    in_time(stream.read_exact(&mut first)).await.unwrap();
    assert_eq!(first, preface(encoding));
    stream.write_all(&first).await.unwrap();
    let mut raw = Raw { stream, encoding };
    raw.handshake().await;
    (directory, in_time(connecting).await.unwrap().unwrap(), raw)
}

/// The subscription 9, of numbers.
async fn subscribed(frontend: &Frontend, raw: &mut Raw) -> Subscription<u64> {
    let feed: FeedClient = frontend.client();
    let subscribing = tokio::spawn(async move { feed.count(1).await.unwrap() });
    raw.handshake().await;
    let request = raw.next().await;
    raw.say(&json!({ "jsonrpc": "2.0", "id": request["id"], "result": 9 })).await;
    in_time(subscribing).await.unwrap()
}

fn deep(encoding: Encoding, levels: usize) -> Vec<u8> {
    match encoding {
        Encoding::Json => [b"[".repeat(levels), b"7".to_vec(), b"]".repeat(levels)].concat(),
        _ => [b"\x91".repeat(levels), b"\x07".to_vec()].concat(),
    }
}

/// Values that nobody can take, with what they are.
fn unreadable(encoding: Encoding) -> Vec<(&'static str, Vec<u8>)> {
    let list: &[(&str, &[u8])] = match encoding {
        Encoding::Json => &[
            ("two values", b"1 1"),
            ("no end", b"[1"),
            ("nothing", b""),
            ("a comma more", b"[1,]"),
            ("crossed brackets", b"[}"),
            ("no literal", b"nope"),
            ("no escape", b"\"\\q\""),
        ],
        _ => &[
            ("two values", b"\x01\x01"),
            ("no end", b"\x92\x01"),
            ("nothing", b""),
            ("a byte that is no value", b"\x92\x01\xc1"),
        ],
    };
    let mut list: Vec<_> = list.iter().map(|(what, value)| (*what, value.to_vec())).collect();
    list.extend([127, 128, 5000].map(|levels| ("too deep", deep(encoding, levels + 1))));
    list
}

/// The same, of which each is a value, though nothing is decoded from it.
fn untyped(encoding: Encoding) -> Vec<(&'static str, Vec<u8>)> {
    match encoding {
        Encoding::Json => vec![("half a surrogate pair", b"\"\\ud800\"".to_vec())],
        _ => vec![
            ("an extension type", b"\xd6\xff\x00\x00\x00\x01".to_vec()),
            ("no UTF-8", b"\xa1\xff".to_vec()),
        ],
    }
}

#[tokio::test]
async fn a_reply_that_cannot_be_read_fails_its_call() {
    for encoding in BOTH {
        let (_directory, frontend, mut raw) = pair(encoding).await;
        for last in ["result", "error"] {
            for (what, value) in [unreadable(encoding), untyped(encoding)].concat() {
                let call = tokio::spawn(frontend.call::<String>("some.method", &()).no_timeout());
                let request = raw.next().await;
                let head = json!({ "jsonrpc": "2.0", "id": request["id"] });
                raw.send(raw.ending(&head, last, &value)).await;
                match in_time(call).await.unwrap() {
                    Err(error) if error.kind() == ErrorKind::Decode => {
                        assert_eq!(error.method(), "some.method");
                    }
                    other => panic!("{encoding:?}, {what}: {other:?}"),
                }
            }
        }
        let call = tokio::spawn(frontend.call::<u32>("some.method", &()));
        let request = raw.next().await;
        raw.say(&json!({ "jsonrpc": "2.0", "id": request["id"], "result": 7 })).await;
        assert_eq!(in_time(call).await.unwrap().unwrap(), 7);
    }
}

#[tokio::test]
async fn an_item_that_cannot_be_read_leaves_a_gap() {
    for encoding in BOTH {
        let (_directory, frontend, mut raw) = pair(encoding).await;
        let mut items = subscribed(&frontend, &mut raw).await;
        let head = json!({ "jsonrpc": "2.0", "method": "test.feed.count" });
        let params = json!({ "subscription": 9 });
        for (what, value) in unreadable(encoding) {
            let broken = raw.ending(&params, "result", &value);
            raw.send(raw.ending(&head, "params", &broken)).await;
            let good = raw.bytes(&json!({ "subscription": 9, "result": 5 }));
            raw.send(raw.ending(&head, "params", &good)).await;
            let lost = in_time(items.next()).await.unwrap();
            assert!(lost.is_err(), "{encoding:?}, {what}: {lost:?}");
            let next = in_time(items.next()).await.unwrap();
            assert_eq!(next.unwrap(), 5, "{encoding:?}, {what}");
        }
    }
}

#[tokio::test]
async fn odd_members_beside_an_item_are_passed_over() {
    for encoding in BOTH {
        let (_directory, frontend, mut raw) = pair(encoding).await;
        let mut items = subscribed(&frontend, &mut raw).await;
        for odd in [
            json!({ "seq": -1 }),
            json!({ "seq": 1.5 }),
            json!({ "seq": "4", "epoch": [] }),
            json!({ "stream": "x" }),
            json!({ "done": null }),
            json!({ "gap": 1 }),
            json!({ "lagged": "many", "newer": {} }),
        ] {
            let mut params = json!({ "subscription": 9, "result": 5 });
            params.as_object_mut().unwrap().extend(odd.as_object().unwrap().clone());
            raw.say(&json!({ "jsonrpc": "2.0", "method": "test.feed.count", "params": params }))
                .await;
            let item = in_time(items.next()).await.unwrap();
            assert_eq!(item.unwrap(), 5, "{encoding:?}, {odd}");
        }
    }
}

async fn feed_site() -> Site {
    let site = Site::of(Backend::builder()).await;
    site.backend.register(FeedHandler::new(Arc::new(Source::default()))).unwrap();
    site
}

#[tokio::test]
async fn an_item_of_an_upload_that_cannot_be_read_ends_it() {
    let site = feed_site().await;
    for encoding in BOTH {
        for (what, value) in unreadable(encoding) {
            let mut raw = Raw::connect(&site, encoding).await;
            raw.say(&json!({
                "jsonrpc": "2.0", "id": 1, "method": "test.feed.upload",
                "params": ["name", { "$stream": 5 }],
            }))
            .await;
            let head = json!({ "jsonrpc": "2.0", "method": "$/stream" });
            let broken = raw.ending(&json!({ "stream": 5 }), "item", &value);
            raw.send(raw.ending(&head, "params", &broken)).await;
            // The handler's own error, which says what it got; the stream may be closed meanwhile.
            let mut told = raw.next().await;
            while told["id"].is_null() {
                assert_eq!(told["method"], "rpc.closeStream", "{encoding:?}, {what}: {told}");
                told = raw.next().await;
            }
            assert_eq!(told["error"]["code"], 1, "{encoding:?}, {what}: {told}");
        }
    }
}

#[tokio::test]
async fn a_request_that_is_too_deep_is_refused_with_its_id_and_its_depth() {
    let site = Site::new().await;
    for encoding in BOTH {
        let mut raw = Raw::connect(&site, encoding).await;
        for levels in [128, 200, 10_000] {
            let value = deep(encoding, levels);
            let ahead = raw.ending(
                &json!({ "jsonrpc": "2.0", "id": 7, "method": "test.everything.echo" }),
                "params",
                &value,
            );
            let id = raw.bytes(&json!(7));
            let params_first = raw.ending(
                &json!({ "jsonrpc": "2.0", "method": "test.everything.echo" }),
                "params",
                &value,
            );
            let behind = match encoding {
                Encoding::Json => {
                    let open = &params_first[..params_first.len() - 1];
                    [open, b",\"id\":", &id, b"}"].concat()
                }
                _ => {
                    let mut whole = [&params_first, &b"\xa2id"[..], &id].concat();
                    whole[0] += 1;
                    whole
                }
            };
            for message in [ahead, behind] {
                raw.send(message).await;
                let error = raw.answers(&json!(7), -32600).await;
                assert_eq!(error["data"]["depth"], levels + 1, "{encoding:?}: {error}");
            }
        }
    }
}

#[tokio::test]
async fn an_extension_type_is_refused_as_the_argument_that_it_stands_for() {
    let site = Site::new().await;
    let mut raw = Raw::connect(&site, Encoding::MessagePack).await;
    let head = json!({ "jsonrpc": "2.0", "id": 7, "method": "test.everything.add" });
    // A timestamp, which is what JavaScript's dates become.
    raw.send(raw.ending(&head, "params", b"\x92\x01\xd6\xff\x00\x00\x00\x01")).await;
    let error = raw.answers(&json!(7), -32602).await;
    assert!(error["message"].as_str().unwrap().contains("`b` (2 of 2)"), "{error}");
    raw.send(raw.ending(&head, "params", b"\xd6\xff\x00\x00\x00\x01")).await;
    raw.answers(&json!(7), -32600).await;
    // Where nobody looks it is let go.
    let named = b"\x83\xa1a\x01\xa1b\x02\xa5newer\xd6\xff\x00\x00\x00\x01";
    raw.send(raw.ending(&head, "params", named)).await;
    assert_eq!(raw.next().await["result"], 3);
}

#[tokio::test]
async fn the_runtimes_own_notifications_come_by_position_too() {
    let site = Site::new().await;
    for encoding in BOTH {
        for params in [json!({ "id": "c" }), json!(["c"])] {
            let mut raw = Raw::connect(&site, encoding).await;
            let method = "test.slow.wait";
            raw.say(&json!({ "jsonrpc": "2.0", "id": "c", "method": method, "params": [1] })).await;
            let cancel = "$/cancelRequest";
            raw.say(&json!({ "jsonrpc": "2.0", "method": cancel, "params": params })).await;
            raw.answers(&json!("c"), -32800).await;
        }
    }
}

#[tokio::test]
async fn a_text_may_have_any_head_that_it_fits() {
    let site = Site::new().await;
    let mut raw = Raw::connect(&site, Encoding::MessagePack).await;
    for version in [&b"\xa32.0"[..], b"\xd9\x032.0", b"\xda\x00\x032.0", b"\xdb\x00\x00\x00\x032.0"]
    {
        let head = json!({ "id": 1, "method": "test.everything.add", "params": [1, 2] });
        raw.send(raw.ending(&head, "jsonrpc", version)).await;
        assert_eq!(raw.next().await["result"], 3, "{version:?}");
    }
}
