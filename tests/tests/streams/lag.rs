//! What subscribers are told of items that were dropped, and how often.

use std::future::ready;

use futures_util::StreamExt;
use ipc_runtime::{Backend, ErrorKind, Limits, Stream, event::Emitter, ipc_interface};
use ipc_tests::{
    Framing, RawBackend, Site, in_time,
    messages::{done, item, notification, request, result},
    on_every_framing,
};
use serde_json::{Value, json};

on_every_framing! {
    lag_is_told_with_the_next_item_alone,
    lag_is_told_before_the_end,
}

/// Ends the stream.
const LAST: u64 = 99;

/// Gives some of what is fired.
#[ipc_interface(channel = "test.sieve", version = "1.0.0")]
trait Sieve {
    /// Those that are even, up to the last.
    #[ipc(subscription)]
    async fn even(&self) -> impl Stream<Item = u64>;
}

#[derive(Clone)]
struct Fired(Emitter<u64>);

impl Sieve for Fired {
    async fn even(&self) -> impl Stream<Item = u64> {
        let until = self.0.event().listen().take_while(|number| ready(*number != LAST));
        until.filter(|number| ready(number % 2 == 0))
    }
}

const EVEN: &str = "test.sieve.even";

async fn sieve() -> (Site, Emitter<u64>) {
    let site = Site::of(Backend::builder()).await;
    let emitter = Emitter::builder().capacity(2).build();
    site.backend.register(SieveHandler::new(Fired(emitter.clone()))).unwrap();
    (site, emitter)
}

fn lagged(id: &Value, count: u64) -> Value {
    notification(EVEN, json!({ "subscription": id, "lagged": count }))
}

async fn lag_is_told_with_the_next_item_alone(framing: Framing) {
    let (site, emitter) = sieve().await;
    let mut peer = site.peer(framing).await;
    let id = peer.ask(request(1, EVEN, json!([])).to_string()).await["result"].clone();
    for _ in 0..3 {
        // Nobody comes in between: two of them are kept, and they are odd.
        [1, 3, 5, 7, 9].into_iter().for_each(|odd| emitter.fire(odd));
        peer.hears_nothing_else().await;
        peer.hears_nothing_else().await;
    }
    emitter.fire(2);
    assert_eq!(peer.next().await, lagged(&id, 9));
    assert_eq!(peer.next().await["params"]["result"], 2);
    peer.hears_nothing_else().await;
}

async fn lag_is_told_before_the_end(framing: Framing) {
    let (site, emitter) = sieve().await;
    let mut peer = site.peer(framing).await;
    let id = peer.ask(request(1, EVEN, json!([])).to_string()).await["result"].clone();
    [1, 3, 5].into_iter().for_each(|odd| emitter.fire(odd));
    peer.hears_nothing_else().await;
    emitter.fire(LAST);
    assert_eq!(peer.next().await, lagged(&id, 1));
    assert_eq!(peer.next().await, done(EVEN, &id));
}

const COUNT: &str = "test.feed.count";

#[tokio::test]
async fn notes_of_lag_that_nobody_has_read_are_one() {
    let mut limits = Limits::default();
    limits.subscription_window = 4;
    let (mut raw_backend, feed) = RawBackend::feed(limits).await;
    let opening = tokio::spawn(feed.count(9));
    let asked = raw_backend.asked(COUNT).await;
    let word = |member: &str, value: Value| {
        notification(COUNT, json!({ "subscription": 7, member: value }))
    };
    raw_backend.say(result(asked, 7)).await;
    for _ in 0..1000 {
        raw_backend.say(word("lagged", 2.into())).await;
    }
    raw_backend.say(item(COUNT, &json!(7), 1.into())).await;
    for member in ["lagged", "gap", "lagged", "gap"] {
        let value = if member == "gap" { true.into() } else { 3.into() };
        raw_backend.say(word(member, value)).await;
    }
    raw_backend.say(item(COUNT, &json!(7), 2.into())).await;
    raw_backend.say(word("done", true.into())).await;
    let items = in_time(opening).await.unwrap().unwrap();
    // All of it has come before the first look.
    raw_backend.say(request(1, "rpc.ping", json!([]))).await;
    raw_backend.raw.next().await;
    let told: Vec<_> = in_time(items.collect::<Vec<_>>()).await;
    let told: Vec<_> = told
        .iter()
        .map(|told| told.as_ref().map_err(|error| (error.kind(), error.missed_items())))
        .collect();
    let lagged = Err((ErrorKind::Lagged, Some(2000)));
    assert_eq!(told, [lagged, Ok(&1), Err((ErrorKind::Gap, None)), Ok(&2)]);
}
