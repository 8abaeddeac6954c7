//! How long streams among the arguments flow, and what they count as.

use std::sync::Arc;

use futures_util::{Stream, stream};
use ipc_runtime::{Backend, Bytes, Limits, Streaming};
use ipc_tests::{
    FeedClient, FeedHandler, RawBackend, Source, TestCarrier, eventually, in_time,
    messages::result, on_every_carrier, poll_once,
};
use serde_json::json;

on_every_carrier! {
    own_uploads_are_none_of_the_peers_subscriptions,
}

/// Never gives anything, and holds this while it is there.
fn held<T: Send + 'static>(alive: &Arc<()>) -> impl Stream<Item = T> + Send + 'static {
    let alive = alive.clone();
    stream::poll_fn(move |_| {
        let _ = &alive;
        std::task::Poll::Pending
    })
}

#[tokio::test]
async fn an_answered_call_that_is_kept_uploads_nothing_more() {
    let (mut raw_backend, feed) = RawBackend::feed(Limits::default()).await;
    let alive = Arc::new(());
    let mut call = Box::pin(feed.take(1, Streaming::new(held(&alive))));
    assert!(poll_once(&mut call).await.is_none());
    let asked = raw_backend.asked("test.feed.take").await;
    raw_backend.say(result(asked, json!([]))).await;
    eventually("the stream is dropped", || Arc::strong_count(&alive) == 1).await;
    assert!(in_time(&mut call).await.unwrap().is_empty());
}

#[tokio::test]
async fn an_overdue_call_that_is_kept_uploads_nothing_more() {
    let (mut raw_backend, feed) = RawBackend::feed(Limits::default()).await;
    let alive = Arc::new(());
    let soon = std::time::Duration::from_millis(10);
    let mut call = Box::pin(feed.take(1, Streaming::new(held(&alive))).timeout(soon));
    assert!(in_time(&mut call).await.is_err());
    raw_backend.asked("test.feed.take").await;
    eventually("the stream is dropped", || Arc::strong_count(&alive) == 1).await;
    drop(call);
}

#[tokio::test]
async fn a_subscription_that_was_opened_goes_on_uploading() {
    let (mut raw_backend, feed) = RawBackend::feed(Limits::default()).await;
    let (refused, kept) = (Arc::new(()), Arc::new(()));
    let mut opening = Box::pin(feed.doubled(Streaming::new(held(&refused))));
    assert!(poll_once(&mut opening).await.is_none());
    let asked = raw_backend.asked("test.feed.doubled").await;
    let error = json!({ "code": -32603, "message": "no" });
    raw_backend.say(json!({ "jsonrpc": "2.0", "id": asked, "error": error })).await;
    eventually("the stream is dropped", || Arc::strong_count(&refused) == 1).await;
    assert!(in_time(&mut opening).await.is_err());

    let opening = tokio::spawn(feed.doubled(Streaming::new(held(&kept))));
    let asked = raw_backend.asked("test.feed.doubled").await;
    raw_backend.say(result(asked, 7)).await;
    let doubled = in_time(opening).await.unwrap().unwrap();
    raw_backend.say(json!({ "jsonrpc": "2.0", "id": 1, "method": "rpc.ping" })).await;
    assert_eq!(raw_backend.raw.next().await["id"], 1);
    assert_eq!(Arc::strong_count(&kept), 2);
    drop(doubled);
    eventually("the stream is dropped", || Arc::strong_count(&kept) == 1).await;
}

async fn own_uploads_are_none_of_the_peers_subscriptions(carrier: TestCarrier) {
    let mut limits = Limits::default();
    limits.max_subscriptions = 1;
    let backend = Backend::builder().limits(limits).build();
    backend.register(FeedHandler::new(Arc::new(Source::default()))).unwrap();
    let endpoint = carrier.listen(&backend).await;
    let theirs = Arc::new(Source::default());
    let builder = carrier.builder().register(FeedHandler::new(theirs.clone())).unwrap();
    let frontend = builder.connect(endpoint).await.unwrap();
    let window: FeedClient = backend.peers().iter().next().unwrap().client();
    let alive = Arc::new(());
    let _uploads: Vec<_> = ["a", "b"]
        .map(|name| tokio::spawn(window.upload(name, Streaming::new(held::<Bytes>(&alive)))))
        .into();
    eventually("both are there", || theirs.alive() == 2).await;
    let feed: FeedClient = frontend.open().await.unwrap();
    let _events = feed.events().await.unwrap();
    assert!(feed.events().await.is_err(), "one is what it may have");
}
