//! Subscriptions, as a peer sees and speaks them that knows nothing of the library.

use std::{future::pending, sync::Arc};

use futures_util::stream;
use ipc_runtime::{Backend, Limits, Stream, ipc_interface};
use ipc_tests::{
    FeedHandler, FileError, Framing, RawPeer, Site, Source, eventually,
    messages::{done, item, notification, request, result},
    on_every_framing,
};
use serde_json::{Value, json};

on_every_framing! {
    the_id_comes_before_the_first_item_and_done_is_last,
    items_have_the_name_of_their_method,
    a_failed_stream_ends_with_its_error,
    a_refused_subscription_is_an_error_and_nothing_else,
    a_panic_ends_the_stream_alone,
    unsubscribing_is_true_once_and_drops_the_producer,
    unsubscribing_from_nonsense_is_refused,
    a_peer_without_window_is_held_back_and_loses_nothing,
    a_window_is_used_up_and_credit_gives_as_many_more,
    a_window_of_bytes_is_used_up_too,
    a_peer_that_can_not_count_bytes_gives_back_those_of_its_items,
    credit_for_nobody_is_ignored,
    the_caller_may_choose_the_number_of_a_subscription,
    a_number_that_is_in_use_or_none_is_refused,
    two_of_a_batch_can_not_have_one_number,
    a_number_is_free_as_soon_as_its_subscription_is_over,
    items_of_a_batch_wait_for_its_answer,
    a_cancelled_opening_is_answered,
    a_subscription_without_an_id_does_nothing,
    too_many_subscriptions_are_refused_by_name,
    openings_that_wait_count_as_subscriptions,
}

async fn ask(peer: &mut RawPeer, message: Value) -> Value {
    peer.ask(message.to_string()).await
}

async fn send(peer: &mut RawPeer, message: Value) {
    peer.send(message.to_string()).await;
}

/// Subscribes. Gives the subscription's id.
async fn subscribe(peer: &mut RawPeer, method: &str, params: Value) -> Value {
    let answer = ask(peer, request("subscribe", method, params)).await;
    assert!(answer["result"].is_u64(), "{answer}");
    assert_eq!(answer, result("subscribe", answer["result"].clone()));
    answer["result"].clone()
}

async fn unsubscribe(peer: &mut RawPeer, params: Value) -> Value {
    ask(peer, request("unsubscribe", "rpc.unsubscribe", params)).await
}

fn handshake(mut hello: Value) -> Value {
    hello["protocol"] = 1.into();
    request("handshake", "rpc.handshake", hello)
}

async fn greet(peer: &mut RawPeer, hello: Value) {
    let answer = ask(peer, handshake(hello)).await;
    assert_eq!(answer["result"]["protocol"], 1, "{answer}");
}

/// Opens for ever.
#[ipc_interface(channel = "test.opening", version = "1.0.0")]
trait Opening {
    /// Never answers.
    #[ipc(subscription)]
    async fn never(&self) -> impl Stream<Item = u32>;
}

/// What it clones lives as long as an opening.
struct Never(Arc<()>);

impl Opening for Never {
    async fn never(&self) -> impl Stream<Item = u32> {
        let _alive = self.0.clone();
        pending::<()>().await;
        stream::empty()
    }
}

struct Feeding {
    site: Site,
    source: Arc<Source>,
    openings: Arc<()>,
}

async fn feed() -> Feeding {
    feed_within(Limits::default()).await
}

async fn feed_within(limits: Limits) -> Feeding {
    let site = Site::of(Backend::builder().limits(limits)).await;
    let (source, openings) = (Arc::new(Source::default()), Arc::new(()));
    site.backend.register(FeedHandler::new(source.clone())).unwrap();
    site.backend.register(OpeningHandler::new(Never(openings.clone()))).unwrap();
    Feeding { site, source, openings }
}

impl Feeding {
    async fn peer(&self, framing: Framing) -> RawPeer {
        self.site.peer(framing).await
    }

    async fn is_left_alone(&self) {
        eventually("nothing is left of the streams", || self.source.alive() == 0).await;
    }
}

