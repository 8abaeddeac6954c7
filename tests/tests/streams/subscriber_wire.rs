//! A subscriber of this project, whose producer is a peer that knows nothing of the library.

use ipc_runtime::{CallError, ErrorKind, Limits};
use ipc_tests::{
    FileError, RawBackend, in_time,
    messages::{done, item, notification, result},
};
use serde_json::{Value, json};

/// Takes the request that ends this subscription.
async fn is_unsubscribed(raw_backend: &mut RawBackend, subscription: Value) {
    let request = raw_backend.raw.next().await;
    assert_eq!(request["method"], "rpc.unsubscribe", "{request}");
    assert_eq!(request["params"], json!([subscription]), "{request}");
    raw_backend.say(result(request["id"].clone(), true)).await;
}

const COUNT: &str = "test.feed.count";

#[tokio::test]
async fn a_subscription_may_have_a_string_as_its_id() {
    let mut limits = Limits::default();
    limits.subscription_window = 4;
    let (mut raw_backend, feed) = RawBackend::feed(limits).await;
    let opening = tokio::spawn(feed.count(9));
    let request = raw_backend.asked(COUNT).await;
    let id = json!("a \"name\" \u{e9}");
    // Items may follow right behind the answer.
    raw_backend.say(result(request, id.clone())).await;
    for number in 0..2 {
        raw_backend.say(item(COUNT, &id, number.into())).await;
    }
    raw_backend.say(item(COUNT, &json!("another"), 77.into())).await;
    raw_backend.say(item("test.feed.other", &id, 78.into())).await;
    let mut items = in_time(opening).await.unwrap().unwrap();
    for number in 0..2 {
        assert_eq!(in_time(items.next()).await.unwrap().unwrap(), number);
    }
    let credit = raw_backend.raw.next().await;
    assert_eq!(credit["method"], "rpc.credit", "{credit}");
    assert_eq!(credit["params"]["subscription"], id, "{credit}");
    assert_eq!(credit["params"]["n"], 2, "{credit}");
    drop(items);
    is_unsubscribed(&mut raw_backend, id).await;
}

#[tokio::test]
async fn what_the_producer_has_ended_is_not_unsubscribed() {
    let (mut raw_backend, feed) = RawBackend::feed(Limits::default()).await;
    let opening = tokio::spawn(feed.count(9));
    let request = raw_backend.asked(COUNT).await;
    raw_backend.say(result(request, 3)).await;
    raw_backend.say(done(COUNT, &json!(3))).await;
    let mut items = in_time(opening).await.unwrap().unwrap();
    assert!(in_time(items.next()).await.is_none());

    let opening = tokio::spawn(feed.fails());
    let request = raw_backend.asked("test.feed.fails").await;
    raw_backend.say(result(request, 4)).await;
    let error = FileError::NotFound("it".into());
    let error = json!({ "code": 1, "message": "m", "data": error });
    raw_backend
        .say(notification("test.feed.fails", json!({ "subscription": 4, "error": error })))
        .await;
    let mut failing = in_time(opening).await.unwrap().unwrap();
    match in_time(failing.next()).await {
        Some(Err(CallError::Method(FileError::NotFound(what)))) => assert_eq!(what, "it"),
        other => panic!("{other:?}"),
    }
    assert!(in_time(failing.next()).await.is_none());
    drop((items, failing));

    // What comes next is the next request, and nothing before it.
    let _opening = tokio::spawn(feed.events());
    raw_backend.asked("test.feed.events").await;
}

#[tokio::test]
async fn a_late_answer_to_a_cancelled_opening_is_unsubscribed() {
    let (mut raw_backend, feed) = RawBackend::feed(Limits::default()).await;
    for id in [json!(7), json!("seven")] {
        let opening = tokio::spawn(feed.count(9));
        let request = raw_backend.asked(COUNT).await;
        opening.abort();
        let cancel = raw_backend.raw.next().await;
        assert_eq!(cancel, notification("$/cancelRequest", json!({ "id": request })));
        raw_backend.say(result(request, id.clone())).await;
        raw_backend.say(item(COUNT, &id, 0.into())).await;
        is_unsubscribed(&mut raw_backend, id).await;
    }
    // One that was cancelled in time is not.
    let opening = tokio::spawn(feed.count(9));
    let request = raw_backend.asked(COUNT).await;
    opening.abort();
    assert_eq!(raw_backend.raw.next().await["method"], "$/cancelRequest");
    let error = json!({ "code": -32800, "message": "cancelled" });
    raw_backend.say(json!({ "jsonrpc": "2.0", "id": request, "error": error })).await;
    let _opening = tokio::spawn(feed.events());
    raw_backend.asked("test.feed.events").await;
}

#[tokio::test]
async fn items_far_beyond_the_window_end_the_subscription() {
    let mut limits = Limits::default();
    limits.subscription_window = 4;
    let (mut raw_backend, feed) = RawBackend::feed(limits).await;
    let opening = tokio::spawn(feed.count(9));
    let request = raw_backend.asked(COUNT).await;
    raw_backend.say(result(request, 7)).await;
    let mut items = in_time(opening).await.unwrap().unwrap();
    for number in 0..100 {
        raw_backend.say(item(COUNT, &json!(7), number.into())).await;
    }
    is_unsubscribed(&mut raw_backend, 7.into()).await;
    // What it had said it takes is there, in order.
    let mut taken = 0;
    let end = loop {
        match in_time(items.next()).await.unwrap() {
            Ok(number) => assert_eq!(number, taken),
            Err(end) => break end,
        }
        taken += 1;
    };
    assert!((4..100).contains(&taken), "{taken}");
    match end {
        error if error.kind() == ErrorKind::Overrun => assert_eq!(error.method(), COUNT),
        other => panic!("{other:?}"),
    }
    assert!(in_time(items.next()).await.is_none());
    drop(items);
    let _opening = tokio::spawn(feed.events());
    raw_backend.asked("test.feed.events").await;
}

#[tokio::test]
async fn lost_items_are_told_and_the_subscription_goes_on() {
    let (mut raw_backend, feed) = RawBackend::feed(Limits::default()).await;
    let opening = tokio::spawn(feed.count(9));
    let request = raw_backend.asked(COUNT).await;
    raw_backend.say(result(request, 7)).await;
    let word = |member: &str, value: Value| {
        notification(COUNT, json!({ "subscription": 7, member: value }))
    };
    for word in [
        word("result", 1.into()),
        word("lagged", 31.into()),
        word("result", 2.into()),
        word("gap", true.into()),
        word("unheardOf", true.into()),
        word("result", 3.into()),
        word("done", true.into()),
    ] {
        raw_backend.say(word).await;
    }
    let mut items = in_time(opening).await.unwrap().unwrap();
    assert_eq!(in_time(items.next()).await.unwrap().unwrap(), 1);
    match in_time(items.next()).await {
        Some(Err(error)) if error.kind() == ErrorKind::Lagged => {
            let (method, count) = (error.method(), error.missed_items().unwrap());
            assert_eq!((method, count), (COUNT, 31))
        }
        other => panic!("{other:?}"),
    }
    assert_eq!(in_time(items.next()).await.unwrap().unwrap(), 2);
    match in_time(items.next()).await {
        Some(Err(error)) if error.kind() == ErrorKind::Gap => assert_eq!(error.method(), COUNT),
        other => panic!("{other:?}"),
    }
    assert_eq!(in_time(items.next()).await.unwrap().unwrap(), 3);
    assert!(in_time(items.next()).await.is_none());
}
