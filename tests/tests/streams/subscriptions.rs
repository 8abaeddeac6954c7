//! Subscriptions and stream arguments, on every carrier.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use futures_util::{StreamExt, stream};
use ipc_runtime::{
    Backend, Bytes, CallError, ErrorKind, Frontend, Limits, Stream, Streaming, ipc_interface,
};
use ipc_tests::{
    FeedClient, FeedHandler, FileError, Source, Step, TestCarrier, eventually, in_time,
    on_every_carrier, poll_once,
};
use tokio::sync::Semaphore;

on_every_carrier! {
    items_come_in_order_and_then_the_end,
    a_subscription_that_is_refused_gives_the_methods_error,
    a_subscription_beyond_the_limit_is_refused_before_its_method_runs,
    a_streams_own_error_ends_it,
    a_panic_ends_the_stream_and_nothing_else,
    events_reach_every_subscriber,
    dropping_a_subscription_drops_the_producer,
    dropping_the_opening_drops_the_producer,
    a_slow_reader_holds_back_its_own_producer_alone,
    who_falls_behind_is_told_so_after_a_window_of_items,
    bytes_hold_back_a_producer_too,
    a_lost_connection_ends_subscriptions_on_both_sides,
    a_stream_is_uploaded,
    a_failing_upload_tells_why,
    a_handler_may_stop_reading_an_upload,
    an_upload_is_as_fast_as_its_reader,
    dropping_the_call_drops_the_upload_on_both_sides,
    a_stream_goes_up_and_another_comes_down,
    progress_comes_before_the_result_and_in_order,
}

async fn feed(carrier: &TestCarrier) -> (Backend, Arc<Source>, Frontend, FeedClient) {
    feed_within(carrier, Limits::default()).await
}

async fn feed_within(
    carrier: &TestCarrier,
    limits: Limits,
) -> (Backend, Arc<Source>, Frontend, FeedClient) {
    let source = Arc::new(Source::default());
    let backend = Backend::builder().limits(limits.clone()).build();
    backend.register(FeedHandler::new(source.clone())).unwrap();
    let endpoint = carrier.listen(&backend).await;
    let frontend = Frontend::builder().limits(limits).connect(endpoint).await.unwrap();
    let client = frontend.open().await.unwrap();
    (backend, source, frontend, client)
}

async fn items_come_in_order_and_then_the_end(carrier: TestCarrier) {
    let (_backend, source, _frontend, feed) = feed(&carrier).await;
    let items: Vec<_> = feed.count(10_000).await.unwrap().map(Result::unwrap).collect().await;
    assert!(items.into_iter().eq(0..10_000));
    let words: Vec<_> = feed.words("a bc d").await.unwrap().map(Result::unwrap).collect().await;
    assert_eq!(words, ["a", "bc", "d"]);
    assert!(feed.count(0).await.unwrap().next().await.is_none());
    eventually("nothing is left of the streams", || source.alive() == 0).await;
}

async fn a_subscription_that_is_refused_gives_the_methods_error(carrier: TestCarrier) {
    let (_backend, source, _frontend, feed) = feed(&carrier).await;
    match feed.words("").await {
        Err(CallError::Method(FileError::NotFound(what))) => assert_eq!(what, "no words"),
        other => panic!("{other:?}"),
    }
    assert_eq!(source.alive(), 0);
}

#[ipc_interface(channel = "test.slow_feed", version = "1.0.0")]
trait SlowFeed {
    /// Waits, then fails if it is told to.
    #[ipc(subscription)]
    async fn open(&self, fails: bool) -> Result<impl Stream<Item = u32>, String>;
}

struct Valve {
    begun: AtomicUsize,
    open: Semaphore,
}

impl SlowFeed for Arc<Valve> {
    async fn open(&self, fails: bool) -> Result<impl Stream<Item = u32>, String> {
        self.begun.fetch_add(1, Ordering::SeqCst);
        self.open.acquire().await.map_err(|error| error.to_string())?.forget();
        if fails { Err("no water".into()) } else { Ok(stream::pending()) }
    }
}

