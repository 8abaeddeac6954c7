//! Subscribers that come back to a source that replays, as raw peers, and a reader that is only
//! interested in the newest.

use std::sync::Arc;

use ipc_runtime::{Backend, Stream, event::Emitter, ipc_interface};
use ipc_tests::{
    Framing, RawPeer, Site, TestCarrier, eventually,
    messages::{request, result},
    on_every_carrier, on_every_framing,
};
use serde_json::{Value, json};

mod raw {
    use super::*;

    on_every_framing! {
        who_comes_back_gets_what_came_meanwhile,
        who_comes_back_by_a_number_of_its_own_gets_what_came_meanwhile,
        who_comes_back_to_another_source_has_a_gap,
        who_comes_back_to_a_source_without_replay_has_a_gap,
        who_comes_back_hears_of_a_gap_before_there_is_an_item,
    }
}

on_every_carrier! {
    the_newest_is_read_where_one_item_is_sent_ahead,
}

/// News, in several forms.
#[ipc_interface(channel = "test.news", version = "1.0.0")]
trait News {
    /// Replays the last three to whoever comes late.
    #[ipc(subscription)]
    async fn replayed(&self) -> impl Stream<Item = u32>;
    /// The newest.
    #[ipc(subscription)]
    async fn latest(&self) -> impl Stream<Item = u32>;
    /// From nowhere.
    #[ipc(subscription)]
    fn counted(&self) -> impl Stream<Item = u32>;
}

#[derive(Clone)]
struct Paper(Emitter<u32>);

impl Paper {
    fn new() -> Self {
        Self(Emitter::builder().replay(3).build())
    }
}

impl News for Paper {
    async fn replayed(&self) -> impl Stream<Item = u32> {
        // Made here, not where the stream is polled.
        self.0.event().listen()
    }

    async fn latest(&self) -> impl Stream<Item = u32> {
        self.0.event().listen_latest()
    }

    fn counted(&self) -> impl Stream<Item = u32> {
        futures_util::stream::iter(1..)
    }
}

/// A peer that has the first three pieces of news, and the place of the last.
async fn reader(framing: Framing) -> (Site, Paper, RawPeer, Value) {
    let (site, paper) = (Site::new().await, Paper::new());
    site.backend.register(NewsHandler::new(paper.clone())).unwrap();
    let mut peer = site.peer(framing).await;
    (1..=3).for_each(|news| paper.0.fire(news));
    let first = subscribe(&mut peer, "test.news.replayed", None).await;
    let mut resume = json!({});
    for news in 1..=3 {
        let item = peer.next().await["params"].clone();
        assert_eq!((&item["result"], &item["seq"]), (&json!(news), &json!(news)));
        if let Some(epoch) = item.get("epoch") {
            resume["epoch"] = epoch.clone();
        }
        resume["seq"] = item["seq"].clone();
    }
    let gone = request("gone", "rpc.unsubscribe", json!([first]));
    assert_eq!(peer.ask(gone.to_string()).await, result("gone", json!(true)));
    (site, paper, peer, resume)
}

async fn subscribe(peer: &mut RawPeer, method: &str, resume: Option<&Value>) -> Value {
    let mut message = request("s", method, json!([]));
    if let Some(resume) = resume {
        message["ipc"] = json!({ "resume": resume });
    }
    let answer = peer.ask(message.to_string()).await;
    assert!(answer["result"].is_u64(), "{answer}");
    answer["result"].clone()
}

async fn who_comes_back_gets_what_came_meanwhile(framing: Framing) {
    let (_site, paper, mut peer, resume) = reader(framing).await;
    paper.0.fire(4);
    paper.0.fire(5);
    subscribe(&mut peer, "test.news.replayed", Some(&resume)).await;
    for news in 4..=5 {
        let item = peer.next().await["params"].clone();
        assert_eq!((&item["result"], &item["seq"]), (&json!(news), &json!(news)));
    }
    peer.hears_nothing_else().await;
}

