//! MessagePack as it stands on the wire, spoken by a peer that knows nothing of the library.

use futures_util::SinkExt;
use ipc_runtime::{Bytes, Encoding, Frontend, Limits};
use ipc_tests::{
    EverythingClient, LocalListener, LocalStream, Scratch, Site, WebSocket, endpoint_of, in_time,
};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio_tungstenite::tungstenite::Message;

const PREFACE: &[u8; 5] = b"IPC\x01\x01";

/// A peer of the native framing that packs its messages.
pub(super) struct Packed(LocalStream);

impl Packed {
    pub(super) async fn connect(site: &Site) -> Self {
        let mut stream = LocalStream::connect(&site.socket).await.unwrap();
        assert_eq!(knock(&mut stream, PREFACE).await, *PREFACE);
        Self(stream)
    }

    pub(super) async fn send(&mut self, message: &[u8]) {
        let length = u32::try_from(message.len()).unwrap().to_le_bytes();
        in_time(self.0.write_all(&[&length, message].concat())).await.unwrap();
    }

    pub(super) async fn next(&mut self) -> Vec<u8> {
        let mut header = [0; 4];
        in_time(self.0.read_exact(&mut header)).await.unwrap();
        let mut payload = vec![0; u32::from_le_bytes(header) as usize];
        in_time(self.0.read_exact(&mut payload)).await.unwrap();
        payload
    }

    pub(super) async fn ask(&mut self, message: &impl Serialize) -> Value {
        self.send(&pack(message)).await;
        unpack(&self.next().await)
    }

    /// It goes on.
    pub(super) async fn lives(&mut self) {
        let answer = self.ask(&call(json!("still"), "test.everything.add", json!([1, 2]))).await;
        assert_eq!(answer, json!({ "jsonrpc": "2.0", "id": "still", "result": 3 }));
    }
}

async fn knock(stream: &mut LocalStream, preface: &[u8; 5]) -> [u8; 5] {
    stream.write_all(preface).await.unwrap();
    let mut echo = [0; 5];
    in_time(stream.read_exact(&mut echo)).await.unwrap();
    echo
}

pub(super) fn pack(message: &impl Serialize) -> Vec<u8> {
    rmp_serde::to_vec_named(message).unwrap()
}

fn unpack(message: &[u8]) -> Value {
    rmp_serde::from_slice(message).unwrap()
}

pub(super) fn call(id: Value, method: &str, params: Value) -> Value {
    json!({ "jsonrpc": "2.0", "id": id, "method": method, "params": params })
}

#[tokio::test]
async fn the_listener_echoes_the_encoding_that_it_speaks() {
    let site = Site::new().await;
    for (asked, spoken) in [(0, 0), (1, 1), (2, 0), (255, 0)] {
        let mut stream = LocalStream::connect(&site.socket).await.unwrap();
        let echo = knock(&mut stream, &[b'I', b'P', b'C', 1, asked]).await;
        assert_eq!(echo, [b'I', b'P', b'C', 1, spoken], "{asked}");
    }
}

#[tokio::test]
async fn what_stands_behind_a_message_spoils_it() {
    let site = Site::new().await;
    let mut peer = Packed::connect(&site).await;
    let message = b"\x84\xa7jsonrpc\xa32.0\xa2id\x05\xa6method\xb3test.everything.add\xa6params";
    for (params, is_whole) in [
        (&b"\x92\x01\x02"[..], true),
        (b"\x92\x01\x02\xc0", false),
        (b"\x92\x01\x02\xc1", false),
        // The beginnings of arrays, maps and strings.
        (b"\x92\x01\x02\x91", false),
        (b"\x92\x01\x02\x81", false),
        (b"\x92\x01\x02\x82\xa1a\x01", false),
        (b"\x92\x01\x02\xdc\x00\x01", false),
        (b"\x92\x01\x02\xd9", false),
        (b"\x92\x01", false),
    ] {
        peer.send(&[message, params].concat()).await;
        let answer = unpack(&peer.next().await);
        let (result, code) = (&answer["result"], &answer["error"]["code"]);
        match is_whole {
            true => assert_eq!((result, &answer["id"]), (&json!(3), &json!(5)), "{answer}"),
            false => assert_eq!((code, &answer["id"]), (&json!(-32700), &Value::Null), "{answer}"),
        }
    }
    peer.lives().await;
}

