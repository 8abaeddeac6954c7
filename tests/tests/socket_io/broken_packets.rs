//! What isn't Socket.IO.

use std::time::{Duration, Instant};

use ipc_runtime::{Backend, Limits, config::SocketIo};
use serde_json::json;

use crate::client::{Client, served, served_by};

#[tokio::test]
async fn what_breaks_the_protocol_ends_the_session_and_nobody_elses() {
    let served = served().await;
    let mut other = Client::joined(&served).await;
    for packet in [
        "abc",
        "8",
        "0",
        "2{}",
        "2[]",
        "2[true]",
        "2[\"a\"",
        "2[\"a\"]x",
        "2abc[\"a\",1]",
        "2[\"connect\"]",
        "2[\"disconnecting\"]",
        "29007199254740992[\"a\"]",
        "3[1]",
        "30{}",
        "4{}",
        "1[]",
        "2/other,[\"a\"]",
        "5[\"a\"]",
        "5x-[\"a\"]",
        "51001-[\"a\"]",
    ] {
        let mut client = Client::joined(&served).await;
        client.say(packet).await;
        client.ends().await;
    }
    other.is_served().await;
    served.has_peers(1).await;
}

#[tokio::test]
async fn attachments_that_dont_fit_end_the_session() {
    let mut limits = Limits::default();
    limits.max_message_bytes = 10_000;
    let served = served_by(Backend::builder().limits(limits).socket_io(SocketIo::new())).await;
    let begun = "52-1[\"test.everything.bytes\",{\"_placeholder\":true,\"num\":0}]";
    // One that no packet has told of.
    let mut client = Client::joined(&served).await;
    client.attach(b"a").await;
    client.ends().await;
    // Text instead of one.
    let mut client = Client::joined(&served).await;
    client.say(begun).await;
    client.say("20[\"test.everything.add\",2,3]").await;
    client.ends().await;
    // A place without one.
    let mut client = Client::joined(&served).await;
    client.say("51-1[\"test.everything.bytes\",{\"_placeholder\":true,\"num\":1}]").await;
    client.attach(b"a").await;
    client.ends().await;
    // Too much together.
    let mut client = Client::joined(&served).await;
    client.say(begun).await;
    client.attach(&[0; 6000]).await;
    client.attach(&[0; 6000]).await;
    client.ends().await;
    served.has_peers(0).await;
}

#[tokio::test]
async fn attachments_that_dont_come_end_the_session_in_time() {
    let time = Duration::from_millis(300);
    let mut limits = Limits::default();
    limits.frame_timeout = Some(time);
    let served = served_by(Backend::builder().limits(limits).socket_io(SocketIo::new())).await;
    let mut client = Client::joined(&served).await;
    let begun = Instant::now();
    client.say("51-1[\"test.everything.bytes\",{\"_placeholder\":true,\"num\":0}]").await;
    client.ends().await;
    assert!(begun.elapsed() >= time);
    served.has_peers(0).await;
}

#[tokio::test]
async fn an_event_that_is_nested_too_deep_fails_alone() {
    let served = served().await;
    let mut client = Client::joined(&served).await;
    let deep = format!("[\"test.everything.echo\",{}1{}]", "[".repeat(500), "]".repeat(500));
    let refused = client.asks(&format!("21{deep}"), "31").await;
    assert_eq!(refused[0]["error"]["code"], -32600, "{refused}");
    client.say(&format!("2{deep}")).await;
    client.is_served().await;
}

#[tokio::test]
async fn half_a_surrogate_pair_is_replaced() {
    let served = served().await;
    let mut client = Client::joined(&served).await;
    let echo = client.asks("21[\"test.everything.echo\",\"a\\ud83d\"]", "31").await;
    assert_eq!(echo, json!(["a\u{fffd}"]));
}