async fn the_id_comes_before_the_first_item_and_done_is_last(framing: Framing) {
    let feed = feed().await;
    let mut peer = feed.peer(framing).await;
    let count = "test.feed.count";
    let id = subscribe(&mut peer, count, json!([3])).await;
    for number in 0..3 {
        assert_eq!(peer.next().await, item(count, &id, number.into()));
    }
    assert_eq!(peer.next().await, done(count, &id));
    peer.hears_nothing_else().await;
    feed.is_left_alone().await;

    let id = subscribe(&mut peer, count, json!({ "end": 0 })).await;
    assert_eq!(peer.next().await, done(count, &id));
    peer.hears_nothing_else().await;
}

async fn items_have_the_name_of_their_method(framing: Framing) {
    let feed = feed().await;
    let mut peer = feed.peer(framing).await;
    let events = subscribe(&mut peer, "test.feed.events", json!([])).await;
    let words = subscribe(&mut peer, "test.feed.words", json!(["a \"b\""])).await;
    assert_ne!(events, words);
    for word in ["a", "\"b\""] {
        assert_eq!(peer.next().await, item("test.feed.words", &words, word.into()));
    }
    assert_eq!(peer.next().await, done("test.feed.words", &words));
    feed.source.events.fire(7);
    let told = peer.next().await;
    assert_eq!(told["method"], "test.feed.events", "{told}");
    assert_eq!(told["params"]["subscription"], events, "{told}");
    assert_eq!(told["params"]["result"], 7, "{told}");
    assert!(told.get("id").is_none(), "{told}");
    peer.hears_nothing_else().await;
}

async fn a_failed_stream_ends_with_its_error(framing: Framing) {
    let feed = feed().await;
    let mut peer = feed.peer(framing).await;
    let fails = "test.feed.fails";
    let id = subscribe(&mut peer, fails, json!([])).await;
    assert_eq!(peer.next().await, item(fails, &id, 1.into()));
    let error = FileError::NotFound("the rest".into());
    let error = json!({ "code": 1, "message": error.to_string(), "data": error });
    let end = json!({ "subscription": id, "error": error });
    assert_eq!(peer.next().await, notification(fails, end));
    peer.hears_nothing_else().await;
    feed.is_left_alone().await;
    assert_eq!(unsubscribe(&mut peer, json!([id])).await, result("unsubscribe", false));
}

async fn a_refused_subscription_is_an_error_and_nothing_else(framing: Framing) {
    let feed = feed().await;
    let mut peer = feed.peer(framing).await;
    let answer = ask(&mut peer, request(1, "test.feed.words", json!([""]))).await;
    let error = FileError::NotFound("no words".into());
    let error = json!({ "code": 1, "message": error.to_string(), "data": error });
    assert_eq!(answer, json!({ "jsonrpc": "2.0", "id": 1, "error": error }));
    peer.hears_nothing_else().await;
    let answer = ask(&mut peer, request(2, "test.feed.words", json!([5]))).await;
    assert_eq!(answer["error"]["code"], -32602, "{answer}");
    peer.hears_nothing_else().await;
    assert_eq!(feed.source.alive(), 0);
}

async fn a_panic_ends_the_stream_alone(framing: Framing) {
    let feed = feed().await;
    let mut peer = feed.peer(framing).await;
    let panics = "test.feed.panics";
    let id = subscribe(&mut peer, panics, json!([])).await;
    assert_eq!(peer.next().await, item(panics, &id, 1.into()));
    let end = peer.next().await;
    assert_eq!(end["method"], panics, "{end}");
    assert_eq!(end["params"]["subscription"], id, "{end}");
    assert_eq!(end["params"]["error"]["code"], -32603, "{end}");
    assert!(!end.to_string().contains("on purpose"), "what it said stays here: {end}");
    peer.hears_nothing_else().await;
    feed.is_left_alone().await;
    let id = subscribe(&mut peer, "test.feed.count", json!([0])).await;
    assert_eq!(peer.next().await, done("test.feed.count", &id));
}

