//! Subscriptions that end otherwise than by their streams.

use std::{sync::Arc, time::Duration};

use ipc_runtime::{
    Backend, ErrorKind, Frontend, Limits,
    error::DisconnectReason,
    store::{Store, StoreReplica},
};
use ipc_tests::{
    FeedClient, FeedHandler, Framing, RawBackend, RawPeer, Site, Source, TestCarrier, eventually,
    in_time,
    messages::{done, item, request, result},
    on_every_framing,
};
use serde_json::{Value, json};

on_every_framing! {
    a_stop_waits_for_subscriptions_that_have_an_end,
    a_stop_ends_idle_subscriptions_at_once_and_tells_them,
    a_subscription_goes_on_while_a_stop_waits_for_others,
    an_opening_whose_answer_is_too_large_leaves_nothing,
    an_opening_that_does_not_fit_into_its_batch_leaves_nothing,
    a_stream_argument_with_an_item_that_is_too_large_ends,
}

const COUNT: &str = "test.feed.count";
const EVENTS: &str = "test.feed.events";
const LONG: Duration = Duration::from_secs(600);

async fn site(limits: Limits) -> (Site, Arc<Source>) {
    let site = Site::of(Backend::builder().limits(limits)).await;
    let source = Arc::new(Source::default());
    site.backend.register(FeedHandler::new(source.clone())).unwrap();
    (site, source)
}

async fn say(peer: &mut RawPeer, message: Value) {
    peer.send(message.to_string()).await;
}

fn stop(backend: &Backend, grace: Duration) -> tokio::task::JoinHandle<()> {
    let backend = backend.clone();
    tokio::spawn(async move { backend.stop(grace).await })
}

async fn a_stop_waits_for_subscriptions_that_have_an_end(framing: Framing) {
    let (site, source) = site(Limits::default()).await;
    let mut peer = site.peer(framing).await;
    let hello = json!({ "protocol": 1, "window": 1 });
    peer.ask(request(0, "rpc.handshake", hello).to_string()).await;
    let id = peer.ask(request(1, COUNT, json!([3])).to_string()).await["result"].clone();
    assert_eq!(peer.next().await, item(COUNT, &id, 0.into()));
    let stopping = stop(&site.backend, LONG);
    assert_eq!(peer.next().await["method"], "rpc.closing");
    peer.hears_nothing_else().await;
    for number in 1..3 {
        let credit = json!({ "subscription": id, "n": 1 });
        say(&mut peer, ipc_tests::messages::notification("rpc.credit", credit)).await;
        assert_eq!(peer.next().await, item(COUNT, &id, number.into()));
    }
    assert!(!stopping.is_finished());
    let credit = json!({ "subscription": id, "n": 1 });
    say(&mut peer, ipc_tests::messages::notification("rpc.credit", credit)).await;
    assert_eq!(peer.next().await, done(COUNT, &id));
    peer.has_ended().await;
    in_time(stopping).await.unwrap();
    assert_eq!(source.alive(), 0);
}

async fn a_stop_ends_idle_subscriptions_at_once_and_tells_them(framing: Framing) {
    let (site, source) = site(Limits::default()).await;
    let mut peer = site.peer(framing).await;
    let id = peer.ask(request(1, EVENTS, json!([])).to_string()).await["result"].clone();
    let stopping = stop(&site.backend, LONG);
    assert_eq!(peer.next().await["method"], "rpc.closing");
    let end = peer.next().await;
    assert_eq!((&end["method"], &end["params"]["subscription"]), (&json!(EVENTS), &id), "{end}");
    assert_eq!(end["params"]["error"]["code"], -32005, "{end}");
    peer.has_ended().await;
    in_time(stopping).await.unwrap();
    eventually("nothing is left of the streams", || source.alive() == 0).await;
}

