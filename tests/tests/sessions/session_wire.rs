//! Sessions as they stand on the wire: who gets one, who takes one over, and what is told first.
#![cfg(unix)]

use std::{path::Path, sync::atomic::Ordering, time::Duration};

use ipc_runtime::{
    Backend, Endpoint, Frontend, Limits, Peer, PeerId, Reconnect, config::HandshakePolicy,
    error::DisconnectReason,
};
use ipc_tests::{Frames, Lines, TestCarrier, WebSocket, eventually, in_time};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt, copy},
    net::{UnixListener, UnixStream},
    task::JoinHandle,
};

use super::desk::{LONG, PaneClient, Site, handshake, hello, is_away, waits};

impl Site {
    /// Shakes hands as the peer with this session. Gives what is answered.
    async fn knock(&self, session: &str) -> (Frames, Value) {
        knock(&self.path, session).await
    }

    /// The same, and counts its attempts.
    async fn attempt(&self, session: &str, attempt: u64) -> (Frames, Value) {
        let mut peer = Frames::connect(&self.path).await;
        let params = json!({ "protocol": 1, "session": session, "attempt": attempt });
        let answer = peer.ask(handshake(&params)).await;
        (peer, answer)
    }
}

async fn knock(path: &Path, session: &str) -> (Frames, Value) {
    let mut peer = Frames::connect(path).await;
    let answer = peer.ask(hello(session)).await;
    (peer, answer["result"]["session"].clone())
}

async fn visit(peer: &mut Frames) -> Value {
    let visit = json!({ "jsonrpc": "2.0", "id": 2, "method": "test.desk.visit" });
    peer.ask(visit.to_string()).await["result"].clone()
}

/// Which peer it is.
async fn who(peer: &mut Frames) -> Value {
    visit(peer).await[0].clone()
}

#[tokio::test]
async fn a_session_is_128_random_bits() {
    let site = Site::new(waits(LONG)).await;
    let mut seen = Vec::new();
    for _ in 0..20 {
        let (_peer, id) = site.knock("").await;
        let id = id.as_str().unwrap().to_owned();
        assert_eq!(id.len(), 32);
        assert!(id.bytes().all(|byte| byte.is_ascii_hexdigit()));
        assert!(!seen.contains(&id));
        seen.push(id);
    }
}

#[tokio::test]
async fn who_comes_back_takes_over_from_a_connection_that_seems_alive() {
    let site = Site::new(waits(LONG)).await;
    let (mut old, id) = site.knock("").await;
    let first = visit(&mut old).await;
    let (mut new, same) = site.knock(id.as_str().unwrap()).await;
    assert_eq!(id, same);
    assert_eq!(visit(&mut new).await, json!([first[0], 2]));
    // Two that claim to be the same must not take turns for ever.
    let closing = old.next().await;
    assert_eq!(closing["method"], "rpc.closing");
    assert_eq!(closing["params"]["final"], true);
    assert_eq!(old.next_text().await, None);
    // Its end isn't that of the peer.
    assert_eq!(visit(&mut new).await, json!([first[0], 3]));
    assert_eq!(site.told.load(Ordering::SeqCst), 1);
    drop(new);
    is_away(&site.only_peer()).await;
}

#[tokio::test]
async fn an_unknown_session_is_answered_with_a_new_one() {
    let site = Site::new(waits(LONG)).await;
    let (_, known) = site.knock("").await;
    for unknown in ["0123456789abcdef0123456789abcdef", "nonsense", "'; drop table"] {
        let (mut peer, id) = site.knock(unknown).await;
        assert_eq!(id.as_str().unwrap().len(), 32);
        assert_ne!(id, unknown);
        assert_ne!(id, known);
        assert_eq!(visit(&mut peer).await[1], 1);
    }
}

