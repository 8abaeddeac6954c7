//! Items in quick succession: what is gathered on its way shows in nothing but speed.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use futures_util::{StreamExt, stream};
use ipc_runtime::{Backend, ErrorKind, Frontend, Limits, Stream, Subscription, ipc_interface};
use ipc_tests::{
    FeedClient, FeedHandler, RawBackend, Source, TestCarrier, eventually, in_time,
    messages::result, on_every_carrier,
};
use serde_json::json;

on_every_carrier! {
    nothing_is_held_back_while_a_stream_waits,
    subscribers_that_leave_during_a_run_leave_nothing_behind,
    streams_that_take_turns_keep_their_order,
    a_panic_during_a_run_comes_behind_what_was_given_before,
}

/// Streams that are hard on whoever gathers their items.
#[ipc_interface(channel = "test.hard", version = "1.0.0")]
trait Hard {
    /// Takes a while for each of its numbers, and never waits.
    #[ipc(subscription)]
    fn busy(&self, milliseconds: u64) -> impl Stream<Item = u64>;
    /// So many numbers, then a panic.
    #[ipc(subscription)]
    fn panics_after(&self, count: u64) -> impl Stream<Item = u64>;
}

struct HardWork;

impl Hard for HardWork {
    fn busy(&self, milliseconds: u64) -> impl Stream<Item = u64> {
        stream::iter(0..).inspect(move |_| std::thread::sleep(Duration::from_millis(milliseconds)))
    }

    #[expect(clippy::panic, reason = "it is what is tested")]
    fn panics_after(&self, count: u64) -> impl Stream<Item = u64> {
        stream::iter(0..)
            .map(move |number| if number < count { number } else { panic!("on purpose") })
    }
}

async fn served(carrier: &TestCarrier) -> (Backend, Arc<Source>, Frontend) {
    let source = Arc::new(Source::default());
    let backend = Backend::new();
    backend.register(FeedHandler::new(source.clone())).unwrap();
    backend.register(HardHandler::new(HardWork)).unwrap();
    let endpoint = carrier.listen(&backend).await;
    (backend, source, Frontend::connect(endpoint).await.unwrap())
}

async fn expect_numbers(items: &mut Subscription<u64>, numbers: std::ops::Range<u64>) {
    for number in numbers {
        assert_eq!(in_time(items.next()).await.unwrap().unwrap(), number);
    }
}

async fn nothing_is_held_back_while_a_stream_waits(carrier: TestCarrier) {
    let (_backend, source, frontend) = served(&carrier).await;
    let feed: FeedClient = frontend.open().await.unwrap();
    let mut events = feed.events().await.unwrap();
    let mut next = 0;
    for burst in (1..=40).chain([100, 200]) {
        (next..next + burst).for_each(|number| source.events.fire(number));
        // Nothing more is fired until all of them are here.
        expect_numbers(&mut events, next..next + burst).await;
        next += burst;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 3)]
async fn nothing_waits_for_what_takes_long_to_be_made() {
    let backend = Backend::new();
    backend.register(HardHandler::new(HardWork)).unwrap();
    backend.listen("memory:test-item-runs-busy").await.unwrap();
    let frontend = Frontend::connect("memory:test-item-runs-busy").await.unwrap();
    let hard: HardClient = frontend.open().await.unwrap();
    let mut items = hard.busy(50).await.unwrap();
    let since = Instant::now();
    expect_numbers(&mut items, 0..3).await;
    // A share of its task are 128 of them.
    assert!(since.elapsed() < Duration::from_secs(3));
}

async fn subscribers_that_leave_during_a_run_leave_nothing_behind(carrier: TestCarrier) {
    let (_backend, source, frontend) = served(&carrier).await;
    let feed: FeedClient = frontend.open().await.unwrap();
    for round in 0..30 {
        let mut items = feed.count(u64::MAX).await.unwrap();
        expect_numbers(&mut items, 0..round * 37).await;
        drop(items);
        // What was sent ahead of the other one is nobody's.
        let items: Vec<_> = feed.count(50).await.unwrap().map(Result::unwrap).collect().await;
        assert!(items.into_iter().eq(0..50));
    }
    eventually("nothing is left of the streams", || source.alive() == 0).await;
}

async fn streams_that_take_turns_keep_their_order(carrier: TestCarrier) {
    let (_backend, source, frontend) = served(&carrier).await;
    let feed: FeedClient = frontend.open().await.unwrap();
    let counting = (0..9).map(|_| {
        let opening = feed.count(3_000);
        tokio::spawn(async move {
            let mut items = opening.await.unwrap();
            expect_numbers(&mut items, 0..3_000).await;
            assert!(in_time(items.next()).await.is_none());
        })
    });
    let counting: Vec<_> = counting.collect();
    for counting in counting {
        in_time(counting).await.unwrap();
    }
    eventually("nothing is left of the streams", || source.alive() == 0).await;
}