async fn a_subscription_goes_on_while_a_stop_waits_for_others(framing: Framing) {
    let (site, source) = site(Limits::default()).await;
    let mut peer = site.peer(framing).await;
    let id = peer.ask(request(1, EVENTS, json!([])).to_string()).await["result"].clone();
    say(&mut peer, request(2, "test.slow.wait", json!([5]))).await;
    site.gates.began(5).await;
    let stopping = stop(&site.backend, LONG);
    assert_eq!(peer.next().await["method"], "rpc.closing");
    peer.hears_nothing_else().await;
    source.events.fire(7);
    let event = peer.next().await;
    assert_eq!((&event["method"], &event["params"]["result"]), (&json!(EVENTS), &json!(7)));
    assert!(!stopping.is_finished());
    site.gates.release(5);
    assert_eq!(peer.next().await, result(2, 5));
    let end = peer.next().await;
    assert_eq!(end["params"]["subscription"], id, "{end}");
    assert_eq!(end["params"]["error"]["code"], -32005, "{end}");
    peer.has_ended().await;
    in_time(stopping).await.unwrap();
}

#[tokio::test]
async fn a_stop_does_not_wait_for_a_replica_that_has_nothing_to_hear() {
    let backend = Backend::new();
    let store = Store::new();
    store.serve(&backend).unwrap();
    let frontend = TestCarrier::memory().connect(&backend).await;
    let replica = StoreReplica::open(&frontend).await.unwrap();
    in_time(backend.stop(LONG)).await;
    in_time(frontend.closed()).await;
    drop(replica);
}

#[tokio::test]
async fn a_subscriber_learns_that_the_backend_closes() {
    let source = Arc::new(Source::default());
    let backend = Backend::new();
    backend.register(FeedHandler::new(source.clone())).unwrap();
    let carrier = TestCarrier::memory();
    let frontend: Frontend = carrier.connect(&backend).await;
    let feed: FeedClient = frontend.open().await.unwrap();
    let mut events = feed.events().await.unwrap();
    let stopping = stop(&backend, Duration::from_millis(20));
    match in_time(events.next()).await {
        Some(Err(error)) => {
            let is_told = matches!(error.reason(), Some(DisconnectReason::ClosedByPeer(Some(_))));
            assert!(is_told && error.may_have_run() && error.method() == EVENTS, "{error}");
        }
        other => panic!("{other:?}"),
    }
    assert!(in_time(events.next()).await.is_none());
    in_time(stopping).await.unwrap();
}

/// One at a time, so that one that was left open would be in the way.
fn one_at_a_time() -> Limits {
    let mut limits = Limits::default();
    limits.max_subscriptions = 1;
    limits
}

async fn can_subscribe(peer: &mut RawPeer, source: &Source) {
    eventually("nothing is left of the streams", || source.alive() == 0).await;
    peer.hears_nothing_else().await;
    let answer = peer.ask(request(2, EVENTS, json!([])).to_string()).await;
    assert!(answer["result"].is_u64(), "{answer}");
}

async fn an_opening_whose_answer_is_too_large_leaves_nothing(framing: Framing) {
    let (site, source) = site(one_at_a_time()).await;
    let mut peer = site.peer(framing).await;
    let hello = json!({ "protocol": 1, "limits": { "maxMessageBytes": 300 } });
    peer.ask(request(0, "rpc.handshake", hello).to_string()).await;
    let answer = peer.ask(request("x".repeat(400), EVENTS, json!([])).to_string()).await;
    assert_eq!(answer["error"]["code"], -32008, "{answer}");
    can_subscribe(&mut peer, &source).await;
}

async fn an_opening_that_does_not_fit_into_its_batch_leaves_nothing(framing: Framing) {
    let (site, source) = site(one_at_a_time()).await;
    let mut peer = site.peer(framing).await;
    let hello = json!({ "protocol": 1, "limits": { "maxMessageBytes": 300 } });
    peer.ask(request(0, "rpc.handshake", hello).to_string()).await;
    let batch = json!([
        request("a".repeat(250), "test.slow.ping", json!([])),
        request("x".repeat(40), EVENTS, json!([])),
    ]);
    let answers = peer.ask(batch.to_string()).await;
    assert_eq!(answers[1]["error"]["code"], -32008, "{answers}");
    can_subscribe(&mut peer, &source).await;
}

