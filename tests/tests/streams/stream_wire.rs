//! Stream arguments and progress, as a peer sees and speaks them that knows nothing of the library.

use std::sync::Arc;

use ipc_runtime::{Backend, Limits};
use ipc_tests::{
    FeedHandler, Framing, RawPeer, Site, Source, eventually,
    messages::{done, item, notification, request, result},
    on_every_framing,
};
use serde_json::{Value, json};

on_every_framing! {
    a_stream_argument_is_spoken_by_hand,
    a_failed_stream_argument_is_told_to_the_handler,
    a_plain_array_is_a_stream_argument_too,
    a_stream_argument_and_a_subscription_go_together,
    a_number_is_one_stream_at_a_time,
    a_stream_is_closed_when_the_handler_has_enough,
    items_for_nobody_are_ignored,
    progress_has_its_token_verbatim_and_comes_before_the_reply,
    nobody_gets_progress_who_did_not_ask,
    stream_arguments_count_as_subscriptions,
}

async fn ask(peer: &mut RawPeer, message: Value) -> Value {
    peer.ask(message.to_string()).await
}

async fn send(peer: &mut RawPeer, message: Value) {
    peer.send(message.to_string()).await;
}

/// Sends an item of a stream argument, or its end.
async fn stream(peer: &mut RawPeer, number: u32, member: &str, value: Value) {
    send(peer, notification("$/stream", json!({ "stream": number, member: value }))).await;
}

/// Subscribes. Gives the subscription's id.
async fn subscribe(peer: &mut RawPeer, method: &str, params: Value) -> Value {
    let answer = ask(peer, request("subscribe", method, params)).await;
    assert!(answer["result"].is_u64(), "{answer}");
    assert_eq!(answer, result("subscribe", answer["result"].clone()));
    answer["result"].clone()
}

fn handshake(mut hello: Value) -> Value {
    hello["protocol"] = 1.into();
    request("handshake", "rpc.handshake", hello)
}

async fn greet(peer: &mut RawPeer, hello: Value) {
    let answer = ask(peer, handshake(hello)).await;
    assert_eq!(answer["result"]["protocol"], 1, "{answer}");
}

struct Feeding {
    site: Site,
    source: Arc<Source>,
}

async fn feed() -> Feeding {
    feed_within(Limits::default()).await
}

async fn feed_within(limits: Limits) -> Feeding {
    let site = Site::of(Backend::builder().limits(limits)).await;
    let source = Arc::new(Source::default());
    site.backend.register(FeedHandler::new(source.clone())).unwrap();
    Feeding { site, source }
}

impl Feeding {
    async fn peer(&self, framing: Framing) -> RawPeer {
        self.site.peer(framing).await
    }

    async fn is_left_alone(&self) {
        eventually("nothing is left of the streams", || self.source.alive() == 0).await;
    }
}

async fn a_stream_argument_is_spoken_by_hand(framing: Framing) {
    let feed = feed().await;
    let mut peer = feed.peer(framing).await;
    let by_position = json!(["a", { "$stream": 5 }]);
    let by_name = json!({ "chunks": { "$stream": 5 }, "name": "a" });
    for params in [by_position, by_name] {
        send(&mut peer, request(1, "test.feed.upload", params)).await;
        stream(&mut peer, 5, "item", "AAAA".into()).await;
        peer.hears_nothing_else().await;
        assert_eq!(feed.source.alive(), 1);
        stream(&mut peer, 5, "item", "AA==".into()).await;
        stream(&mut peer, 5, "done", true.into()).await;
        assert_eq!(peer.next().await, result(1, 4));
        peer.hears_nothing_else().await;
    }
    feed.is_left_alone().await;
}

async fn a_failed_stream_argument_is_told_to_the_handler(framing: Framing) {
    let feed = feed().await;
    let mut peer = feed.peer(framing).await;
    let wrong = "no base64!";
    let lost = json!({ "code": 1, "message": "the disk is gone" });
    for (member, value, told) in [("error", lost, "the disk is gone"), ("item", wrong.into(), "")] {
        send(&mut peer, request(1, "test.feed.upload", json!(["a", { "$stream": 0 }]))).await;
        stream(&mut peer, 0, "item", "AAAA".into()).await;
        stream(&mut peer, 0, member, value).await;
        let mut answer = peer.next().await;
        if member == "item" {
            // It wants no more of such.
            assert_eq!(answer, notification("rpc.closeStream", json!([0])));
            answer = peer.next().await;
        }
        assert_eq!((&answer["id"], &answer["error"]["code"]), (&json!(1), &json!(1)), "{answer}");
        assert!(answer["error"]["data"].to_string().contains(told), "{answer}");
        peer.hears_nothing_else().await;
    }
    feed.is_left_alone().await;
}