async fn unsubscribing_is_true_once_and_drops_the_producer(framing: Framing) {
    let feed = feed().await;
    let mut peer = feed.peer(framing).await;
    let id = subscribe(&mut peer, "test.feed.events", json!([])).await;
    assert_eq!(feed.source.alive(), 1);
    assert_eq!(unsubscribe(&mut peer, json!([id])).await, result("unsubscribe", true));
    feed.is_left_alone().await;
    assert_eq!(unsubscribe(&mut peer, json!([id])).await, result("unsubscribe", false));
    feed.source.events.fire(1);
    peer.hears_nothing_else().await;

    // Also among its items, none of which come behind the answer.
    let id = subscribe(&mut peer, "test.feed.count", json!([u64::MAX])).await;
    send(&mut peer, request("stop", "rpc.unsubscribe", json!([id]))).await;
    let mut expected = 0;
    loop {
        let told = peer.next().await;
        if told.get("id").is_some() {
            assert_eq!(told, result("stop", true));
            break;
        }
        assert_eq!(told, item("test.feed.count", &id, expected.into()));
        expected += 1;
    }
    peer.hears_nothing_else().await;
    feed.is_left_alone().await;
    peer.hears_nothing_else().await;
}

async fn unsubscribing_from_nonsense_is_refused(framing: Framing) {
    let feed = feed().await;
    let mut peer = feed.peer(framing).await;
    let id = subscribe(&mut peer, "test.feed.events", json!([])).await;
    let nonsense = [
        json!([u64::MAX]),
        json!(["none"]),
        json!([id.to_string()]),
        json!([null]),
        json!([-1]),
        json!([1.5]),
        json!([[id]]),
        json!([]),
        json!([id, id]),
        json!({}),
        json!(null),
    ];
    for params in nonsense {
        let answer = unsubscribe(&mut peer, params.clone()).await;
        let refused = answer["result"] == false || answer["error"]["code"] == -32602;
        assert!(refused, "{params}: {answer}");
        assert_eq!(answer["id"], "unsubscribe", "{params}: {answer}");
    }
    assert_eq!(feed.source.alive(), 1);
    assert_eq!(unsubscribe(&mut peer, json!([id])).await, result("unsubscribe", true));
    feed.is_left_alone().await;
}

/// Waits until nothing more is asked for. Gives how much was.
async fn stopped(source: &Source) -> usize {
    let (mut last, mut same) = (0, 0);
    eventually("the producer stops", || {
        let produced = source.produced();
        same = if produced == last { same + 1 } else { 0 };
        last = produced;
        produced > 0 && same == 50
    })
    .await;
    last
}

async fn a_peer_without_window_is_held_back_and_loses_nothing(framing: Framing) {
    let mut limits = Limits::default();
    limits.max_message_bytes = 10_000;
    limits.max_queued_bytes = 20_000;
    let feed = feed_within(limits).await;
    let mut peer = feed.peer(framing).await;
    let count = "test.feed.count";
    let id = subscribe(&mut peer, count, json!([u64::MAX])).await;
    let ahead = stopped(&feed.source).await;
    // The queue holds a few hundred; what is more is in the system's buffers.
    assert!(ahead < 200_000, "{ahead}");
    // Others don't suffer from it.
    let mut other = feed.peer(framing).await;
    other.hears_nothing_else().await;
    for number in 0..ahead + 100 {
        assert_eq!(peer.next().await, item(count, &id, number.into()));
    }
    assert!(feed.source.produced() >= ahead + 100);
    drop(peer);
    feed.is_left_alone().await;
}

async fn a_window_is_used_up_and_credit_gives_as_many_more(framing: Framing) {
    let feed = feed().await;
    let mut peer = feed.peer(framing).await;
    greet(&mut peer, json!({ "window": 3 })).await;
    let count = "test.feed.count";
    let id = subscribe(&mut peer, count, json!([10])).await;
    let mut read = 0;
    for (credit, until) in [(0, 3), (1, 4), (5, 9)] {
        let params = json!({ "subscription": id, "n": credit });
        send(&mut peer, notification("rpc.credit", params)).await;
        for number in read..until {
            assert_eq!(peer.next().await, item(count, &id, number.into()));
        }
        read = until;
        for _ in 0..5 {
            peer.hears_nothing_else().await;
        }
        assert_eq!(feed.source.produced(), until);
    }
    send(&mut peer, notification("rpc.credit", json!({ "subscription": id, "n": 100 }))).await;
    assert_eq!(peer.next().await, item(count, &id, 9.into()));
    assert_eq!(peer.next().await, done(count, &id));
    peer.hears_nothing_else().await;
    feed.is_left_alone().await;
}