async fn who_comes_back_by_a_number_of_its_own_gets_what_came_meanwhile(framing: Framing) {
    let (site, paper, mut peer, resume) = reader(framing).await;
    let mut message = request("s", "test.news.replayed", json!([]));
    message["ipc"] = json!({ "resume": resume, "subscription": 5 });
    paper.0.fire(4);
    assert_eq!(peer.ask(message.to_string()).await, result("s", json!(5)));
    let item = peer.next().await["params"].clone();
    assert_eq!((&item["subscription"], &item["seq"]), (&json!(5), &json!(4)));
    // The same number on another connection, whether this one has ended or not.
    let mut other = site.peer(framing).await;
    drop(peer);
    message["ipc"]["resume"]["seq"] = item["seq"].clone();
    paper.0.fire(5);
    assert_eq!(other.ask(message.to_string()).await, result("s", json!(5)));
    let item = other.next().await["params"].clone();
    assert_eq!((&item["subscription"], &item["seq"]), (&json!(5), &json!(5)));
    other.hears_nothing_else().await;
}

async fn who_comes_back_to_another_source_has_a_gap(framing: Framing) {
    let (_site, paper, mut peer, mut resume) = reader(framing).await;
    resume["epoch"] = json!(1);
    let subscription = subscribe(&mut peer, "test.news.replayed", Some(&resume)).await;
    let gap = peer.next().await["params"].clone();
    assert_eq!(gap, json!({ "subscription": subscription, "gap": true }));
    assert_eq!(peer.next().await["params"]["result"], json!(1));
    drop(paper);
}

async fn who_comes_back_to_a_source_without_replay_has_a_gap(framing: Framing) {
    let (_site, _paper, mut peer, resume) = reader(framing).await;
    let subscription = subscribe(&mut peer, "test.news.counted", Some(&resume)).await;
    let gap = peer.next().await["params"].clone();
    assert_eq!(gap, json!({ "subscription": subscription, "gap": true }));
    assert_eq!(peer.next().await["params"]["result"], json!(1));
}

async fn who_comes_back_hears_of_a_gap_before_there_is_an_item(framing: Framing) {
    let (site, paper) = (Site::new().await, Paper::new());
    site.backend.register(NewsHandler::new(paper.clone())).unwrap();
    let mut peer = site.peer(framing).await;
    let resume = json!({ "epoch": 1, "seq": 7 });
    for method in ["test.news.replayed", "test.news.latest"] {
        let subscription = subscribe(&mut peer, method, Some(&resume)).await;
        let gap = peer.next().await["params"].clone();
        assert_eq!(gap, json!({ "subscription": subscription, "gap": true }));
        peer.hears_nothing_else().await;
        let gone = request("gone", "rpc.unsubscribe", json!([subscription]));
        assert_eq!(peer.ask(gone.to_string()).await, result("gone", json!(true)));
    }
    let subscription = subscribe(&mut peer, "test.news.replayed", Some(&resume)).await;
    assert_eq!(peer.next().await["params"]["gap"], json!(true));
    paper.0.fire(1);
    let item = peer.next().await["params"].clone();
    assert_eq!((&item["subscription"], &item["result"]), (&subscription, &json!(1)));
    peer.hears_nothing_else().await;
}

async fn the_newest_is_read_where_one_item_is_sent_ahead(carrier: TestCarrier) {
    let (backend, paper) = (Backend::new(), Paper::new());
    backend.register(NewsHandler::new(paper.clone())).unwrap();
    let frontend = carrier.connect(&backend).await;
    let news: NewsClient = frontend.open().await.unwrap();
    let mut latest = news.latest().window(1).await.unwrap();
    eventually("it listens", || paper.0.listener_count() == 1).await;
    paper.0.fire(1);
    // Sent ahead; then nothing is, until this one is read.
    let emitter = Arc::new(paper.0.clone());
    assert_eq!(latest.next().await.unwrap().unwrap(), 1);
    for news in 2..=1_000 {
        emitter.fire(news);
        if news % 100 == 0 {
            tokio::task::yield_now().await;
        }
    }
    // One may have been on its way since the first was read; then comes the newest.
    let mut seen = Vec::new();
    while seen.last() != Some(&1_000) {
        seen.push(latest.next().await.unwrap().unwrap());
    }
    assert!(seen.len() <= 2, "{seen:?}");
}