#[tokio::test]
async fn a_session_does_not_move_to_another_endpoint() {
    let site = Site::new(waits(LONG)).await;
    let other = site.path.with_file_name("other");
    site.backend.listen(Endpoint::Unix(other.clone())).await.unwrap();
    let (mut first, id) = site.knock("").await;
    let name = visit(&mut first).await[0].clone();
    let (mut second, another) = knock(&other, id.as_str().unwrap()).await;
    assert_ne!(id, another);
    assert_ne!(visit(&mut second).await[0], name);
    assert_eq!(visit(&mut first).await, json!([name, 2]), "the first one was taken over");
}

#[tokio::test]
async fn who_does_not_ask_for_a_session_gets_none() {
    let site = Site::new(waits(LONG)).await;
    let mut peer = Frames::connect(&site.path).await;
    let hello = r#"{"jsonrpc":"2.0","id":1,"method":"rpc.handshake","params":{"protocol":1}}"#;
    assert!(peer.ask(hello).await["result"].get("session").is_none());
    eventually("it is there", || site.backend.peers().len() == 1).await;
    drop(peer);
    site.is_empty().await;
}

#[tokio::test]
async fn a_session_is_asked_for_by_the_first_message_alone() {
    let site = Site::new(waits(LONG)).await;
    let (mut old, id) = site.knock("").await;
    let first = visit(&mut old).await;
    let mut late = Frames::connect(&site.path).await;
    let own = visit(&mut late).await;
    let hello = json!({
        "jsonrpc": "2.0", "id": 3, "method": "rpc.handshake",
        "params": { "protocol": 1, "session": id },
    });
    assert!(late.ask(hello.to_string()).await["result"].get("session").is_none());
    assert_eq!(visit(&mut late).await, json!([own[0], 2]));
    assert_eq!(visit(&mut old).await, json!([first[0], 2]));
}

#[tokio::test]
async fn of_too_many_that_are_away_the_first_has_gone() {
    let mut limits = Limits::default();
    limits.session_grace = LONG;
    limits.max_disconnected_peers = 3;
    let site = Site::new(Backend::builder().limits(limits)).await;
    let mut ids: Vec<PeerId> = Vec::new();
    for gone in 0..6_usize {
        let (peer, _) = site.knock("").await;
        let is_new = |peer: &&Peer| !ids.contains(&peer.id());
        let id = site.backend.peers().iter().find(is_new).unwrap().id();
        ids.push(id);
        let there = site.backend.peer(id).unwrap();
        drop(peer);
        is_away(&there).await;
        let expected = (gone + 1).min(3);
        eventually("the first has gone", || {
            let now = site.backend.peers();
            now.len() == expected && site.backend.usage().disconnected_peers == expected
        })
        .await;
    }
    let left: Vec<_> = site.backend.peers().iter().map(Peer::id).collect();
    assert_eq!(left, ids[3..]);
}

#[tokio::test]
async fn one_that_knows_the_protocol_and_says_nothing_is_a_peer_in_time() {
    let mut limits = Limits::default();
    limits.handshake_timeout = LONG;
    let site = Site::new(Backend::builder().limits(limits)).await;
    let mut peer = Frames::connect(&site.path).await;
    eventually("it is there", || site.backend.peers().len() == 1).await;
    assert_eq!(visit(&mut peer).await[1], 1);
}