async fn a_subscription_beyond_the_limit_is_refused_before_its_method_runs(carrier: TestCarrier) {
    let mut limits = Limits::default();
    limits.max_subscriptions = 2;
    let valve = Arc::new(Valve { begun: AtomicUsize::new(0), open: Semaphore::new(0) });
    let backend = Backend::builder().limits(limits).build();
    backend.register(SlowFeedHandler::new(valve.clone())).unwrap();
    let frontend = carrier.connect(&backend).await;
    let feed: SlowFeedClient = frontend.open().await.unwrap();
    let begun = || valve.begun.load(Ordering::SeqCst);

    let opening = [tokio::spawn(feed.open(true)), tokio::spawn(feed.open(false))];
    eventually("both run", || begun() == 2).await;
    let Err(CallError::Ipc(refused)) = in_time(feed.open(false)).await else { panic!("it ran") };
    assert_eq!(refused.kind(), ErrorKind::LimitReached, "{refused}");
    assert!(!refused.may_have_run() && begun() == 2, "{refused}");

    // The one that fails gives its place back, and so does one whose caller has gone.
    valve.open.add_permits(2);
    let [failed, kept] = opening;
    assert!(matches!(failed.await.unwrap(), Err(CallError::Method(_))));
    let kept = kept.await.unwrap().unwrap();
    let mut dropped = feed.open(false);
    assert!(poll_once(&mut dropped).await.is_none());
    eventually("it runs", || begun() == 3).await;
    drop(dropped);
    valve.open.add_permits(2);
    loop {
        // The cancellation may be on its way.
        match in_time(feed.open(false)).await {
            Ok(opened) => break drop((kept, opened)),
            Err(error) => assert_eq!(error.ipc().unwrap().kind(), ErrorKind::LimitReached),
        }
    }
}

async fn a_streams_own_error_ends_it(carrier: TestCarrier) {
    let (_backend, source, _frontend, feed) = feed(&carrier).await;
    let mut items = feed.fails().await.unwrap();
    assert_eq!(items.next().await.unwrap().unwrap(), 1);
    match items.next().await.unwrap() {
        Err(CallError::Method(FileError::NotFound(what))) => assert_eq!(what, "the rest"),
        other => panic!("{other:?}"),
    }
    assert!(items.next().await.is_none());
    eventually("nothing is left of the streams", || source.alive() == 0).await;
}

async fn a_panic_ends_the_stream_and_nothing_else(carrier: TestCarrier) {
    let (_backend, source, _frontend, feed) = feed(&carrier).await;
    let mut items = feed.panics().await.unwrap();
    assert_eq!(items.next().await.unwrap().unwrap(), 1);
    match items.next().await.unwrap() {
        Err(error) if error.kind() == ErrorKind::HandlerFailed => {
            assert_eq!(error.method(), "test.feed.panics")
        }
        other => panic!("{other:?}"),
    }
    assert!(items.next().await.is_none());
    assert_eq!(feed.count(3).await.unwrap().count().await, 3);
    eventually("nothing is left of the streams", || source.alive() == 0).await;
}

async fn events_reach_every_subscriber(carrier: TestCarrier) {
    let (_backend, source, _frontend, feed) = feed(&carrier).await;
    let mut first = feed.events().await.unwrap();
    let mut second = feed.events().await.unwrap();
    assert_eq!(source.events.listener_count(), 2);
    for number in 0..100 {
        source.events.fire(number);
    }
    for number in 0..100 {
        assert_eq!(first.next().await.unwrap().unwrap(), number);
        assert_eq!(second.next().await.unwrap().unwrap(), number);
    }
    drop(first);
    eventually("nothing is left of the streams", || source.events.listener_count() == 1).await;
    source.events.fire(7);
    assert_eq!(second.next().await.unwrap().unwrap(), 7);
}

async fn dropping_a_subscription_drops_the_producer(carrier: TestCarrier) {
    let (_backend, source, _frontend, feed) = feed(&carrier).await;
    let events = feed.events().await.unwrap();
    let mut blocks = feed.blocks(10).await.unwrap();
    blocks.next().await.unwrap().unwrap();
    assert_eq!(source.alive(), 2);
    drop(events);
    drop(blocks);
    eventually("nothing is left of the streams", || source.alive() == 0).await;
    assert_eq!(feed.count(3).await.unwrap().count().await, 3);
}

