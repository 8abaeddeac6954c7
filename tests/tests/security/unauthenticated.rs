//! Peers that have not shown the token, as they stand on the wire: nothing is served or kept for
//! them, and they are closed.
#![cfg(unix)]

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use ipc_runtime::{Backend, Limits};
use ipc_tests::{
    Framing, RawPeer, Site, WebSocket, eventually, in_time, messages::request, on_every_framing,
};
use serde_json::{Value, json};
use tokio::io::AsyncWriteExt;

use super::guarded_backend::{
    guarded, hello, is_served, is_unauthorized, nothing_is_left, ping, token,
};

on_every_framing! {
    nothing_is_served_before_the_token,
    what_there_is_to_call_is_told_after_the_token,
    a_later_handshake_need_not_show_it,
    a_token_that_is_not_it_ends_the_connection,
    whoever_shows_none_in_time_is_closed,
    a_batch_is_no_way_to_show_it,
    a_large_message_is_not_taken_before_it,
    answers_that_nobody_reads_are_not_kept_before_it,
    a_stranger_that_does_not_read_holds_up_no_stop,
    a_stopping_backend_closes_those_it_does_not_know,
    a_backend_that_is_dropped_closes_those_it_does_not_know,
}

async fn nothing_is_served_before_the_token(framing: Framing) {
    let token = token();
    let site = Site::of(guarded(&token)).await;
    let connected = Arc::new(Mutex::new(0));
    let count = connected.clone();
    site.backend.peer_connected().on(move |_| *count.lock().unwrap() += 1);
    // One attempt is all there is.
    for method in ["test.slow.ping", "test.slow.none", "none", "ipc.store.watch", "rpc.discover"] {
        let mut peer = site.peer(framing).await;
        let answer = peer.ask(request(5, method, json!([])).to_string()).await;
        // Who isn't told at all isn't told of the token either.
        let is_unknown = method == "rpc.discover" && framing == Framing::WebSocket;
        let code = if is_unknown { -32601 } else { -32002 };
        assert_eq!(answer["error"]["code"], code, "{answer}");
        assert!(!answer.to_string().contains("test.everything"), "{answer}");
        peer.has_ended().await;
    }
    for said in [
        r#"{"jsonrpc":"2.0","method":"test.everything.mark","params":[1]}"#,
        r#"{"jsonrpc":"2.0","method":"$/cancelRequest","params":{"id":1}}"#,
        r#"{"jsonrpc":"2.0","id":1,"result":1}"#,
    ] {
        let mut peer = site.peer(framing).await;
        peer.send(said).await;
        peer.has_ended().await;
    }
    let mut peer = site.peer(framing).await;
    peer.hears_nothing_else().await;
    assert!(site.backend.peers().is_empty());
    eventually("the others have gone", || site.backend.connection_count() == 1).await;
    assert_eq!(*connected.lock().unwrap(), 0);

    let answer = peer.ask(hello(token.expose_secret())).await;
    assert_eq!((&answer["id"], &answer["result"]["protocol"]), (&json!("h"), &json!(1)));
    assert!(!answer.to_string().contains(token.expose_secret()), "it isn't echoed");
    is_served(&mut peer).await;
    assert_eq!((site.backend.connection_count(), *connected.lock().unwrap()), (1, 1));
    assert!(site.all.noted.lock().unwrap().is_empty(), "what was said before isn't done");
    drop(peer);
    nothing_is_left(&site.backend).await;
}

async fn what_there_is_to_call_is_told_after_the_token(framing: Framing) {
    let token = token();
    let site = Site::of(guarded(&token).discover(true)).await;
    let discover = || request(7, "rpc.discover", json!([])).to_string();
    let mut stranger = site.peer(framing).await;
    let answer = stranger.ask(discover()).await;
    assert_eq!(answer["error"]["code"], -32002, "{answer}");
    stranger.has_ended().await;
    let mut peer = site.peer(framing).await;
    assert_eq!(peer.ask(hello(token.expose_secret())).await["result"]["protocol"], 1);
    let answer = peer.ask(discover()).await;
    assert_eq!(answer["result"], serde_json::to_value(site.backend.openrpc()).unwrap());
}