#[tokio::test]
async fn ids_keep_value_and_type() {
    let site = Site::new().await;
    let mut peer = Packed::connect(&site).await;
    for id in [
        json!(0),
        json!(7),
        json!(-3),
        json!(1.5),
        json!(u64::MAX),
        json!(i64::MIN),
        json!("a \"b\" é"),
        json!(null),
    ] {
        let answer = peer.ask(&call(id.clone(), "test.everything.add", json!([1, 2]))).await;
        assert_eq!(answer, json!({ "jsonrpc": "2.0", "id": id, "result": 3 }));
    }
    for id in [json!([]), json!({}), json!(true)] {
        let answer = peer.ask(&call(id, "test.everything.add", json!([1, 2]))).await;
        assert_eq!((&answer["id"], &answer["error"]["code"]), (&json!(null), &json!(-32600)));
    }
}

#[tokio::test]
async fn params_come_by_position_and_by_name() {
    let site = Site::new().await;
    let mut peer = Packed::connect(&site).await;
    let mut ask = async |method: &str, params: Value| {
        let answer = peer.ask(&call(json!(1), method, params)).await;
        if answer["error"].is_null() { answer["result"].clone() } else { answer["error"].clone() }
    };
    assert_eq!(ask("test.everything.add", json!({ "b": 2, "a": 1 })).await, 3);
    let left_out = ask("test.everything.optional", json!([1])).await;
    assert_eq!(left_out, "1 None None");
    assert_eq!(ask("test.everything.nothing", json!(null)).await, json!(null));
    let info = json!({ "name": "a", "size": 1, "newer": [1, 2] });
    let described = ask("test.everything.describe", info.clone()).await;
    assert_eq!(ask("test.everything.describe", json!({ "info": info })).await, described);
    let wrong = ask("test.everything.add", json!([1, "x"])).await;
    assert_eq!(wrong["code"], -32602);
    assert!(wrong["message"].as_str().unwrap().contains("`b` (2 of 2)"), "{wrong}");
    assert_eq!(ask("test.everything.add", json!([1, 2, 3])).await["code"], -32602);
    assert_eq!(ask("test.everything.none", json!([])).await["code"], -32601);
    let own = ask("test.everything.list", json!(["/none"])).await;
    assert_eq!(own["code"], 1);
    assert!(!own["data"].is_null(), "{own}");
}

#[derive(Serialize, Deserialize)]
struct Answer {
    result: Bytes,
}

#[tokio::test]
async fn bytes_travel_as_they_are() {
    #[derive(Serialize)]
    struct Request {
        jsonrpc: &'static str,
        id: u32,
        method: &'static str,
        params: (Bytes,),
    }
    let site = Site::new().await;
    let mut peer = Packed::connect(&site).await;
    let block: Vec<u8> = (0..100_000_u32).map(|byte| byte as u8).collect();
    let params = (Bytes::from(block.clone()),);
    let request = Request { jsonrpc: "2.0", id: 1, method: "test.everything.bytes", params };
    peer.send(&pack(&request)).await;
    let answer = peer.next().await;
    assert!(answer.len() < block.len() + 64, "{}", answer.len());
    assert_eq!(rmp_serde::from_slice::<Answer>(&answer).unwrap().result[..], block);
}