async fn a_panic_during_a_run_comes_behind_what_was_given_before(carrier: TestCarrier) {
    let (_backend, _source, frontend) = served(&carrier).await;
    let hard: HardClient = frontend.open().await.unwrap();
    for count in [0, 1, 7, 1_000] {
        let mut items = hard.panics_after(count).await.unwrap();
        expect_numbers(&mut items, 0..count).await;
        let end = in_time(items.next()).await;
        assert!(
            matches!(&end, Some(Err(error)) if error.kind() == ErrorKind::HandlerFailed),
            "{end:?}"
        );
        assert!(in_time(items.next()).await.is_none());
    }
}

/// As this project writes it.
fn said(subscription: u64, rest: &str) -> String {
    format!(
        r#"{{"jsonrpc":"2.0","method":"test.feed.count","params":{{"subscription":{subscription},{rest}}}}}"#
    )
}

async fn opened(raw_backend: &mut RawBackend, feed: &FeedClient, id: u64) -> Subscription<u64> {
    let opening = tokio::spawn(feed.count(9));
    let request = raw_backend.asked("test.feed.count").await;
    raw_backend.say(result(request, id)).await;
    in_time(opening).await.unwrap().unwrap()
}

#[tokio::test]
async fn items_of_an_id_that_is_used_again_are_the_new_subscriptions() {
    let (mut raw_backend, feed) = RawBackend::feed(Limits::default()).await;
    for round in 0..3 {
        let mut items = opened(&mut raw_backend, &feed, 7).await;
        for number in 0..10 {
            raw_backend.raw.send(said(7, &format!("\"result\":{}", round * 100 + number))).await;
        }
        expect_numbers(&mut items, round * 100..round * 100 + 10).await;
        drop(items);
        let request = raw_backend.raw.next().await;
        assert_eq!(request["method"], "rpc.unsubscribe", "{request}");
        // These were on their way.
        for _ in 0..5 {
            raw_backend.raw.send(said(7, "\"result\":77")).await;
        }
        raw_backend.say(result(request["id"].clone(), true)).await;
    }
}

#[tokio::test]
async fn an_id_that_is_given_twice_ends_the_first_during_its_run() {
    let (mut raw_backend, feed) = RawBackend::feed(Limits::default()).await;
    let mut first = opened(&mut raw_backend, &feed, 7).await;
    for number in 0..10 {
        raw_backend.raw.send(said(7, &format!("\"result\":{number}"))).await;
    }
    let mut second = opened(&mut raw_backend, &feed, 7).await;
    for number in 0..10 {
        raw_backend.raw.send(said(7, &format!("\"result\":{number}"))).await;
    }
    expect_numbers(&mut first, 0..10).await;
    let end = in_time(first.next()).await;
    assert!(matches!(&end, Some(Err(error)) if error.kind() == ErrorKind::Decode), "{end:?}");
    expect_numbers(&mut second, 0..10).await;
}

#[tokio::test]
async fn what_comes_during_a_run_keeps_its_place_in_it() {
    let (mut raw_backend, feed) = RawBackend::feed(Limits::default()).await;
    let mut items = opened(&mut raw_backend, &feed, 7).await;
    for number in 0..10 {
        raw_backend.raw.send(said(7, &format!("\"result\":{number},\"seq\":{}", number + 1))).await;
    }
    raw_backend.raw.send(said(7, "\"lagged\":3")).await;
    raw_backend.raw.send(said(7, "\"lagged\":4")).await;
    raw_backend.raw.send(said(7, "\"result\":10,\"unheardOf\":[]")).await;
    raw_backend.raw.send(said(7, "\"result\":[1,,2]")).await;
    raw_backend.raw.send(said(8, "\"result\":99")).await;
    raw_backend.raw.send(said(7, "\"result\":11 ")).await;
    // Members in another order.
    let other = json!({ "jsonrpc": "2.0", "method": "test.feed.count", "params": { "subscription": 7, "result": 12 } });
    raw_backend.say(other).await;
    raw_backend.raw.send(said(7, "\"result\":13")).await;
    raw_backend.raw.send(said(7, "\"done\":true")).await;
    raw_backend.raw.send(said(7, "\"result\":14")).await;
    expect_numbers(&mut items, 0..10).await;
    let mut lost = 0;
    let mut next = in_time(items.next()).await;
    while let Some(count) = next.as_ref().and_then(|next| next.as_ref().err()?.missed_items()) {
        lost += count;
        next = in_time(items.next()).await;
    }
    assert_eq!((lost, next.unwrap().unwrap()), (7, 10));
    // What could not be read.
    assert!(
        matches!(&in_time(items.next()).await, Some(Err(error)) if error.kind() == ErrorKind::Gap)
    );
    expect_numbers(&mut items, 11..14).await;
    assert!(in_time(items.next()).await.is_none());
}
