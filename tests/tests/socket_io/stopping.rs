//! The end of peers, sessions and backends.

use std::time::Duration;

use ipc_runtime::{Backend, Limits, config::SocketIo};
use ipc_tests::in_time;
use serde_json::json;

use crate::client::{Client, served, served_by};

#[tokio::test]
async fn a_client_that_disconnects_is_gone_and_may_join_again() {
    let served = served().await;
    let mut client = Client::joined(&served).await;
    let peer = served.peer();
    client.say("1").await;
    // It was sent before the client knew.
    client.say("21[\"test.everything.add\",2,3]").await;
    in_time(peer.closed()).await;
    assert!(client.asks("0", "0").await["sid"].is_string());
    client.is_served().await;
}

#[tokio::test]
async fn a_client_that_leaves_a_namespace_and_says_nothing_more_is_gone_at_once() {
    let socket_io = SocketIo::new().ping_interval(Duration::from_secs(600));
    let mut limits = Limits::default();
    limits.handshake_timeout = Duration::from_secs(600);
    let served = served_by(Backend::builder().limits(limits).socket_io(socket_io)).await;
    let mut client = Client::joined(&served).await;
    let peer = served.peer();
    client.say("1").await;
    in_time(peer.closed()).await;
    assert!(client.asks("0", "0").await["sid"].is_string());
}

#[tokio::test]
async fn a_peer_that_ends_is_told_so_and_may_join_again() {
    let served = served().await;
    let mut client = Client::joined(&served).await;
    served.peer().close().await;
    assert_eq!(client.hear().await, "1");
    assert!(client.asks("0", "0").await["sid"].is_string());
    client.is_served().await;
}

#[tokio::test]
async fn a_backend_that_stops_answers_what_runs_then_ends_the_session() {
    let served = served().await;
    let mut client = Client::joined(&served).await;
    client.say("21[\"test.slow.wait\",1]").await;
    in_time(served.gates.began(1)).await;
    let backend = served.backend.clone();
    let stopping = tokio::spawn(async move { backend.stop(Duration::from_secs(30)).await });
    let refused = loop {
        let answer = client.asks("22[\"test.everything.add\",2,3]", "32").await;
        if answer != json!([5]) {
            break answer;
        }
    };
    assert_eq!(refused[0]["error"]["code"], -32005, "{refused}");
    served.gates.release(1);
    assert_eq!(client.hear_json("31").await, json!([1]));
    // Without a DISCONNECT, after which clients don't come back to the next backend.
    client.ends().await;
    in_time(stopping).await.unwrap();
}

#[tokio::test]
async fn the_handlers_of_a_client_that_is_gone_are_dropped() {
    let served = served().await;
    let mut client = Client::joined(&served).await;
    client.say("21[\"test.slow.wait\",1]").await;
    in_time(served.gates.began(1)).await;
    drop(client);
    let ending = in_time(served.gates.ended(1)).await;
    assert_eq!(ending, ipc_tests::HandlerEnding::Dropped);
}