async fn a_window_of_bytes_is_used_up_too(framing: Framing) {
    let feed = feed().await;
    let mut peer = feed.peer(framing).await;
    greet(&mut peer, json!({ "window": 1000, "windowBytes": 1000 })).await;
    let blocks = "test.feed.blocks";
    // 300 bytes are 400 of base64, and two quotes: the third item is begun with 196 left.
    let id = subscribe(&mut peer, blocks, json!([300])).await;
    let mut read = 0;
    for (credit, until) in [(0, 3), (206, 3), (1, 4), (401, 4), (1, 5)] {
        let params = json!({ "subscription": id, "n": 1, "bytes": credit });
        send(&mut peer, notification("rpc.credit", params)).await;
        for _ in read..until {
            let told = peer.next().await;
            assert_eq!(told["params"]["result"].as_str().map(str::len), Some(400), "{told}");
        }
        read = until;
        for _ in 0..5 {
            peer.hears_nothing_else().await;
        }
        assert_eq!(feed.source.produced(), until);
    }
    assert_eq!(unsubscribe(&mut peer, json!([id])).await, result("unsubscribe", true));
    feed.is_left_alone().await;
}

async fn a_peer_that_can_not_count_bytes_gives_back_those_of_its_items(framing: Framing) {
    let feed = feed().await;
    let mut peer = feed.peer(framing).await;
    greet(&mut peer, json!({ "window": 1000, "windowBytes": 1000 })).await;
    // Each item has 402 bytes.
    let id = subscribe(&mut peer, "test.feed.blocks", json!([300])).await;
    let mut read = 0;
    for (credit, until) in [(0, 3), (1, 4), (1, 5), (2, 7), (7, 10)] {
        let params = json!({ "subscription": id, "n": credit });
        send(&mut peer, notification("rpc.credit", params)).await;
        for _ in read..until {
            let told = peer.next().await;
            assert_eq!(told["params"]["result"].as_str().map(str::len), Some(400), "{told}");
        }
        read = until;
        for _ in 0..5 {
            peer.hears_nothing_else().await;
        }
        assert_eq!(feed.source.produced(), until);
    }
    assert_eq!(unsubscribe(&mut peer, json!([id])).await, result("unsubscribe", true));
    feed.is_left_alone().await;
}

async fn credit_for_nobody_is_ignored(framing: Framing) {
    let feed = feed().await;
    let mut peer = feed.peer(framing).await;
    greet(&mut peer, json!({ "window": 1 })).await;
    let id = subscribe(&mut peer, "test.feed.count", json!([10])).await;
    assert_eq!(peer.next().await, item("test.feed.count", &id, 0.into()));
    for params in [
        json!({ "subscription": u64::MAX, "n": 5 }),
        json!({ "stream": u64::MAX, "n": 5 }),
        json!({ "subscription": id, "n": -5 }),
        json!({ "subscription": id, "n": "5" }),
        json!({ "subscription": "none", "n": 5 }),
        json!({ "n": 5 }),
        json!([]),
    ] {
        send(&mut peer, notification("rpc.credit", params)).await;
    }
    for _ in 0..5 {
        peer.hears_nothing_else().await;
    }
    assert_eq!(feed.source.produced(), 1);
}

/// A subscribing request whose caller chooses the subscription's number.
fn numbered(id: i32, number: impl Into<Value>, params: Value) -> Value {
    let mut request = request(id, "test.feed.count", params);
    request["ipc"] = json!({ "subscription": number.into() });
    request
}