async fn dropping_the_opening_drops_the_producer(carrier: TestCarrier) {
    let (_backend, source, _frontend, feed) = feed(&carrier).await;
    for _ in 0..50 {
        let mut opening = Box::pin(feed.events());
        // It may be there already, which is as good a moment to be dropped.
        let _ = poll_once(&mut opening).await;
        drop(opening);
    }
    assert_eq!(feed.count(3).await.unwrap().count().await, 3);
    eventually("nothing is left of the streams", || {
        source.alive() == 0 && source.events.listener_count() == 0
    })
    .await;
}

fn small_window() -> Limits {
    let mut limits = Limits::default();
    limits.subscription_window = 8;
    limits
}

async fn a_slow_reader_holds_back_its_own_producer_alone(carrier: TestCarrier) {
    let (_backend, source, _frontend, feed) = feed_within(&carrier, small_window()).await;
    let mut slow = feed.count(1_000).await.unwrap();
    eventually("the window is full", || source.produced() == 8).await;
    // Others aren't held back, and all that comes is as it would be.
    assert_eq!(feed.words("a b c").await.unwrap().count().await, 3);
    assert_eq!(source.produced(), 8, "it is held back");
    for number in 0..1_000 {
        assert_eq!(slow.next().await.unwrap().unwrap(), number);
        assert!(source.produced() as u64 <= number + 1 + 8);
    }
    assert!(slow.next().await.is_none());
}

async fn who_falls_behind_is_told_so_after_a_window_of_items(carrier: TestCarrier) {
    let (_backend, source, _frontend, feed) = feed(&carrier).await;
    let mut events = feed.events().window(4).await.unwrap();
    eventually("it listens", || source.events.listener_count() == 1).await;
    // More than are sent ahead and kept for a listener together.
    (1..=2_000).for_each(|number| source.events.fire(number));
    let (mut read, mut lost, mut ahead) = (0, 0, None);
    loop {
        match events.next().await.unwrap() {
            Ok(number) => {
                read += 1;
                if number == 2_000 {
                    break;
                }
            }
            Err(error) if error.kind() == ErrorKind::Lagged => {
                let count = error.missed_items().unwrap();
                lost += count;
                ahead.get_or_insert(read);
            }
            Err(error) => panic!("{error}"),
        }
    }
    assert_eq!(read + lost, 2_000);
    // One more may be on its way behind the window.
    assert!(ahead.is_some_and(|ahead| ahead <= 4 + 1), "{ahead:?} came first");
}

async fn bytes_hold_back_a_producer_too(carrier: TestCarrier) {
    let mut limits = Limits::default();
    limits.subscription_window_bytes = 100_000;
    let (_backend, source, _frontend, feed) = feed_within(&carrier, limits).await;
    let mut blocks = feed.blocks(50_000).await.unwrap();
    // 50,000 bytes are some 66,670 characters of base64.
    eventually("the window is full", || source.produced() == 2).await;
    assert_eq!(feed.count(3).await.unwrap().count().await, 3);
    assert_eq!(source.produced(), 2 + 3);
    for _ in 0..20 {
        assert_eq!(blocks.next().await.unwrap().unwrap().len(), 50_000);
    }
    assert!(source.produced() <= 3 + 20 + 4, "{}", source.produced());
}

async fn a_lost_connection_ends_subscriptions_on_both_sides(carrier: TestCarrier) {
    let (backend, source, frontend, feed) = feed(&carrier).await;
    let mut events = feed.events().await.unwrap();
    source.events.fire(1);
    eventually("the handler runs", || source.alive() == 1).await;
    assert_eq!(events.next().await.unwrap().unwrap(), 1);
    frontend.close().await;
    assert!(
        matches!(&events.next().await, Some(Err(error)) if error.kind() == ErrorKind::Disconnected)
    );
    assert!(events.next().await.is_none());
    eventually("nothing is left of the streams", || {
        source.alive() == 0 && backend.connection_count() == 0
    })
    .await;
    assert!(matches!(&feed.events().await, Err(error) if error.kind() == ErrorKind::Disconnected));
}

fn chunks(count: usize) -> impl Stream<Item = Bytes> + Send + 'static {
    stream::iter((0..count).map(|at| Bytes::from(vec![at as u8; 1000])))
}

async fn a_stream_is_uploaded(carrier: TestCarrier) {
    let (_backend, source, _frontend, feed) = feed(&carrier).await;
    assert_eq!(feed.upload("a", Streaming::new(chunks(3000))).await.unwrap(), 3_000_000);
    assert_eq!(feed.upload("b", Streaming::new(chunks(0))).await.unwrap(), 0);
    assert_eq!(source.alive(), 0);
}