#[tokio::test]
async fn who_has_to_shake_hands_is_no_peer_before() {
    let site = Site::new(waits(LONG).handshake(HandshakePolicy::Required)).await;
    let mut peer = Frames::connect(&site.path).await;
    let visit = json!({ "jsonrpc": "2.0", "id": 2, "method": "test.desk.visit" });
    assert_eq!(peer.ask(visit.to_string()).await["error"]["code"], -32002);
    assert_eq!(site.told.load(Ordering::SeqCst), 0);
    let hello = r#"{"jsonrpc":"2.0","id":1,"method":"rpc.handshake","params":{"protocol":1}}"#;
    assert_eq!(peer.ask(hello).await["result"]["protocol"], 1);
    assert_eq!(site.told.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn the_end_of_a_backend_is_not_held_up_by_who_is_away() {
    let site = Site::new(waits(LONG)).await;
    let (peer, _) = site.knock("").await;
    let there = site.only_peer();
    drop(peer);
    is_away(&there).await;
    drop(site);
    assert!(matches!(in_time(there.closed()).await, DisconnectReason::ClosedHere));
}

#[tokio::test]
async fn who_does_not_show_that_it_knows_the_protocol_gets_no_session() {
    for handshake in [HandshakePolicy::Optional, HandshakePolicy::Required] {
        let site = Site::new(waits(LONG).handshake(handshake)).await;
        let mut lines = Lines::connect(&site.path).await;
        let answer = lines.ask(hello("")).await;
        assert!(answer["result"].get("session").is_none(), "{answer}");

        let backend = waits(LONG).handshake(handshake).build();
        let endpoint = TestCarrier::web_socket().listen(&backend).await;
        let mut page = WebSocket::connect(&endpoint, &[]).await.unwrap();
        let answer = page.ask(hello("")).await;
        assert!(answer["result"].get("session").is_none(), "{answer}");

        let subprotocol = [("Sec-WebSocket-Protocol", "ipc.v1.json")];
        let mut page = WebSocket::connect(&endpoint, &subprotocol).await.unwrap();
        let answer = page.ask(hello("")).await;
        assert!(answer["result"]["session"].is_string(), "{answer}");
    }
}

#[tokio::test]
async fn an_attempt_that_is_not_above_the_present_one_is_refused() {
    let site = Site::new(waits(LONG)).await;
    let (_, answer) = site.attempt("", 3).await;
    let id = answer["result"]["session"].as_str().unwrap().to_owned();
    let (mut present, answer) = site.attempt(&id, 5).await;
    assert_eq!(answer["result"]["session"], id);
    let name = who(&mut present).await;
    for late in [5, 4, 0] {
        let (mut peer, answer) = site.attempt(&id, late).await;
        assert_eq!(answer["error"]["code"], -32600, "{answer}");
        assert_eq!(peer.next_text().await, None);
        assert_eq!(who(&mut present).await, name);
    }
    let (mut later, answer) = site.attempt(&id, 6).await;
    assert_eq!(answer["result"]["session"], id);
    assert_eq!(who(&mut later).await, name);
    assert_eq!(site.backend.peers().len(), 1);
}

#[tokio::test]
async fn who_does_not_count_its_attempts_takes_over() {
    let site = Site::new(waits(LONG)).await;
    let (_old, answer) = site.attempt("", 7).await;
    let id = answer["result"]["session"].as_str().unwrap();
    for _ in 0..3 {
        assert_eq!(site.knock(id).await.1, id);
    }
}

#[tokio::test]
async fn who_was_closed_while_it_was_away_is_told_when_it_returns() {
    let site = Site::new(waits(LONG)).await;
    let (peer, id) = site.knock("").await;
    let there = site.only_peer();
    drop(peer);
    is_away(&there).await;
    in_time(there.close()).await;
    site.is_empty().await;
    for _ in 0..2 {
        let mut peer = Frames::connect(&site.path).await;
        let closing = peer.ask(hello(id.as_str().unwrap())).await;
        assert_eq!(closing["method"], "rpc.closing");
        assert_eq!(closing["params"]["final"], true);
        assert_eq!(peer.next().await["error"]["code"], -32005);
        assert_eq!(peer.next_text().await, None);
    }
    site.is_empty().await;
}

#[tokio::test]
async fn only_so_many_closed_sessions_are_remembered() {
    let mut limits = Limits::default();
    limits.session_grace = LONG;
    limits.max_disconnected_peers = 2;
    let site = Site::new(Backend::builder().limits(limits)).await;
    let mut ids = Vec::new();
    for _ in 0..3 {
        let (peer, id) = site.knock("").await;
        site.only_peer().close().await;
        drop(peer);
        site.is_empty().await;
        ids.push(id.as_str().unwrap().to_owned());
    }
    let mut peers = Vec::new();
    for (id, is_closed) in ids.iter().zip([false, true, true]) {
        let mut peer = Frames::connect(&site.path).await;
        let first = peer.ask(hello(id)).await;
        assert_eq!(first["method"] == "rpc.closing", is_closed, "{first}");
        peers.push(peer);
    }
}

#[tokio::test]
async fn who_has_gone_and_was_not_closed_comes_back_as_another() {
    let site = Site::new(waits(Duration::from_millis(1))).await;
    let (peer, id) = site.knock("").await;
    drop(peer);
    site.is_empty().await;
    let (_peer, another) = site.knock(id.as_str().unwrap()).await;
    assert!(another.is_string());
    assert_ne!(id, another);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_new_peer_has_its_answer_before_it_is_asked_anything() {
    let site = Site::new(waits(LONG)).await;
    site.backend.peer_connected().on(|peer| {
        let peer = peer.clone();
        tokio::spawn(async move { peer.call::<u32>("test.pane.size", &()).await });
    });
    for _ in 0..50 {
        let mut peer = Frames::connect(&site.path).await;
        assert_eq!(peer.ask(hello("")).await["result"]["protocol"], 1);
        assert_eq!(peer.next().await["method"], "test.pane.size");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_is_back_has_its_answer_before_subscriptions_go_on() {
    let site = Site::new(waits(LONG)).await;
    let (mut peer, id) = site.knock("").await;
    let there = site.only_peer();
    let open = tokio::spawn(async move {
        let pane: PaneClient = there.client();
        let mut typed = pane.typed().await.unwrap();
        while typed.next().await.is_some() {}
    });
    let shown = peer.next().await;
    let uses = shown["params"]["uses"].clone();
    assert_eq!(shown["method"], "rpc.handshake");
    let answer = json!({ "protocol": 1, "uses": uses });
    peer.send(json!({ "jsonrpc": "2.0", "id": shown["id"], "result": answer }).to_string()).await;
    for round in 0..50_u64 {
        let asked = peer.next().await;
        assert_eq!(asked["method"], "test.pane.typed");
        if round > 0 {
            // As whoever knows where it was asks, and not as a stranger.
            assert_eq!(asked["ipc"]["resume"]["seq"], round, "{asked}");
        }
        let opened = json!({ "jsonrpc": "2.0", "id": asked["id"], "result": 9 });
        peer.send(opened.to_string()).await;
        let item = json!({ "subscription": 9, "result": 7, "seq": round + 1, "epoch": 3 });
        let item = json!({ "jsonrpc": "2.0", "method": "test.pane.typed", "params": item });
        peer.send(item.to_string()).await;
        // Answered behind it: what came before was taken in.
        assert!(who(&mut peer).await.is_string());
        let (next, same) = site.knock(id.as_str().unwrap()).await;
        assert_eq!(id, same);
        peer = next;
    }
    open.abort();
}

#[tokio::test]
async fn a_handshake_in_a_batch_resumes_a_session() {
    let site = Site::new(waits(LONG)).await;
    let (mut old, id) = site.knock("").await;
    let name = who(&mut old).await;
    let mut peer = Frames::connect(&site.path).await;
    let first: Value = serde_json::from_str(&hello(id.as_str().unwrap())).unwrap();
    let visit = json!({ "jsonrpc": "2.0", "id": 2, "method": "test.desk.visit" });
    let answers = peer.ask(json!([first, visit]).to_string()).await;
    assert_eq!(answers[0]["result"]["session"], id);
    assert_eq!(answers[1]["result"][0], name);
}

#[tokio::test]
async fn behind_a_handshake_that_failed_another_one_resumes_the_session() {
    let site = Site::new(waits(LONG)).await;
    let (mut old, id) = site.knock("").await;
    let name = who(&mut old).await;
    let mut peer = Frames::connect(&site.path).await;
    let other = handshake(&json!({ "protocol": 9, "session": id }));
    assert_eq!(peer.ask(other).await["error"]["code"], -32003);
    assert_eq!(peer.ask(hello(id.as_str().unwrap())).await["result"]["session"], id);
    assert_eq!(who(&mut peer).await, name);
}

#[tokio::test]
async fn a_handshake_that_comes_late_gets_a_new_session() {
    let site = Site::new(waits(LONG)).await;
    let (mut old, id) = site.knock("").await;
    let name = who(&mut old).await;
    let mut late = Frames::connect(&site.path).await;
    eventually("it is taken for one that listens", || site.backend.peers().len() == 2).await;
    let answer = late.ask(hello(id.as_str().unwrap())).await;
    let another = answer["result"]["session"].as_str().unwrap().to_owned();
    assert_ne!(id, another);
    assert_eq!(who(&mut old).await, name);
    let own = who(&mut late).await;
    drop(late);
    let (mut back, same) = site.knock(&another).await;
    assert_eq!(same, another);
    assert_eq!(who(&mut back).await, own);
}

#[tokio::test]
async fn a_returning_peer_counts_as_one_connection() {
    let site = Site::new(waits(LONG)).await;
    let (_old, id) = site.knock("").await;
    let (_new, _) = site.knock(id.as_str().unwrap()).await;
    assert_eq!(site.backend.connection_count(), 1);
}

/// Carries one connection, and of what the backend says only that it agrees on the framing.
fn one_way(site: &Site) -> (Endpoint, JoinHandle<()>) {
    let near = site.directory.join("near");
    let listener = UnixListener::bind(&near).unwrap();
    let far = site.path.clone();
    let carrying = tokio::spawn(async move {
        let (client, _) = listener.accept().await.unwrap();
        let server = UnixStream::connect(&far).await.unwrap();
        let (mut from_client, mut to_client) = client.into_split();
        let (mut from_server, mut to_server) = server.into_split();
        let mut preface = [0; 5];
        from_client.read_exact(&mut preface).await.unwrap();
        to_server.write_all(&preface).await.unwrap();
        from_server.read_exact(&mut preface).await.unwrap();
        to_client.write_all(&preface).await.unwrap();
        let _ = copy(&mut from_client, &mut to_server).await;
    });
    (Endpoint::Unix(near), carrying)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_frontend_dropped_while_it_connects_is_not_waited_for() {
    let site = Site::new(waits(LONG)).await;
    let (endpoint, _carrying) = one_way(&site);
    let connecting = Frontend::builder().reconnect(Reconnect::default()).connect(endpoint);
    let connecting = tokio::spawn(connecting);
    eventually("the backend knows it", || site.backend.peers().len() == 1).await;
    connecting.abort();
    site.is_empty().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_frontend_that_gives_up_connecting_is_not_waited_for() {
    let site = Site::new(waits(LONG)).await;
    let (endpoint, _carrying) = one_way(&site);
    let mut limits = Limits::default();
    limits.handshake_timeout = Duration::from_millis(500);
    let builder = Frontend::builder().limits(limits).reconnect(Reconnect::default());
    in_time(builder.connect(endpoint)).await.unwrap_err();
    site.is_empty().await;
}

#[tokio::test]
async fn a_message_that_cannot_be_read_settles_nothing() {
    let site = Site::new(Backend::builder()).await;
    let mut raw = Frames::connect(&site.path).await;
    let broken = r#"{"jsonrpc":"2.0","id":1,"method":"test.desk.enter","params":[1,2]]}"#;
    assert_eq!(raw.ask(broken).await["error"]["code"], -32700);
    let hello = r#"{"protocol":1,"session":"","attempt":1}"#;
    let hello = format!(r#"{{"jsonrpc":"2.0","id":2,"method":"rpc.handshake","params":{hello}}}"#);
    assert!(raw.ask(hello).await["result"]["session"].is_string());
}