async fn the_caller_may_choose_the_number_of_a_subscription(framing: Framing) {
    let feed = feed().await;
    let mut peer = feed.peer(framing).await;
    greet(&mut peer, json!({ "window": 2 })).await;
    let count = "test.feed.count";
    for number in [0, 7, 9_007_199_254_740_991_u64] {
        let id: Value = number.into();
        assert_eq!(ask(&mut peer, numbered(1, number, json!([3]))).await, result(1, id.clone()));
        assert_eq!(peer.next().await, item(count, &id, 0.into()));
        assert_eq!(peer.next().await, item(count, &id, 1.into()));
        peer.hears_nothing_else().await;
        send(&mut peer, notification("rpc.credit", json!({ "subscription": id, "n": 2 }))).await;
        assert_eq!(peer.next().await, item(count, &id, 2.into()));
        assert_eq!(peer.next().await, done(count, &id));
        assert_eq!(unsubscribe(&mut peer, json!([id])).await, result("unsubscribe", false));
    }
    // Those that have none chosen get others.
    assert_eq!(ask(&mut peer, numbered(1, 5, json!([100]))).await, result(1, 5));
    assert_eq!(peer.next().await["params"]["subscription"], 5);
    assert_eq!(peer.next().await["params"]["subscription"], 5);
    let other = subscribe(&mut peer, count, json!([100])).await;
    assert_ne!(other, 5);
    assert_eq!(peer.next().await["params"]["subscription"], other);
    assert_eq!(peer.next().await["params"]["subscription"], other);
    for id in [json!(5), other] {
        assert_eq!(unsubscribe(&mut peer, json!([id])).await, result("unsubscribe", true));
    }
    feed.is_left_alone().await;
}

async fn a_number_that_is_in_use_or_none_is_refused(framing: Framing) {
    let feed = feed().await;
    let mut peer = feed.peer(framing).await;
    greet(&mut peer, json!({ "window": 1 })).await;
    assert_eq!(ask(&mut peer, numbered(1, 5, json!([100]))).await, result(1, 5));
    assert_eq!(peer.next().await["params"]["subscription"], 5);
    let ours = subscribe(&mut peer, "test.feed.count", json!([100])).await;
    assert_eq!(peer.next().await["params"]["subscription"], ours);
    for number in [json!(5), ours.clone()] {
        let refused = ask(&mut peer, numbered(2, number, json!([100]))).await;
        assert_eq!(refused["error"]["code"], -32600, "{refused}");
        let text = refused["error"]["message"].as_str().unwrap();
        assert!(text.contains("test.feed.count did not run: a subscription with"), "{text}");
    }
    let huge = [9_007_199_254_740_992, (1 << 63) + 5, u64::MAX].map(Value::from);
    let wrong = [json!("5"), json!(-1), json!(1.5), json!([5]), json!({})];
    for number in wrong.into_iter().chain(huge) {
        let refused = ask(&mut peer, numbered(2, number, json!([100]))).await;
        assert_eq!(refused["error"]["code"], -32600, "{refused}");
        let text = refused["error"]["message"].as_str().unwrap();
        assert!(text.contains("must be a whole number"), "{text}");
    }
    // Null is none, as for other members.
    let unnumbered = ask(&mut peer, numbered(2, Value::Null, json!([0]))).await["result"].clone();
    assert!(unnumbered.is_u64(), "{unnumbered}");
    assert_eq!(peer.next().await, done("test.feed.count", &unnumbered));
    // Nobody's numbers name nothing, also where they look like one of these.
    assert_eq!(
        unsubscribe(&mut peer, json!([(1_u64 << 63) + 5])).await,
        result("unsubscribe", false)
    );
    // What doesn't subscribe needs no number.
    let mut ping = request(3, "test.slow.ping", json!([]));
    ping["ipc"] = json!({ "subscription": 5 });
    assert_eq!(ask(&mut peer, ping).await, result(3, 7));
    for id in [json!(5), ours] {
        assert_eq!(unsubscribe(&mut peer, json!([id])).await, result("unsubscribe", true));
    }
    // It is free again.
    assert_eq!(ask(&mut peer, numbered(4, 5, json!([0]))).await, result(4, 5));
    assert_eq!(peer.next().await, done("test.feed.count", &json!(5)));
    feed.is_left_alone().await;
}

