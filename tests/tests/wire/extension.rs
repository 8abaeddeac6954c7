//! What requests say beside JSON-RPC: the member `ipc`.

use std::{sync::Arc, time::Duration};

use ipc_runtime::{Backend, Limits, Peer};
use ipc_tests::{
    EverythingClient, FeedHandler, Framing, RawPeer, Site, Source, in_time,
    messages::{handshake_answer, request, result},
    on_every_framing,
};
use serde_json::{Value, json};

on_every_framing! {
    a_peer_that_was_never_greeted_is_spoken_to_plainly,
    a_peer_that_was_asked_for_an_interface_is_greeted,
    a_claimed_depth_is_worth_twice_the_places_at_most,
    a_depth_beyond_all_measure_hides_nothing_else,
}

const SOON: Duration = Duration::from_secs(600);

async fn peer_of(site: &Site, raw: &mut RawPeer) -> Peer {
    raw.hears_nothing_else().await;
    site.backend.peers().into_iter().next().unwrap()
}

/// Has the backend call this peer. Gives the request.
async fn called(raw: &mut RawPeer, peer: &Peer) -> Value {
    let call = tokio::spawn(peer.call::<u32>("some.method", &()).timeout(SOON));
    let asked = raw.next().await;
    raw.send(result(asked["id"].clone(), 1).to_string()).await;
    assert_eq!(in_time(call).await.unwrap().unwrap(), 1);
    asked
}

async fn a_peer_that_was_never_greeted_is_spoken_to_plainly(framing: Framing) {
    let site = Site::new().await;
    let mut raw = site.peer(framing).await;
    let peer = peer_of(&site, &mut raw).await;
    let asked = called(&mut raw, &peer).await;
    assert!(asked.get("ipc").is_none(), "{asked}");
    let refused = json!({ "protocol": 77 });
    raw.ask(request(1, "rpc.handshake", refused).to_string()).await;
    let asked = called(&mut raw, &peer).await;
    assert!(asked.get("ipc").is_none(), "{asked}");
    raw.ask(request(1, "rpc.handshake", json!({ "protocol": 1 })).to_string()).await;
    let asked = called(&mut raw, &peer).await;
    assert_eq!(asked["ipc"], json!({ "timeoutMs": SOON.as_millis() as u64 }), "{asked}");
}

async fn a_peer_that_was_asked_for_an_interface_is_greeted(framing: Framing) {
    let site = Site::new().await;
    let mut raw = site.peer(framing).await;
    let peer = peer_of(&site, &mut raw).await;
    let opening = tokio::spawn({
        let peer = peer.clone();
        async move { peer.open::<EverythingClient>().await.unwrap() }
    });
    let hello = raw.next().await;
    assert!(hello.get("ipc").is_none(), "{hello}");
    raw.send(handshake_answer(&hello).to_string()).await;
    in_time(opening).await.unwrap();
    assert!(called(&mut raw, &peer).await["ipc"]["timeoutMs"].is_u64());
}

async fn a_claimed_depth_is_worth_twice_the_places_at_most(framing: Framing) {
    let mut limits = Limits::default();
    limits.max_in_flight = 32;
    let site = Site::of(Backend::builder().limits(limits)).await;
    let mut raw = site.peer(framing).await;
    for id in 0..100_u32 {
        let mut wait = request(id, "test.slow.wait", json!([id]));
        wait["ipc"] = json!({ "depth": u64::from(u8::MAX) * (u64::from(id) + 1) });
        raw.send(wait.to_string()).await;
    }
    for id in 64..100 {
        let answer = raw.next().await;
        assert_eq!((&answer["id"], &answer["error"]["code"]), (&json!(id), &json!(-32009)));
        assert_eq!(answer["error"]["data"], json!({ "limit": "maxInFlight", "value": 64 }));
    }
    raw.hears_nothing_else().await;
    site.gates.have_begun(64).await;
    site.gates.release_all();
}

async fn a_depth_beyond_all_measure_hides_nothing_else(framing: Framing) {
    let site = Site::new().await;
    site.backend.register(FeedHandler::new(Arc::new(Source::default()))).unwrap();
    let mut raw = site.peer(framing).await;
    for depth in [json!(256), json!(u64::MAX), json!(1e100), json!(-1), json!("deep")] {
        let mut work = request(1, "test.feed.work", json!([1]));
        work["ipc"] = json!({ "depth": depth, "progress": 5 });
        assert_eq!(raw.ask(work.to_string()).await["method"], "$/progress", "{depth}");
        assert_eq!(raw.next().await, result(1, 1));
    }
}