async fn a_failing_upload_tells_why(carrier: TestCarrier) {
    let (_backend, _source, _frontend, feed) = feed(&carrier).await;
    let broken = stream::iter([Ok(Bytes::from(vec![1])), Err("the disk is gone")]);
    match feed.upload("a", Streaming::fallible(broken)).await {
        Err(CallError::Method(FileError::NotFound(what))) => {
            assert!(what.contains("the disk is gone"), "{what}");
        }
        other => panic!("{other:?}"),
    }
}

/// Counts what was asked for, and whether the stream is still there.
fn watched(asked: &Arc<AtomicUsize>, alive: &Arc<()>) -> impl Stream<Item = u32> + Send + 'static {
    let (asked, alive) = (asked.clone(), alive.clone());
    stream::repeat_with(move || {
        let _ = &alive;
        asked.fetch_add(1, Ordering::SeqCst) as u32
    })
}

async fn a_handler_may_stop_reading_an_upload(carrier: TestCarrier) {
    let (_backend, _source, _frontend, feed) = feed(&carrier).await;
    let (asked, alive) = (Arc::new(AtomicUsize::new(0)), Arc::new(()));
    let numbers = Streaming::new(watched(&asked, &alive));
    assert_eq!(feed.take(3, numbers).await.unwrap(), [0, 1, 2]);
    eventually("nothing is left of the streams", || Arc::strong_count(&alive) == 1).await;
}

async fn an_upload_is_as_fast_as_its_reader(carrier: TestCarrier) {
    let (_backend, _source, _frontend, feed) = feed_within(&carrier, small_window()).await;
    let (asked, alive) = (Arc::new(AtomicUsize::new(0)), Arc::new(()));
    let mut doubled = feed.doubled(Streaming::new(watched(&asked, &alive))).await.unwrap();
    // What waits on the way: a window up, one down, and one in between.
    for number in 0..200_u32 {
        assert_eq!(doubled.next().await.unwrap().unwrap(), number * 2);
        assert!(asked.load(Ordering::SeqCst) <= number as usize + 3 * 8);
    }
    drop(doubled);
    eventually("nothing is left of the streams", || Arc::strong_count(&alive) == 1).await;
}

async fn dropping_the_call_drops_the_upload_on_both_sides(carrier: TestCarrier) {
    let (_backend, source, _frontend, feed) = feed(&carrier).await;
    let alive = Arc::new(());
    let held = alive.clone();
    let never = stream::pending().inspect(move |_: &Bytes| {
        let _ = &held;
    });
    let upload = tokio::spawn(feed.upload("x", Streaming::new(never)));
    eventually("the handler runs", || source.alive() == 1).await;
    upload.abort();
    eventually("nothing is left of the streams", || {
        source.alive() == 0 && Arc::strong_count(&alive) == 1
    })
    .await;
}

async fn a_stream_goes_up_and_another_comes_down(carrier: TestCarrier) {
    let (_backend, source, _frontend, feed) = feed(&carrier).await;
    let doubled = feed.doubled(Streaming::new(stream::iter(0..5_000))).await.unwrap();
    let doubled: Vec<_> = doubled.map(Result::unwrap).collect().await;
    assert!(doubled.into_iter().eq((0..5_000).map(|number| number * 2)));
    eventually("nothing is left of the streams", || source.alive() == 0).await;
}

async fn progress_comes_before_the_result_and_in_order(carrier: TestCarrier) {
    let (_backend, _source, _frontend, feed) = feed(&carrier).await;
    // The callback borrows what its caller has, since it runs where the call is awaited.
    let mut seen = Vec::new();
    let work = feed.work(20).with_progress(|step: Step| seen.push(step.number)).no_timeout();
    assert_eq!(work.await.unwrap(), 20);
    assert!(seen.iter().copied().eq(1..=20), "{seen:?}");
    let spawned = tokio::spawn(feed.work(4).with_progress(|_| {}).timeout(Duration::MAX));
    assert_eq!(spawned.await.unwrap().unwrap(), 4, "one that borrows nothing can be spawned");
    assert_eq!(feed.work(3).await.unwrap(), 3, "nobody has to look at it");
}
