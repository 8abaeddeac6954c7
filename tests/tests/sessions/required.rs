//! `HandshakePolicy::Required`: who doesn't shake hands isn't served.

use std::time::Duration;

use ipc_runtime::{Backend, Frontend, Limits, config::HandshakePolicy};
use ipc_tests::{
    Framing, RawPeer, Site, SlowClient, TestCarrier, in_time, on_every_carrier, on_every_framing,
};
use serde_json::{Value, json};

const HELLO: &str =
    r#"{"jsonrpc":"2.0","id":"h","method":"rpc.handshake","params":{"protocol":1}}"#;

on_every_framing! {
    requests_are_refused_until_hands_are_shaken,
    notifications_are_dropped_until_hands_are_shaken,
    pings_are_answered_all_the_same,
    nothing_is_told_of_what_is_registered,
    a_handshake_that_is_refused_is_none,
    a_batch_is_served_behind_its_handshake,
    each_connection_shakes_hands_for_itself,
    an_optional_handshake_may_be_left_out,
    whoever_does_not_shake_hands_in_time_is_closed,
}

on_every_carrier! {
    frontends_of_the_library_are_served,
}

async fn strict() -> Site {
    Site::of(Backend::builder().handshake(HandshakePolicy::Required)).await
}

fn request(id: u32, method: &str, params: Value) -> String {
    json!({ "jsonrpc": "2.0", "id": id, "method": method, "params": params }).to_string()
}

async fn is_refused(peer: &mut RawPeer, method: &str) {
    let answer = peer.ask(request(5, method, json!([]))).await;
    assert_eq!((&answer["id"], &answer["error"]["code"]), (&json!(5), &json!(-32002)), "{method}");
    let message = answer["error"]["message"].as_str().unwrap();
    assert!(message.contains(method) && message.contains("rpc.handshake"), "{message}");
}

async fn is_served(peer: &mut RawPeer) {
    let answer = peer.ask(request(6, "test.slow.ping", json!([]))).await;
    assert_eq!(answer, json!({ "jsonrpc": "2.0", "id": 6, "result": 7 }));
}

async fn requests_are_refused_until_hands_are_shaken(framing: Framing) {
    let site = strict().await;
    let mut peer = site.peer(framing).await;
    is_refused(&mut peer, "test.slow.ping").await;
    is_refused(&mut peer, "test.slow.wait").await;
    let hello = peer.ask(HELLO).await;
    assert_eq!((&hello["id"], &hello["result"]["protocol"]), (&json!("h"), &json!(1)));
    is_served(&mut peer).await;
    // It may be said again.
    assert_eq!(peer.ask(HELLO).await["result"]["protocol"], 1);
    is_served(&mut peer).await;
    assert!(site.gates.order().is_empty(), "nothing of what was refused has run");
}

async fn notifications_are_dropped_until_hands_are_shaken(framing: Framing) {
    let site = strict().await;
    let mut peer = site.peer(framing).await;
    let mark = |number: u32| {
        let params = json!([number]);
        json!({ "jsonrpc": "2.0", "method": "test.everything.mark", "params": params }).to_string()
    };
    peer.send(mark(1)).await;
    peer.hears_nothing_else().await;
    assert_eq!(peer.ask(HELLO).await["id"], "h");
    peer.send(mark(2)).await;
    peer.hears_nothing_else().await;
    assert_eq!(*site.all.noted.lock().unwrap(), ["2"]);
}