async fn a_plain_array_is_a_stream_argument_too(framing: Framing) {
    let feed = feed().await;
    let mut peer = feed.peer(framing).await;
    let upload = "test.feed.upload";
    assert_eq!(
        ask(&mut peer, request(1, upload, json!(["a", ["AAAA", "AA=="]]))).await,
        result(1, 4)
    );
    assert_eq!(ask(&mut peer, request(2, upload, json!(["a", []]))).await, result(2, 0));
    let take = request(3, "test.feed.take", json!([2, [7, 8, 9]]));
    assert_eq!(ask(&mut peer, take).await, result(3, json!([7, 8])));
    for wrong in
        [json!([1]), json!(5), json!({}), json!({ "$stream": "a" }), json!({ "$stream": -1 })]
    {
        let answer = ask(&mut peer, request(4, upload, json!(["a", wrong]))).await;
        assert_eq!(answer["error"]["code"], -32602, "{wrong}: {answer}");
    }
    peer.hears_nothing_else().await;
}

async fn a_stream_argument_and_a_subscription_go_together(framing: Framing) {
    let feed = feed().await;
    let mut peer = feed.peer(framing).await;
    let doubled = "test.feed.doubled";
    let id = subscribe(&mut peer, doubled, json!([{ "$stream": 1 }])).await;
    for number in 1..=3 {
        stream(&mut peer, 1, "item", number.into()).await;
        assert_eq!(peer.next().await, item(doubled, &id, (number * 2).into()));
    }
    stream(&mut peer, 1, "done", true.into()).await;
    assert_eq!(peer.next().await, done(doubled, &id));
    // Unsubscribed, it wants no more of the argument.
    let id = subscribe(&mut peer, doubled, json!([{ "$stream": 1 }])).await;
    send(&mut peer, request(5, "rpc.unsubscribe", json!([id]))).await;
    let told = [peer.next().await, peer.next().await];
    assert!(told.contains(&result(5, true)), "{told:?}");
    assert!(told.contains(&notification("rpc.closeStream", json!([1]))), "{told:?}");
    peer.hears_nothing_else().await;
    feed.is_left_alone().await;
}

async fn a_number_is_one_stream_at_a_time(framing: Framing) {
    let feed = feed().await;
    let mut peer = feed.peer(framing).await;
    let upload = |id: u32| request(id, "test.feed.upload", json!(["a", { "$stream": 5 }]));
    send(&mut peer, upload(1)).await;
    let answer = ask(&mut peer, upload(2)).await;
    assert_eq!((&answer["id"], &answer["error"]["code"]), (&json!(2), &json!(-32602)), "{answer}");
    peer.hears_nothing_else().await;
    stream(&mut peer, 5, "item", "AAAA".into()).await;
    stream(&mut peer, 5, "done", true.into()).await;
    assert_eq!(peer.next().await, result(1, 3));
    send(&mut peer, upload(3)).await;
    stream(&mut peer, 5, "done", true.into()).await;
    assert_eq!(peer.next().await, result(3, 0));
    peer.hears_nothing_else().await;
}

async fn a_stream_is_closed_when_the_handler_has_enough(framing: Framing) {
    let feed = feed().await;
    let mut peer = feed.peer(framing).await;
    send(&mut peer, request(1, "test.feed.take", json!([2, { "$stream": 9 }]))).await;
    stream(&mut peer, 9, "item", 1.into()).await;
    peer.hears_nothing_else().await;
    stream(&mut peer, 9, "item", 2.into()).await;
    let told = [peer.next().await, peer.next().await];
    assert!(told.contains(&result(1, json!([1, 2]))), "{told:?}");
    assert!(told.contains(&notification("rpc.closeStream", json!([9]))), "{told:?}");
    stream(&mut peer, 9, "item", 3.into()).await;
    stream(&mut peer, 9, "done", true.into()).await;
    peer.hears_nothing_else().await;

    // A cancelled call wants no more, either.
    send(&mut peer, request(2, "test.feed.upload", json!(["a", { "$stream": 9 }]))).await;
    send(&mut peer, notification("$/cancelRequest", json!({ "id": 2 }))).await;
    let told = [peer.next().await, peer.next().await];
    assert!(told.iter().any(|told| told["error"]["code"] == -32800), "{told:?}");
    assert!(told.contains(&notification("rpc.closeStream", json!([9]))), "{told:?}");
    peer.hears_nothing_else().await;
    feed.is_left_alone().await;
}

