//! Socket.IO sessions over sockets in memory, served by a real backend.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use bytes::Bytes as Raw;
use serde_json::{Value, json};
use tokio::task::JoinHandle;

use crate::{
    Backend, BackendBuilder, CallContext, Limits, Peer, Stream, Token,
    backend::socket_peers::SocketPeers,
    codec::bytes::Bytes,
    config::{Acknowledgement, HandshakePolicy, SocketIo},
    ipc_interface,
    socket_io::serve::serve,
    transport::engine_io::{
        message::EngineMessage,
        socket::{EngineSocket, in_memory::EngineClient},
    },
};

#[ipc_interface(channel = "demo.arm", version = "1.7.8")]
trait Arm {
    async fn add(&self, a: i64, b: i64) -> Result<i64, String>;
    #[ipc(notification)]
    async fn note(&self, #[ipc(context)] call: &CallContext, line: String);
    async fn turn(&self, bytes: Bytes) -> Bytes;
    async fn wait(&self) -> u32;
    #[ipc(subscription)]
    async fn ticks(&self, n: u32) -> impl Stream<Item = u32>;
}

#[derive(Clone, Default)]
struct Robot {
    notes: Arc<Mutex<Vec<String>>>,
}

impl Arm for Robot {
    async fn add(&self, a: i64, b: i64) -> Result<i64, String> {
        if a + b < 100 { Ok(a + b) } else { Err("too much".into()) }
    }

    async fn note(&self, call: &CallContext, line: String) {
        self.notes.lock().unwrap().push(line.clone());
        let _ = call.peer().notify("demo.arm.noted", &(line,)).await;
    }

    async fn turn(&self, bytes: Bytes) -> Bytes {
        bytes.iter().rev().copied().collect::<Vec<_>>().into()
    }

    async fn wait(&self) -> u32 {
        std::future::pending().await
    }

    async fn ticks(&self, n: u32) -> impl Stream<Item = u32> {
        futures_util::stream::iter(0..n)
    }
}

/// A client that speaks packets.
struct Client {
    engine: EngineClient,
    served: JoinHandle<()>,
}

fn patience<F: Future>(future: F) -> tokio::time::Timeout<F> {
    tokio::time::timeout(Duration::from_secs(20), future)
}

impl Client {
    fn connect(backend: &Backend) -> Self {
        let (socket, engine) = EngineSocket::pair();
        let host = SocketPeers::new(backend.shared().clone());
        Self { engine, served: tokio::spawn(serve(socket, host)) }
    }

    async fn joined(backend: &Backend) -> Self {
        let client = Self::connect(backend);
        client.say("0").await;
        assert!(client.hear().await.starts_with("0{\"sid\":\""));
        client
    }

    async fn say(&self, packet: &str) {
        self.engine.send(packet).await;
    }

    async fn attach(&self, bytes: &'static [u8]) {
        self.engine.send(EngineMessage::Binary(Raw::from_static(bytes))).await;
    }

    async fn hear(&self) -> String {
        match patience(self.engine.receive()).await.expect("a packet in time") {
            Some(EngineMessage::Text(text)) => text.to_string(),
            other => panic!("{other:?}"),
        }
    }

    async fn hear_bytes(&self) -> Raw {
        match patience(self.engine.receive()).await.expect("an attachment in time") {
            Some(EngineMessage::Binary(bytes)) => bytes,
            other => panic!("{other:?}"),
        }
    }

    /// The JSON behind this head.
    async fn hear_json(&self, head: &str) -> Value {
        let packet = self.hear().await;
        let content = packet.strip_prefix(head).unwrap_or_else(|| panic!("{packet}"));
        serde_json::from_str(content).unwrap()
    }

    async fn asks(&self, packet: &str, head: &str) -> Value {
        self.say(packet).await;
        self.hear_json(head).await
    }