async fn pings_are_answered_all_the_same(framing: Framing) {
    let site = strict().await;
    let mut peer = site.peer(framing).await;
    peer.hears_nothing_else().await;
    peer.send(r#"{"jsonrpc":"2.0","method":"$/cancelRequest","params":{"id":1}}"#).await;
    peer.hears_nothing_else().await;
    is_refused(&mut peer, "test.slow.ping").await;
}

async fn nothing_is_told_of_what_is_registered(framing: Framing) {
    let site = strict().await;
    let mut peer = site.peer(framing).await;
    for method in ["test.slow.none", "test.none.ping", "none", ""] {
        is_refused(&mut peer, method).await;
    }
}

async fn a_handshake_that_is_refused_is_none(framing: Framing) {
    let site = strict().await;
    let mut peer = site.peer(framing).await;
    for (params, code) in [
        (json!({ "protocol": 2 }), -32003),
        (json!({ "protocol": 0 }), -32003),
        (json!({}), -32602),
        (json!({ "protocol": "1" }), -32602),
        (json!([]), -32602),
        (json!({ "protocol": 1, "uses": 5 }), -32602),
        (json!({ "protocol": 1, "uses": [{ "channel": "test.slow" }] }), -32602),
        (json!({ "protocol": 1, "limits": { "maxMessageBytes": -1, "maxInFlight": 1 } }), -32602),
    ] {
        let answer = peer.ask(request(1, "rpc.handshake", params.clone())).await;
        assert_eq!(answer["error"]["code"], code, "{params}");
        is_refused(&mut peer, "test.slow.ping").await;
    }
    // One that nobody answers tells nobody's limits: it is no handshake either.
    peer.send(r#"{"jsonrpc":"2.0","method":"rpc.handshake","params":{"protocol":1}}"#).await;
    is_refused(&mut peer, "test.slow.ping").await;
}

async fn a_batch_is_served_behind_its_handshake(framing: Framing) {
    let site = strict().await;
    let mut peer = site.peer(framing).await;
    let ping = |id: u32| request(id, "test.slow.ping", json!([]));
    let answers = peer.ask(format!("[{},{HELLO},{}]", ping(1), ping(2))).await;
    assert_eq!((&answers[0]["id"], &answers[0]["error"]["code"]), (&json!(1), &json!(-32002)));
    assert_eq!(answers[1]["result"]["protocol"], 1);
    assert_eq!((&answers[2]["id"], &answers[2]["result"]), (&json!(2), &json!(7)));
}

async fn each_connection_shakes_hands_for_itself(framing: Framing) {
    let site = strict().await;
    let (mut one, mut other) = (site.peer(framing).await, site.peer(framing).await);
    assert_eq!(one.ask(HELLO).await["id"], "h");
    is_refused(&mut other, "test.slow.ping").await;
    is_served(&mut one).await;
}

async fn an_optional_handshake_may_be_left_out(framing: Framing) {
    let site = Site::of(Backend::builder().handshake(HandshakePolicy::Optional)).await;
    is_served(&mut site.peer(framing).await).await;
    is_served(&mut Site::new().await.peer(framing).await).await;
}

async fn whoever_does_not_shake_hands_in_time_is_closed(framing: Framing) {
    let mut limits = Limits::default();
    limits.handshake_timeout = Duration::from_secs(1);
    let site =
        Site::of(Backend::builder().handshake(HandshakePolicy::Required).limits(limits)).await;
    let mut greets = site.peer(framing).await;
    assert_eq!(greets.ask(HELLO).await["id"], "h");
    let mut talks = site.peer(framing).await;
    is_refused(&mut talks, "test.slow.ping").await;
    // What else it says is no handshake either.
    talks.hears_nothing_else().await;
    talks.has_ended().await;
    // The one that came before it has its time behind it as well, and isn't bound by it.
    is_served(&mut greets).await;
}

async fn frontends_of_the_library_are_served(carrier: TestCarrier) {
    let backend = Backend::builder().handshake(HandshakePolicy::Required).build();
    backend.register(ipc_tests::SlowHandler::new(ipc_tests::Gates::new())).unwrap();
    let frontend: Frontend = carrier.connect(&backend).await;
    assert_eq!(frontend.call::<u32>("test.slow.ping", &()).await.unwrap(), 7);
    let unopened: SlowClient = frontend.client();
    assert_eq!(unopened.ping().await.unwrap(), 7);
    let opened: SlowClient = frontend.open().await.unwrap();
    assert_eq!(in_time(opened.ping()).await.unwrap(), 7);
}