#[tokio::test]
async fn an_item_that_is_too_large_is_a_gap() {
    let mut limits = Limits::default();
    limits.max_message_bytes = 10_000;
    let (mut raw_backend, feed) = RawBackend::feed(limits).await;
    let opening = tokio::spawn(feed.count(9));
    let asked = raw_backend.asked(COUNT).await;
    raw_backend.say(result(asked, 7)).await;
    let large = "1".repeat(20_000);
    let large = format!(
        r#"{{"jsonrpc":"2.0","method":"{COUNT}","params":{{"subscription":7,"result":"{large}"}}}}"#
    );
    raw_backend.raw.send(large).await;
    raw_backend.say(item(COUNT, &json!(7), 5.into())).await;
    let mut items = in_time(opening).await.unwrap().unwrap();
    match in_time(items.next()).await {
        Some(Err(error)) if error.kind() == ErrorKind::Gap => assert_eq!(error.method(), COUNT),
        other => panic!("{other:?}"),
    }
    assert_eq!(in_time(items.next()).await.unwrap().unwrap(), 5);
    // It isn't answered: nobody has asked.
    let _opening = tokio::spawn(feed.events());
    raw_backend.asked(EVENTS).await;
}

async fn a_stream_argument_with_an_item_that_is_too_large_ends(framing: Framing) {
    let mut limits = Limits::default();
    limits.max_message_bytes = 10_000;
    let (site, source) = site(limits).await;
    let mut peer = site.peer(framing).await;
    say(&mut peer, request(1, "test.feed.upload", json!(["a", { "$stream": 5 }]))).await;
    eventually("the handler runs", || source.alive() == 1).await;
    if matches!(framing, Framing::Newline | Framing::WebSocket) {
        // There a message that is too large ends the connection.
        return;
    }
    let large = "A".repeat(20_000);
    peer.send(format!(
        r#"{{"jsonrpc":"2.0","method":"$/stream","params":{{"stream":5,"item":"{large}"}}}}"#
    ))
    .await;
    let told = [peer.next().await, peer.next().await];
    let closed = ipc_tests::messages::notification("rpc.closeStream", json!([5]));
    assert!(told.contains(&closed), "{told:?}");
    assert!(told.iter().any(|told| told["error"]["code"] == 1), "{told:?}");
    peer.hears_nothing_else().await;
}

#[tokio::test]
async fn null_is_no_id_of_a_subscription() {
    let (mut raw_backend, feed) = RawBackend::feed(Limits::default()).await;
    let opening = tokio::spawn(feed.count(9));
    let asked = raw_backend.asked(COUNT).await;
    raw_backend.say(result(asked, Value::Null)).await;
    match in_time(opening).await.unwrap() {
        Err(error) if error.kind() == ErrorKind::Decode => assert_eq!(error.method(), COUNT),
        other => panic!("{other:?}"),
    }
    // Nothing is unsubscribed that isn't there.
    let _opening = tokio::spawn(feed.events());
    raw_backend.asked(EVENTS).await;
}

#[tokio::test]
async fn an_id_that_is_used_again_ends_the_older_subscription_with_an_error() {
    let (mut raw_backend, feed) = RawBackend::feed(Limits::default()).await;
    let mut both = Vec::new();
    for _ in 0..2 {
        let opening = tokio::spawn(feed.count(9));
        let asked = raw_backend.asked(COUNT).await;
        raw_backend.say(result(asked, 7)).await;
        both.push(in_time(opening).await.unwrap().unwrap());
    }
    raw_backend.say(item(COUNT, &json!(7), 5.into())).await;
    assert_eq!(in_time(both[1].next()).await.unwrap().unwrap(), 5);
    match in_time(both[0].next()).await {
        Some(Err(error)) if error.kind() == ErrorKind::Decode => assert_eq!(error.method(), COUNT),
        other => panic!("{other:?}"),
    }
    assert!(in_time(both[0].next()).await.is_none());
    drop(both.remove(0));
    raw_backend.say(item(COUNT, &json!(7), 6.into())).await;
    assert_eq!(in_time(both[0].next()).await.unwrap().unwrap(), 6, "the newer one goes on");
}