async fn two_of_a_batch_can_not_have_one_number(framing: Framing) {
    let feed = feed().await;
    let mut peer = feed.peer(framing).await;
    greet(&mut peer, json!({ "window": 1 })).await;
    let batch = json!([numbered(1, 5, json!([100])), numbered(2, 5, json!([100]))]);
    let answers = ask(&mut peer, batch).await;
    let of = |id: u32| answers.as_array().unwrap().iter().find(|it| it["id"] == id).unwrap();
    assert_eq!(of(1), &result(1, 5));
    assert_eq!(of(2)["error"]["code"], -32600, "{answers}");
    assert_eq!(peer.next().await, item("test.feed.count", &json!(5), 0.into()));
    peer.hears_nothing_else().await;
    assert_eq!(unsubscribe(&mut peer, json!([5])).await, result("unsubscribe", true));
    feed.is_left_alone().await;
    // Nor while the method of the other one runs.
    let mut waiting = request(3, "test.opening.never", json!([]));
    waiting["ipc"] = json!({ "subscription": 6 });
    send(&mut peer, waiting).await;
    let refused = ask(&mut peer, numbered(4, 6, json!([1]))).await;
    assert_eq!(refused["error"]["code"], -32600, "{refused}");
    let cancelled = ask(&mut peer, notification("$/cancelRequest", json!({ "id": 3 }))).await;
    assert_eq!(cancelled["error"]["code"], -32800, "{cancelled}");
    assert_eq!(ask(&mut peer, numbered(5, 6, json!([0]))).await, result(5, 6));
    assert_eq!(peer.next().await, done("test.feed.count", &json!(6)));
}

async fn a_number_is_free_as_soon_as_its_subscription_is_over(framing: Framing) {
    let feed = feed().await;
    let mut peer = feed.peer(framing).await;
    greet(&mut peer, json!({ "window": 1 })).await;
    let (count, id) = ("test.feed.count", json!(5));
    assert_eq!(ask(&mut peer, numbered(1, 5, json!([100]))).await, result(1, 5));
    assert_eq!(peer.next().await, item(count, &id, 0.into()));
    // The producer of each one is dropped while the next one is there already.
    for _ in 0..50 {
        send(&mut peer, request("unsubscribe", "rpc.unsubscribe", json!([5]))).await;
        send(&mut peer, numbered(2, 5, json!([100]))).await;
        assert_eq!(peer.next().await, result("unsubscribe", true));
        assert_eq!(peer.next().await, result(2, 5));
        assert_eq!(peer.next().await, item(count, &id, 0.into()));
        let credit = json!({ "subscription": 5, "n": 1 });
        send(&mut peer, notification("rpc.credit", credit)).await;
        assert_eq!(peer.next().await, item(count, &id, 1.into()));
    }
    assert_eq!(unsubscribe(&mut peer, json!([5])).await, result("unsubscribe", true));
    for _ in 0..50 {
        assert_eq!(ask(&mut peer, numbered(3, 5, json!([0]))).await, result(3, 5));
        assert_eq!(peer.next().await, done(count, &id));
    }
    feed.is_left_alone().await;
}

async fn items_of_a_batch_wait_for_its_answer(framing: Framing) {
    let feed = feed().await;
    let mut peer = feed.peer(framing).await;
    let (count, words) = ("test.feed.count", "test.feed.words");
    let batch = json!([
        request(1, count, json!([2])),
        request(2, "test.slow.wait", json!([1])),
        request(3, words, json!(["a"])),
    ]);
    send(&mut peer, batch).await;
    feed.site.gates.began(1).await;
    for _ in 0..5 {
        peer.hears_nothing_else().await;
    }
    feed.site.gates.release(1);
    let answers = peer.next().await;
    let id = |request: u32| {
        let mut answers = answers.as_array().unwrap().iter();
        answers.find(|answer| answer["id"] == request).unwrap()["result"].clone()
    };
    assert_eq!(answers.as_array().unwrap().len(), 3, "{answers}");
    assert_eq!(id(2), 1);
    let (first, second) = (id(1), id(3));
    let mut told = Vec::new();
    for _ in 0..5 {
        told.push(peer.next().await);
    }
    let of = |id: &Value| {
        told.iter()
            .filter(|told| &told["params"]["subscription"] == id)
            .cloned()
            .collect::<Vec<_>>()
    };
    let items = [0, 1].map(|number| item(count, &first, number.into()));
    assert_eq!(of(&first), [&items[..], &[done(count, &first)]].concat());
    assert_eq!(of(&second), [item(words, &second, "a".into()), done(words, &second)]);
    peer.hears_nothing_else().await;
}

