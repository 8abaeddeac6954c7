//! Large packets, and clients that don't read.

use std::time::Duration;

use ipc_runtime::{Backend, Limits, config::SocketIo};
use serde_json::json;

use crate::client::{Client, served, served_by};

#[tokio::test]
async fn large_packets_travel_both_ways() {
    let served = served().await;
    let mut client = Client::joined(&served).await;
    let text = "x".repeat(3 << 20);
    let echo = client.asks(&format!("21[\"test.everything.echo\",\"{text}\"]"), "31").await;
    assert!(echo == json!([text]));
    let block: Vec<u8> = (0..3 << 20).map(|index: u32| index as u8).collect();
    client.say("51-7[\"test.everything.bytes\",{\"_placeholder\":true,\"num\":0}]").await;
    client.attach(&block).await;
    assert_eq!(client.hear().await, "61-7[{\"_placeholder\":true,\"num\":0}]");
    assert!(client.hear_bytes().await == block);
}

#[tokio::test]
async fn a_client_that_reads_nothing_is_not_read_from_and_loses_nothing() {
    let small = 64 * 1024;
    let mut limits = Limits::default();
    limits.max_message_bytes = small;
    limits.max_queued_bytes = 2 * small;
    let served = served_by(Backend::builder().limits(limits).socket_io(SocketIo::new())).await;
    let mut client = Client::joined(&served).await;
    let mut sent = 0;
    // What can't be written for a while is held back.
    let patience = Duration::from_secs(1);
    // JSON allows it.
    let blanks = " ".repeat(10_000);
    loop {
        let event = format!("2{sent}[\"test.slow.fill\",30000{blanks}]");
        if tokio::time::timeout(patience, client.say(&event)).await.is_err() {
            break;
        }
        sent += 1;
        assert!(sent < 10_000, "all of it was taken in");
    }
    for _ in 0..sent {
        let answer = client.hear().await;
        assert!(answer.starts_with('3'), "{answer}");
    }
}

#[tokio::test]
async fn what_comes_for_a_namespace_that_was_just_left_is_passed_over_with_its_attachments() {
    let served = served().await;
    let mut client = Client::joined(&served).await;
    client.say("1").await;
    client.say("51-[\"block\",{\"_placeholder\":true,\"num\":0}]").await;
    client.attach(b"abc").await;
    assert!(client.asks("0", "0").await["sid"].is_string());
    client.is_served().await;
}