#[tokio::test]
async fn what_is_no_message_is_that_messages_error() {
    let mut limits = Limits::default();
    limits.max_message_bytes = 10_000;
    limits.max_json_depth = 20;
    let site = Site::of(ipc_runtime::Backend::builder().limits(limits)).await;
    let mut peer = Packed::connect(&site).await;
    let mut deep = json!([]);
    for _ in 0..30 {
        deep = json!([deep]);
    }
    let deep = pack(&call(json!(5), "test.everything.echo", deep));
    let large = pack(&call(json!(6), "test.everything.echo", json!(["x".repeat(20_000)])));
    let truncated = pack(&call(json!(7), "test.everything.add", json!([1, 2])));
    let cases: [(&[u8], Value, i64); 9] = [
        (b"\x93\x01\x02\x03", json!(null), -32600),
        (b"\x05", json!(null), -32600),
        (b"\x80", json!(null), -32600),
        (b"", json!(null), -32700),
        (b"\xc1", json!(null), -32700),
        (b"\x05\x05", json!(null), -32700),
        (&truncated[..truncated.len() - 1], json!(null), -32700),
        (&deep, json!(5), -32600),
        (&large, json!(6), -32007),
    ];
    for (message, id, code) in cases {
        peer.send(message).await;
        let answer = unpack(&peer.next().await);
        assert_eq!((&answer["id"], &answer["error"]["code"]), (&id, &json!(code)), "{answer}");
        peer.lives().await;
    }
}

#[tokio::test]
async fn a_web_socket_carries_it_in_binary_messages() {
    let site = Site::new().await;
    let headers = [("sec-websocket-protocol", "ipc.v2.new, ipc.v1.msgpack, ipc.v1.json")];
    let mut page = WebSocket::connect(&site.web_socket, &headers).await.unwrap();
    assert_eq!(page.subprotocol.as_deref(), Some("ipc.v1.msgpack"));
    let request = call(json!(1), "test.everything.add", json!([1, 2]));
    for (message, expected) in [
        (Message::binary(pack(&request)), json!(3)),
        (Message::text(request.to_string()), json!(null)),
        (Message::binary(pack(&request)), json!(3)),
    ] {
        page.stream.send(message).await.unwrap();
        let Some(Message::Binary(answer)) = page.next_message().await else { panic!("no answer") };
        let answer = unpack(&answer);
        assert_eq!(answer["result"], expected);
        assert_eq!(answer["error"].is_null(), !expected.is_null(), "{answer}");
    }
    // Who asks for JSON gets it.
    let headers = [("sec-websocket-protocol", "ipc.v1.json, ipc.v1.msgpack")];
    let mut page = WebSocket::connect(&site.web_socket, &headers).await.unwrap();
    assert_eq!(page.ask(request.to_string()).await["result"], 3);
    page.stream.send(Message::binary(pack(&request))).await.unwrap();
    assert_eq!(page.next().await["error"]["code"], -32700);
}

#[tokio::test]
async fn a_backend_that_does_not_speak_it_is_told_by_name() {
    let directory = Scratch::new();
    let socket = directory.socket("s");
    let listener = LocalListener::bind(&socket).unwrap();
    let builder = Frontend::builder().encoding(Encoding::MessagePack);
    let connecting = tokio::spawn(builder.connect(endpoint_of(&socket)));
    let mut stream = in_time(listener.accept()).await.unwrap();
    let mut preface = [0; 5];
    in_time(stream.read_exact(&mut preface)).await.unwrap();
    assert_eq!(preface, *PREFACE);
    stream.write_all(b"IPC\x01\x00").await.unwrap();
    let error = in_time(connecting).await.unwrap().unwrap_err().to_string();
    assert!(error.contains("doesn't speak MessagePack"), "{error}");
}

#[tokio::test]
async fn what_is_not_finite_travels() {
    let site = Site::new().await;
    let builder = Frontend::builder().encoding(Encoding::MessagePack);
    let frontend = builder.connect(endpoint_of(&site.socket)).await.unwrap();
    let everything: EverythingClient = frontend.open().await.unwrap();
    assert!(everything.float(f64::NAN).await.unwrap().is_nan());
    assert_eq!(everything.float(f64::INFINITY).await.unwrap(), f64::INFINITY);
    assert_eq!(everything.float(0.1).await.unwrap(), 0.1);
}