async fn a_later_handshake_need_not_show_it(framing: Framing) {
    let token = token();
    let site = Site::of(guarded(&token)).await;
    let mut peer = site.peer(framing).await;
    assert_eq!(peer.ask(hello(token.expose_secret())).await["result"]["protocol"], 1);
    for again in [Value::Null, "something else".into(), token.expose_secret().into()] {
        assert_eq!(peer.ask(hello(again)).await["result"]["protocol"], 1);
        is_served(&mut peer).await;
    }
    assert_eq!(site.backend.connection_count(), 1);
}

async fn a_token_that_is_not_it_ends_the_connection(framing: Framing) {
    let token = token();
    let text = token.expose_secret();
    let site = Site::of(guarded(&token)).await;
    let mut good = site.peer(framing).await;
    assert_eq!(good.ask(hello(text)).await["result"]["protocol"], 1);
    for wrong in [
        Value::Null,
        "".into(),
        "x".into(),
        text[..42].into(),
        text[1..].into(),
        format!("{text}x").into(),
        format!("{text}\0").into(),
        format!(" {text}").into(),
        text.to_ascii_lowercase().into(),
        "x".repeat(1 << 15).into(),
    ] {
        let mut peer = site.peer(framing).await;
        is_unauthorized(&peer.ask(hello(wrong)).await, &json!("h"));
        peer.has_ended().await;
    }
    // What can't be read shows nothing either; it isn't tried on.
    let twice = format!(r#"{{"protocol":1,"token":"x","token":"{text}"}}"#);
    let types = ["7", "true", &format!("[\"{text}\"]"), &format!("{{\"token\":\"{text}\"}}")]
        .map(|token| format!(r#"{{"protocol":1,"token":{token}}}"#));
    for params in [twice].into_iter().chain(types) {
        let mut peer = site.peer(framing).await;
        let hello =
            format!(r#"{{"jsonrpc":"2.0","id":1,"method":"rpc.handshake","params":{params}}}"#);
        assert_eq!(peer.ask(hello).await["error"]["code"], -32602, "{params}");
        peer.has_ended().await;
    }
    // The right one, for another protocol.
    let mut peer = site.peer(framing).await;
    let other = json!({ "protocol": 2, "token": text });
    let answer = peer.ask(request(1, "rpc.handshake", other).to_string()).await;
    assert_eq!(answer["error"]["code"], -32003);
    peer.has_ended().await;

    is_served(&mut good).await;
    eventually("they have gone", || site.backend.usage().connections == 1).await;
}

async fn whoever_shows_none_in_time_is_closed(framing: Framing) {
    let mut limits = Limits::default();
    limits.handshake_timeout = Duration::from_millis(100);
    let site = Site::of(guarded(&token()).limits(limits)).await;
    let mut peer = site.peer(framing).await;
    // Whatever it says meanwhile.
    while peer.try_ask_text(r#"{"jsonrpc":"2.0","id":1,"method":"rpc.ping"}"#).await.is_some() {}
    nothing_is_left(&site.backend).await;
}

async fn a_batch_is_no_way_to_show_it(framing: Framing) {
    let token = token();
    let site = Site::of(guarded(&token)).await;
    for batch in [
        format!("[{},{}]", hello(token.expose_secret()), ping()),
        "[]".into(),
        // The answer would be many times as long.
        format!("[{}1]", "1,".repeat(1000)),
    ] {
        let mut peer = site.peer(framing).await;
        let answer = peer.ask(batch).await;
        assert_eq!((&answer["id"], &answer["error"]["code"]), (&Value::Null, &json!(-32002)));
        peer.has_ended().await;
    }
    nothing_is_left(&site.backend).await;
}

async fn a_large_message_is_not_taken_before_it(framing: Framing) {
    const MOST: usize = 64 * 1024;

    let token = token();
    let site = Site::of(guarded(&token)).await;
    let padded = |size: usize| {
        let hello = hello(token.expose_secret());
        let padding = " ".repeat(size - hello.len());
        format!("{}{padding}}}", &hello[..hello.len() - 1])
    };
    let mut peer = site.peer(framing).await;
    let answer = peer.ask(padded(MOST + 1)).await;
    assert_eq!(answer["error"]["code"], -32007, "{answer}");
    assert_eq!(answer["error"]["data"]["limit"], MOST);
    if matches!(framing, Framing::Newline | Framing::WebSocket) {
        peer.has_ended().await;
    } else {
        assert_eq!(peer.ask(hello(token.expose_secret())).await["result"]["protocol"], 1);
    }

    let mut peer = site.peer(framing).await;
    assert_eq!(peer.ask(padded(MOST)).await["result"]["protocol"], 1);
    // Whoever was let in has the room of all others.
    let echo = request(1, "test.everything.echo", json!(["x".repeat(1 << 20)])).to_string();
    assert_eq!(peer.ask(echo).await["result"].as_str().map(str::len), Some(1 << 20));
}

/// More questions than the answers to which are kept.
async fn asks_and_reads_nothing(peer: &mut RawPeer, backend: &Backend) {
    let ping = r#"{"jsonrpc":"2.0","id":1,"method":"rpc.ping"}"#;
    while backend.connection_count() > 0 {
        let sent = peer.try_send(ping);
        if !matches!(tokio::time::timeout(Duration::from_secs(1), sent).await, Ok(Ok(()))) {
            break;
        }
    }
}

async fn answers_that_nobody_reads_are_not_kept_before_it(framing: Framing) {
    let site = Site::of(guarded(&token()).limits(without_timeout())).await;
    let mut peer = site.peer(framing).await;
    in_time(asks_and_reads_nothing(&mut peer, &site.backend)).await;
    eventually("it has gone", || site.backend.connection_count() == 0).await;
}

async fn a_stranger_that_does_not_read_holds_up_no_stop(framing: Framing) {
    let site = Site::of(guarded(&token()).limits(without_timeout())).await;
    let mut peer = site.peer(framing).await;
    peer.hears_nothing_else().await;
    let stopping = site.backend.stop(Duration::ZERO);
    // A goodbye would take two seconds.
    let stopped = tokio::time::timeout(Duration::from_millis(1500), stopping).await;
    assert!(stopped.is_ok());
}

async fn a_stopping_backend_closes_those_it_does_not_know(framing: Framing) {
    let site = Site::of(guarded(&token()).limits(without_timeout())).await;
    let mut peer = site.peer(framing).await;
    peer.hears_nothing_else().await;
    site.backend.stop(Duration::from_secs(600)).await;
    peer.has_ended().await;
    nothing_is_left(&site.backend).await;
}

async fn a_backend_that_is_dropped_closes_those_it_does_not_know(framing: Framing) {
    let site = Site::of(guarded(&token()).limits(without_timeout())).await;
    let mut peer = site.peer(framing).await;
    peer.hears_nothing_else().await;
    drop(site);
    peer.has_ended().await;
}

/// Time alone closes nobody.
fn without_timeout() -> Limits {
    let mut limits = Limits::default();
    limits.handshake_timeout = Duration::from_secs(600);
    limits
}

#[tokio::test]
async fn a_header_that_claims_a_large_message_is_enough_to_be_refused() {
    let site = Site::of(guarded(&token())).await;
    let mut page = WebSocket::connect(&site.web_socket, &[]).await.unwrap();
    let claimed = 16_u64 << 20;
    let header = [&[0x81, 0xff][..], &claimed.to_be_bytes(), &[0; 4]].concat();
    page.stream.get_mut().write_all(&header).await.unwrap();
    let answer = page.next().await;
    assert_eq!(answer["error"]["code"], -32007, "{answer}");
    assert_eq!(answer["error"]["data"], json!({ "limit": 64 * 1024, "size": claimed }));
    assert_eq!(page.close_code().await, Some(1009));
}

#[tokio::test]
async fn whoever_has_not_shown_it_takes_a_place() {
    let token = token();
    let mut limits = Limits::default();
    limits.max_connections = 2;
    let site = Site::of(guarded(&token).limits(limits)).await;
    let mut strangers = [site.peer(Framing::Native).await, site.peer(Framing::Native).await];
    let mut third = site.peer(Framing::Newline).await;
    third.write(hello(token.expose_secret())).await;
    assert_eq!(third.next().await["error"]["data"]["limit"], "maxConnections");
    third.has_ended().await;
    for stranger in &mut strangers {
        stranger.hears_nothing_else().await;
    }
    drop(strangers);
    nothing_is_left(&site.backend).await;
    let mut peer = site.peer(Framing::Newline).await;
    assert_eq!(peer.ask(hello(token.expose_secret())).await["result"]["protocol"], 1);
}