    /// Waits until the backend has closed the session, and nothing was said before that.
    async fn ends(self) {
        let said = patience(self.engine.receive()).await.expect("the end in time");
        assert!(said.is_none(), "{said:?}");
        patience(self.served).await.expect("an end in time").unwrap();
    }
}

fn builder() -> BackendBuilder {
    Backend::builder()
}

fn backend_of(builder: BackendBuilder) -> (Backend, Robot) {
    let (backend, robot) = (builder.build(), Robot::default());
    backend.register(ArmHandler::new(robot.clone())).unwrap();
    (backend, robot)
}

fn backend() -> (Backend, Robot) {
    backend_of(builder())
}

async fn one_peer(backend: &Backend) -> Peer {
    patience(async {
        loop {
            if let Some(peer) = backend.peers().into_iter().next() {
                return peer;
            }
            tokio::task::yield_now().await;
        }
    })
    .await
    .expect("a peer in time")
}

#[tokio::test]
async fn methods_and_functions_are_events_with_acknowledgements() {
    let (backend, _) = backend();
    backend.expose("double", |(n,): (f64,)| async move { n * 2.0 }).unwrap();
    let client = Client::joined(&backend).await;
    assert_eq!(client.asks("20[\"demo.arm.add\",2,3]", "30").await, json!([5]));
    assert_eq!(client.asks("21[\"double\",1.5]", "31").await, json!([3.0]));
    let error = json!([{ "error": { "code": 1, "message": "too much", "data": "too much" } }]);
    assert_eq!(client.asks("22[\"demo.arm.add\",99,3]", "32").await, error);
    let unknown = client.asks("23[\"nothing\"]", "33").await;
    assert_eq!(unknown[0]["error"]["code"], -32601, "{unknown}");
    let wrong = client.asks("24[\"demo.arm.add\",\"a\"]", "34").await;
    assert_eq!(wrong[0]["error"]["code"], -32602, "{wrong}");
    let number = client.asks("25[7]", "35").await;
    assert!(number[0]["error"]["message"].as_str().unwrap().contains("`7`"), "{number}");
    assert_eq!(one_peer(&backend).await.endpoint().as_ref(), "socket.io:/");
}

#[tokio::test]
async fn events_without_acknowledgement_are_notifications_both_ways() {
    let (backend, robot) = backend();
    let client = Client::joined(&backend).await;
    assert_eq!(
        client.asks("2[\"demo.arm.note\",\"hé\"]", "2").await,
        json!(["demo.arm.noted", "hé"])
    );
    assert_eq!(*robot.notes.lock().unwrap(), ["hé"]);
}

#[tokio::test]
async fn errors_come_first_in_the_style_of_node() {
    let socket_io = SocketIo::new().acknowledge(Acknowledgement::NodeStyle);
    let (backend, _) = backend_of(builder().socket_io(socket_io));
    let client = Client::joined(&backend).await;
    assert_eq!(client.asks("20[\"demo.arm.add\",2,3]", "30").await, json!([null, 5]));
    let error = json!([{ "code": 1, "message": "too much", "data": "too much" }]);
    assert_eq!(client.asks("21[\"demo.arm.add\",99,3]", "31").await, error);
    let reserved = client.asks("22[\"rpc.handshake\"]", "32").await;
    assert_eq!(reserved[0]["code"], -32601);
}

#[tokio::test]
async fn attachments_are_bytes_both_ways() {
    let (backend, _) = backend();
    let client = Client::joined(&backend).await;
    client.say("51-7[\"demo.arm.turn\",{\"_placeholder\":true,\"num\":0}]").await;
    client.attach(b"\x00\x01\xff").await;
    assert_eq!(client.hear().await, "61-7[{\"_placeholder\":true,\"num\":0}]");
    assert_eq!(client.hear_bytes().await, &b"\xff\x01\x00"[..]);
}

#[tokio::test]
async fn the_backend_calls_clients_and_reads_their_acknowledgements() {
    let (backend, _) = backend();
    let client = Client::joined(&backend).await;
    let peer = one_peer(&backend).await;
    for (acknowledged, expected) in [
        ("[]", Ok(json!(null))),
        ("[true]", Ok(json!(true))),
        ("[1,\"a\"]", Ok(json!([1, "a"]))),
        ("[{\"error\":{\"code\":7,\"message\":\"no\"}}]", Err("no")),
        ("[{\"error\":\"no\"}]", Ok(json!({ "error": "no" }))),
    ] {
        let asking = {
            let peer = peer.clone();
            tokio::spawn(async move { peer.call::<Value>("confirm", &("sure?",)).await })
        };
        let packet = client.hear().await;
        let id =
            packet.strip_prefix('2').and_then(|rest| rest.strip_suffix("[\"confirm\",\"sure?\"]"));
        let id = id.unwrap_or_else(|| panic!("{packet}"));
        client.say(&format!("3{id}{acknowledged}")).await;
        match (asking.await.unwrap(), expected) {
            (Ok(value), Ok(expected)) => assert_eq!(value, expected),
            (Err(error), Err(why)) => assert!(error.to_string().contains(why), "{error}"),
            (got, expected) => panic!("{got:?} {expected:?}"),
        }
    }
}

#[tokio::test]
async fn a_cancelled_call_tells_the_client_nothing_and_its_late_answer_is_dropped() {
    let (backend, _) = backend();
    let client = Client::joined(&backend).await;
    let peer = one_peer(&backend).await;
    let asking = {
        let peer = peer.clone();
        tokio::spawn(async move { peer.call::<Value>("confirm", &()).await })
    };
    let packet = client.hear().await;
    let id = packet.trim_start_matches('2').trim_end_matches("[\"confirm\"]").to_owned();
    asking.abort();
    let _ = asking.await;
    client.say(&format!("3{id}[1]")).await;
    assert_eq!(client.asks("20[\"demo.arm.add\",2,3]", "30").await, json!([5]));
}

#[tokio::test]
async fn subscriptions_give_their_number_and_their_items_are_events() {
    let (backend, _) = backend();
    let client = Client::joined(&backend).await;
    let number = client.asks("20[\"demo.arm.ticks\",2]", "30").await[0].clone();
    assert!(number.is_number());
    for expected in [
        json!({ "subscription": number, "result": 0 }),
        json!({ "subscription": number, "result": 1 }),
        json!({ "subscription": number, "done": true }),
    ] {
        assert_eq!(client.hear_json("2").await, json!(["demo.arm.ticks", expected]));
    }
    let ended = client.asks(&format!("21[\"rpc.unsubscribe\",{number}]"), "31").await;
    assert_eq!(ended, json!([false]));
}

#[tokio::test]
async fn a_channel_is_a_namespace_with_short_names_and_a_peer_of_its_own() {
    let (backend, _) = backend();
    let client = Client::joined(&backend).await;
    client.say("0/demo.arm,").await;
    let sid = client.hear_json("0/demo.arm,").await;
    assert!(sid["sid"].is_string());
    assert_eq!(client.asks("2/demo.arm,5[\"add\",2,3]", "3/demo.arm,5").await, json!([5]));
    let noted = client.asks("2/demo.arm,[\"note\",\"a\"]", "2/demo.arm,").await;
    assert_eq!(noted, json!(["noted", "a"]));
    let unknown = client.asks("2/demo.arm,6[\"nothing\"]", "3/demo.arm,6").await;
    let why = unknown[0]["error"]["message"].as_str().unwrap();
    assert!(why.contains("the channel `demo.arm`") && why.contains("`nothing`"), "{why}");
    assert_eq!(backend.peers().into_iter().count(), 2);
    client.say("1/demo.arm,").await;
    assert_eq!(client.asks("20[\"demo.arm.add\",2,3]", "30").await, json!([5]));
    // And again.
    client.say("0/demo.arm,").await;
    client.hear_json("0/demo.arm,").await;
    assert_eq!(client.asks("2/demo.arm,5[\"add\",2,3]", "3/demo.arm,5").await, json!([5]));
}

#[tokio::test]
async fn a_declared_namespace_has_functions_and_an_unknown_one_is_invalid() {
    let socket_io = SocketIo::new().namespace("admin").namespace("/demo.arm");
    let (backend, _) = backend_of(builder().socket_io(socket_io));
    backend.expose("double", |(n,): (i64,)| async move { n * 2 }).unwrap();
    let client = Client::connect(&backend);
    client.say("0/admin,").await;
    client.hear_json("0/admin,").await;
    assert_eq!(client.asks("2/admin,1[\"double\",4]", "3/admin,1").await, json!([8]));
    client.say("0/demo.arm,").await;
    client.hear_json("0/demo.arm,").await;
    assert_eq!(client.asks("2/demo.arm,1[\"double\",4]", "3/demo.arm,1").await, json!([8]));
    assert_eq!(client.asks("2/demo.arm,2[\"add\",4,1]", "3/demo.arm,2").await, json!([5]));
    client.say("0/random").await;
    assert_eq!(client.hear().await, "4/random,{\"message\":\"Invalid namespace\"}");
}

#[tokio::test]
async fn a_token_is_asked_for_in_auth() {
    let token = Token::generate().unwrap();
    let (backend, _) = backend_of(builder().token(token.clone()));
    let client = Client::connect(&backend);
    let refused = client.asks("0", "4").await;
    assert_eq!(refused["data"]["code"], -32001, "{refused}");
    let wrong = client.asks("0{\"token\":\"abcdefghijklmnopqrstuvwxyz\"}", "4").await;
    assert_eq!(wrong["data"]["code"], -32001, "{wrong}");
    assert!(backend.peers().into_iter().next().is_none());
    let right = format!("0{{\"token\":\"{}\"}}", token.expose_secret());
    assert!(client.asks(&right, "0").await["sid"].is_string());
    assert_eq!(client.asks("20[\"demo.arm.add\",2,3]", "30").await, json!([5]));
}

#[tokio::test]
async fn versions_are_compared_if_auth_tells_them_and_a_required_handshake_is_the_connect() {
    let (backend, _) = backend_of(builder().handshake(HandshakePolicy::Required));
    let client = Client::connect(&backend);
    for fits in ["\"1.7.8\"", "\"1.2.0\"", "{\"version\":\"1.7.8\"}"] {
        let connected = client.asks(&format!("0{{\"uses\":{{\"demo.arm\":{fits}}}}}"), "0").await;
        assert!(connected["sid"].is_string(), "{connected}");
        client.say("1").await;
    }
    let other = "{\"version\":\"1.7.8\",\"fingerprint\":\"2:0000000000000000\"}";
    for misfit in ["\"2.0.0\"", "\"1.8.0\"", other] {
        let refused = client.asks(&format!("0{{\"uses\":{{\"demo.arm\":{misfit}}}}}"), "4").await;
        assert_eq!(refused["data"]["code"], -32003, "{refused}");
        assert_eq!(refused["data"]["version"], "1.7.8");
        assert!(refused["message"].as_str().unwrap().contains("demo.arm"), "{refused}");
    }
    let refused = client.asks("0{\"uses\":{\"nothing\":\"1.0.0\"}}", "4").await;
    assert_eq!(refused["data"]["code"], -32601, "{refused}");
    let refused = client.asks("0{\"uses\":7}", "4").await;
    assert_eq!(refused["data"]["code"], -32602, "{refused}");
}

#[tokio::test]
async fn what_breaks_the_protocol_ends_the_session() {
    for packets in [
        &["2[\"demo.arm.add\",2,3]"][..],
        &["abc"],
        &["0null"],
        &["0", "0"],
        &["0", "2{}"],
        &["0", "2[]"],
        &["0", "2[true]"],
        &["0", "2[\"a\""],
        &["0", "2abc[\"a\"]"],
        &["0", "2[\"connect\"]"],
        &["0", "29007199254740992[\"a\"]"],
        &["0", "3[1]"],
        &["0", "4{}"],
        &["0", "2/other,[\"a\"]"],
        &["0", "51-[\"a\"]", "2[\"b\"]"],
        &["0", "51001-[\"a\"]"],
    ] {
        let (backend, _) = backend();
        let client = Client::connect(&backend);
        for packet in packets {
            client.say(packet).await;
        }
        if packets[0] == "0" {
            client.hear_json("0").await;
        }
        client.ends().await;
    }
}

#[tokio::test]
async fn attachments_that_dont_fit_end_the_session() {
    let (backend, _) = backend();
    let client = Client::joined(&backend).await;
    client.attach(b"a").await;
    client.ends().await;
    let client = Client::joined(&backend).await;
    client.say("51-[\"demo.arm.turn\",{\"_placeholder\":true,\"num\":1}]").await;
    client.attach(b"a").await;
    client.ends().await;
}

#[tokio::test]
async fn attachments_that_dont_come_end_the_session_in_time() {
    let time = Duration::from_millis(200);
    let limits = Limits { frame_timeout: Some(time), ..Limits::default() };
    let (backend, _) = backend_of(builder().limits(limits));
    let client = Client::joined(&backend).await;
    client.say("52-[\"demo.arm.turn\",{\"_placeholder\":true,\"num\":1}]").await;
    client.attach(b"a").await;
    let begun = std::time::Instant::now();
    client.ends().await;
    assert!(begun.elapsed() >= time);
}

#[tokio::test]
async fn a_session_that_joins_nothing_ends_in_time() {
    let time = Duration::from_millis(200);
    let limits = Limits { handshake_timeout: time, ..Limits::default() };
    let (backend, _) = backend_of(builder().limits(limits));
    let begun = std::time::Instant::now();
    Client::connect(&backend).ends().await;
    assert!(begun.elapsed() >= time);
}

#[tokio::test]
async fn only_that_event_fails_which_is_too_deep_or_reserved() {
    let (backend, _) = backend();
    let client = Client::joined(&backend).await;
    let deep = format!("21[\"demo.arm.add\",{}{}]", "[".repeat(200), "]".repeat(200));
    assert_eq!(client.asks(&deep, "31").await[0]["error"]["code"], -32600);
    for name in ["rpc.handshake", "$/cancelRequest", "rpc.closing"] {
        let refused = client.asks(&format!("22[\"{name}\"]"), "32").await;
        assert_eq!(refused[0]["error"]["code"], -32601, "{name}");
        client.say(&format!("2[\"{name}\",{{\"id\":3}}]")).await;
    }
    assert_eq!(client.asks("20[\"demo.arm.add\",2,3]", "30").await, json!([5]));
}

#[tokio::test]
async fn an_id_in_flight_is_refused() {
    let (backend, _) = backend();
    let client = Client::joined(&backend).await;
    client.say("25[\"demo.arm.wait\"]").await;
    let refused = client.asks("25[\"demo.arm.add\",1,2]", "35").await;
    assert_eq!(refused[0]["error"]["code"], -32600, "{refused}");
}

#[tokio::test]
async fn a_client_that_disconnects_is_gone_and_its_late_packets_are_ignored() {
    let (backend, _) = backend();
    let client = Client::joined(&backend).await;
    let peer = one_peer(&backend).await;
    client.say("1").await;
    client.say("20[\"demo.arm.add\",2,3]").await;
    patience(peer.closed()).await.expect("it is gone in time");
    assert!(client.asks("0", "0").await["sid"].is_string());
    assert_eq!(client.asks("21[\"demo.arm.add\",2,3]", "31").await, json!([5]));
}

#[tokio::test]
async fn peers_end_with_their_session() {
    let (backend, _) = backend();
    let client = Client::joined(&backend).await;
    client.say("0/demo.arm").await;
    client.hear_json("0/demo.arm,").await;
    let peers: Vec<_> = backend.peers().into_iter().collect();
    assert_eq!(peers.len(), 2);
    client.engine.close();
    for peer in peers {
        patience(peer.closed()).await.expect("it is gone in time");
    }
    patience(client.served).await.expect("an end in time").unwrap();
}

#[tokio::test]
async fn a_closed_peer_is_disconnected_and_a_stopped_backend_ends_the_session() {
    let (backend, _) = backend();
    let client = Client::joined(&backend).await;
    one_peer(&backend).await.close().await;
    assert_eq!(client.hear().await, "1");
    assert!(client.asks("0", "0").await["sid"].is_string());
    client.say("20[\"demo.arm.wait\"]").await;
    let stopping = {
        let backend = backend.clone();
        tokio::spawn(async move { backend.stop(Duration::from_millis(50)).await })
    };
    while let Some(said) = patience(client.engine.receive()).await.expect("an end in time") {
        // The handler was cancelled. A DISCONNECT would keep the client away for good.
        let is_answer = matches!(&said, EngineMessage::Text(text) if text.starts_with("30["));
        assert!(is_answer, "{said:?}");
    }
    patience(stopping).await.expect("a stop in time").unwrap();
}

#[tokio::test]
async fn further_namespaces_need_places() {
    let limits = Limits { max_connections: 1, ..Limits::default() };
    let (backend, _) = backend_of(builder().limits(limits));
    // The session has the place.
    let place = crate::backend::serve::ConnectionPermit::take(backend.shared()).unwrap();
    let client = Client::joined(&backend).await;
    let refused = client.asks("0/demo.arm", "4/demo.arm,").await;
    assert_eq!(refused["data"]["code"], -32009, "{refused}");
    assert_eq!(client.asks("20[\"demo.arm.add\",2,3]", "30").await, json!([5]));
    drop((client, place));
}

#[tokio::test]
async fn a_client_that_reads_nothing_holds_back_its_own_events() {
    let small = 16 * 1024;
    let limits =
        Limits { max_message_bytes: small, max_queued_bytes: 2 * small, ..Limits::default() };
    let (backend, _) = backend_of(builder().limits(limits));
    let client = Client::joined(&backend).await;
    let text = "x".repeat(1000);
    let mut sent = 0;
    // What goes nowhere for a while is held back.
    let patience = Duration::from_millis(500);
    loop {
        let event = format!("2{sent}[\"nothing\",\"{text}\"]");
        if tokio::time::timeout(patience, client.say(&event)).await.is_err() {
            break;
        }
        sent += 1;
        assert!(sent < 10_000, "all of it was taken in");
    }
    for id in 0..sent {
        client.hear_json(&format!("3{id}")).await;
    }
}