async fn a_cancelled_opening_is_answered(framing: Framing) {
    let feed = feed().await;
    let mut peer = feed.peer(framing).await;
    send(&mut peer, request(1, "test.opening.never", json!([]))).await;
    peer.hears_nothing_else().await;
    assert_eq!(Arc::strong_count(&feed.openings), 3, "the handler's, the test's and the call's");
    let answer = ask(&mut peer, notification("$/cancelRequest", json!({ "id": 1 }))).await;
    assert_eq!((&answer["id"], &answer["error"]["code"]), (&json!(1), &json!(-32800)), "{answer}");
    eventually("the opening is dropped", || Arc::strong_count(&feed.openings) == 2).await;
    peer.hears_nothing_else().await;

    // Once it is answered, there is nothing to cancel: it goes on.
    let id = subscribe(&mut peer, "test.feed.events", json!([])).await;
    send(&mut peer, notification("$/cancelRequest", json!({ "id": "subscribe" }))).await;
    peer.hears_nothing_else().await;
    feed.source.events.fire(3);
    assert_eq!(peer.next().await["params"]["result"], 3);
    assert_eq!(unsubscribe(&mut peer, json!([id])).await, result("unsubscribe", true));
}

async fn a_subscription_without_an_id_does_nothing(framing: Framing) {
    let feed = feed().await;
    let mut peer = feed.peer(framing).await;
    send(&mut peer, notification("test.feed.count", json!([5]))).await;
    send(&mut peer, notification("test.feed.events", json!([]))).await;
    send(&mut peer, notification("test.opening.never", json!([]))).await;
    for _ in 0..5 {
        peer.hears_nothing_else().await;
    }
    assert_eq!((feed.source.alive(), feed.source.produced()), (0, 0));
    assert_eq!(feed.source.events.listener_count(), 0);
    assert_eq!(Arc::strong_count(&feed.openings), 2);
}

fn at_most(max_subscriptions: usize) -> Limits {
    let mut limits = Limits::default();
    limits.max_subscriptions = max_subscriptions;
    limits
}

fn is_one_too_many(answer: &Value, limit: usize) {
    assert_eq!(answer["error"]["code"], -32009, "{answer}");
    let told = json!({ "limit": "maxSubscriptions", "value": limit });
    assert_eq!(answer["error"]["data"], told, "{answer}");
}

async fn too_many_subscriptions_are_refused_by_name(framing: Framing) {
    let feed = feed_within(at_most(2)).await;
    let mut peer = feed.peer(framing).await;
    let events = "test.feed.events";
    let first = subscribe(&mut peer, events, json!([])).await;
    subscribe(&mut peer, events, json!([])).await;
    is_one_too_many(&ask(&mut peer, request(1, events, json!([]))).await, 2);
    peer.hears_nothing_else().await;
    assert_eq!(feed.source.alive(), 2);
    // It is a limit of each peer.
    subscribe(&mut feed.peer(framing).await, events, json!([])).await;
    assert_eq!(unsubscribe(&mut peer, json!([first])).await, result("unsubscribe", true));
    subscribe(&mut peer, events, json!([])).await;
    is_one_too_many(&ask(&mut peer, request(2, events, json!([]))).await, 2);
    feed.source.events.fire(1);
    for _ in 0..2 {
        assert_eq!(peer.next().await["params"]["result"], 1);
    }
    peer.hears_nothing_else().await;
}

async fn openings_that_wait_count_as_subscriptions(framing: Framing) {
    let feed = feed_within(at_most(2)).await;
    let mut peer = feed.peer(framing).await;
    // So none of them ends by itself.
    greet(&mut peer, json!({ "window": 0 })).await;
    // Their handlers give way once before they have a stream.
    let openings = (0..5).map(|id| request(id, "test.feed.words", json!(["a"])));
    send(&mut peer, openings.collect()).await;
    let answers = peer.next().await;
    let opened = answers.as_array().unwrap().iter().filter(|answer| answer["result"].is_u64());
    assert_eq!(opened.count(), 2, "{answers}");
}