async fn items_for_nobody_are_ignored(framing: Framing) {
    let feed = feed().await;
    let mut peer = feed.peer(framing).await;
    send(&mut peer, request(1, "test.feed.upload", json!(["a", { "$stream": 5 }]))).await;
    for number in [0, 4, u32::MAX] {
        stream(&mut peer, number, "item", "AAAA".into()).await;
        stream(&mut peer, number, "error", json!({ "code": 1, "message": "x" })).await;
        stream(&mut peer, number, "done", true.into()).await;
    }
    for params in
        [json!([]), json!(null), json!({ "stream": "5", "done": true }), json!({ "stream": 5 })]
    {
        send(&mut peer, notification("$/stream", params)).await;
    }
    for method in ["test.feed.count", "test.none.at_all", "$/progress"] {
        let params = json!({ "subscription": 5, "token": 5, "value": 1, "result": 1 });
        send(&mut peer, notification(method, params)).await;
    }
    send(&mut peer, notification("rpc.closeStream", json!([5]))).await;
    peer.hears_nothing_else().await;
    stream(&mut peer, 5, "done", true.into()).await;
    assert_eq!(peer.next().await, result(1, 0));
    peer.hears_nothing_else().await;
}

async fn progress_has_its_token_verbatim_and_comes_before_the_reply(framing: Framing) {
    let feed = feed().await;
    let mut peer = feed.peer(framing).await;
    greet(&mut peer, json!({})).await;
    for token in [r#""a token""#, r#""\u0041 \"b\"""#, "0", "12345678901234567890123"] {
        let request = format!(
            r#"{{"jsonrpc":"2.0","id":1,"method":"test.feed.work","params":[3],"ipc":{{"progress":{token}}}}}"#
        );
        peer.send(request).await;
        for number in 1..=3 {
            let told = peer.next_text().await.unwrap();
            assert!(told.contains(&format!(r#""token":{token}"#)), "{token}: {told}");
            let told: Value = serde_json::from_str(&told).unwrap();
            assert_eq!(told["method"], "$/progress", "{told}");
            assert_eq!(told["params"]["value"], json!({ "number": number }), "{told}");
        }
        assert_eq!(peer.next().await, result(1, 3));
    }
    peer.hears_nothing_else().await;
}

async fn nobody_gets_progress_who_did_not_ask(framing: Framing) {
    let feed = feed().await;
    let mut peer = feed.peer(framing).await;
    assert_eq!(ask(&mut peer, request(1, "test.feed.work", json!([3]))).await, result(1, 3));
    greet(&mut peer, json!({})).await;
    for extension in [json!({}), json!({ "progress": null }), json!({ "other": 1 })] {
        let mut work = request(2, "test.feed.work", json!([3]));
        work["ipc"] = extension;
        assert_eq!(ask(&mut peer, work).await, result(2, 3));
    }
    peer.hears_nothing_else().await;
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

async fn stream_arguments_count_as_subscriptions(framing: Framing) {
    let feed = feed_within(at_most(1)).await;
    let mut peer = feed.peer(framing).await;
    let upload = |number: u32| json!(["a", { "$stream": number }]);
    send(&mut peer, request(1, "test.feed.upload", upload(1))).await;
    is_one_too_many(&ask(&mut peer, request(2, "test.feed.upload", upload(2))).await, 1);
    is_one_too_many(&ask(&mut peer, request(3, "test.feed.events", json!([]))).await, 1);
    stream(&mut peer, 1, "done", true.into()).await;
    assert_eq!(peer.next().await, result(1, 0));
    subscribe(&mut peer, "test.feed.events", json!([])).await;
    is_one_too_many(&ask(&mut peer, request(4, "test.feed.upload", upload(4))).await, 1);
    peer.hears_nothing_else().await;
}
