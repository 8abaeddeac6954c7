//! CONNECT packets, which are handshakes.

use std::time::{Duration, Instant};

use ipc_runtime::{
    Backend, Limits, Token,
    config::{HandshakePolicy, SocketIo},
};
use serde_json::json;

use crate::client::{Client, served, served_by};

#[tokio::test]
async fn who_joins_is_a_peer_that_says_it_is_socket_io() {
    let served = served().await;
    let mut client = Client::connect(&served).await;
    let joined = client.asks("0", "0").await;
    let members: Vec<_> = joined.as_object().unwrap().keys().collect();
    assert_eq!(members, ["sid"]);
    let peer = served.peer();
    assert_eq!(&**peer.endpoint(), "socket.io:/");
    assert_eq!(peer.name().as_deref(), Some("socket.io"));
    client.is_served().await;
}

#[tokio::test]
async fn what_comes_behind_a_connect_waits_for_it() {
    let served = served().await;
    let mut client = Client::connect(&served).await;
    client.say("0").await;
    client.say("20[\"test.everything.add\",2,3]").await;
    assert!(client.hear_json("0").await["sid"].is_string());
    assert_eq!(client.hear_json("30").await, json!([5]));
}

#[tokio::test]
async fn an_event_ahead_of_the_connect_ends_the_session() {
    let served = served().await;
    let mut client = Client::connect(&served).await;
    client.say("20[\"test.everything.add\",2,3]").await;
    client.ends().await;
}

#[tokio::test]
async fn a_session_without_a_connect_ends_after_the_handshake_timeout() {
    let time = Duration::from_millis(300);
    let mut limits = Limits::default();
    limits.handshake_timeout = time;
    let served = served_by(Backend::builder().limits(limits).socket_io(SocketIo::new())).await;
    let begun = Instant::now();
    Client::connect(&served).await.ends().await;
    assert!(begun.elapsed() >= time);
}

#[tokio::test]
async fn who_is_not_let_in_has_no_more_time_for_further_attempts() {
    let time = Duration::from_millis(500);
    let mut limits = Limits::default();
    limits.handshake_timeout = time;
    let builder = Backend::builder().limits(limits).token(Token::generate().unwrap());
    let served = served_by(builder.socket_io(SocketIo::new())).await;
    let begun = Instant::now();
    let mut client = Client::connect(&served).await;
    let mut refusals = 0;
    while client.try_say("0").await {
        refusals += 1;
        assert!(begun.elapsed() < 40 * time, "it may go on for ever");
    }
    assert!(refusals > 1 && begun.elapsed() >= time);
}

#[tokio::test]
async fn a_stranger_sends_nothing_large() {
    let served = served().await;
    let mut client = Client::connect(&served).await;
    client.say(&format!("0{{\"a\":\"{}\"}}", "x".repeat(70_000))).await;
    client.ends().await;
    let mut client = Client::connect(&served).await;
    client.say("51-[\"a\"]").await;
    client.ends().await;
}

#[tokio::test]
async fn the_token_is_shown_in_auth_and_a_wrong_one_is_a_connect_error() {
    let token = Token::generate().unwrap();
    let builder = Backend::builder().token(token.clone()).socket_io(SocketIo::new());
    let served = served_by(builder).await;
    let mut client = Client::connect(&served).await;
    for auth in ["", "{}", "{\"token\":\"another-token-of-some-length\"}"] {
        let refused = client.asks(&format!("0{auth}"), "4").await;
        assert_eq!(refused["data"]["code"], -32001, "{refused}");
        assert!(refused["message"].as_str().unwrap().contains("token"), "{refused}");
    }
    served.has_peers(0).await;
    let right = format!("0{{\"token\":\"{}\"}}", token.expose_secret());
    assert!(client.asks(&right, "0").await["sid"].is_string());
    client.is_served().await;
}

#[tokio::test]
async fn the_cookie_with_the_token_lets_a_client_in_without_auth() {
    let token = Token::generate().unwrap();
    let builder = Backend::builder().token_cookie("key", token.clone());
    let served = served_by(builder.socket_io(SocketIo::new())).await;
    let cookie = format!("key={}", token.expose_secret());
    let mut client = Client::connect_with(&served, &[("cookie", &cookie)]).await;
    assert!(client.asks("0", "0").await["sid"].is_string());
    client.is_served().await;
}

#[tokio::test]
async fn versions_are_compared_without_fingerprints_and_a_misfit_is_a_connect_error() {
    let builder = Backend::builder().handshake(HandshakePolicy::Required);
    let served = served_by(builder.socket_io(SocketIo::new())).await;
    let mut client = Client::connect(&served).await;
    let refused = client.asks("0{\"uses\":{\"test.everything\":\"2.0.0\"}}", "4").await;
    assert_eq!(refused["data"]["code"], -32003, "{refused}");
    assert_eq!(refused["data"]["channel"], "test.everything");
    assert_eq!(refused["data"]["version"], "1.0.0");
    let refused = client.asks("0{\"uses\":{\"nothing\":\"1.0.0\"}}", "4").await;
    assert_eq!(refused["data"]["code"], -32601, "{refused}");
    served.has_peers(0).await;
    let uses = "{\"test.everything\":\"1.0.0\",\"test.slow\":{\"version\":\"1.0.0\"}}";
    assert!(client.asks(&format!("0{{\"uses\":{uses}}}"), "0").await["sid"].is_string());
    client.is_served().await;
}

#[tokio::test]
async fn a_namespace_without_a_channel_is_invalid() {
    let served = served().await;
    let mut client = Client::connect(&served).await;
    client.say("0/random").await;
    assert_eq!(client.hear().await, "4/random,{\"message\":\"Invalid namespace\"}");
    assert!(client.asks("0", "0").await["sid"].is_string());
}
