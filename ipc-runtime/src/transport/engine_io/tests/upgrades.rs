//! The upgrade from polling to a WebSocket.

use std::{sync::atomic::Ordering, time::Duration};

use crate::transport::engine_io::{
    config::EngineConfig,
    tests::{
        echo::{EchoSite, Setup},
        http::{Http, Poller, Ws},
    },
};

#[tokio::test]
async fn a_session_goes_on_with_its_web_socket() {
    let site = EchoSite::new().await;
    let mut poller = Poller::open(&site).await;
    let mut ws = Ws::upgrade(&site, &poller.sid).await.unwrap();
    ws.send("2probe").await;
    assert_eq!(ws.text().await, "3probe");
    assert_eq!(poller.get().await.body, "6");
    ws.send("5").await;
    ws.send("4hello").await;
    assert_eq!(ws.text().await, "4hello");
    assert_eq!(poller.get().await.refusal(), (400, 3));
    assert_eq!(poller.post("4x").await.refusal(), (400, 3));
    assert_eq!(Ws::upgrade(&site, &poller.sid).await.err().unwrap().0, 400);
    ws.send("4still").await;
    assert_eq!(ws.text().await, "4still");
    drop(ws);
    site.until_sessions(0).await;
}

#[tokio::test]
async fn a_get_that_waits_ends_when_the_web_socket_works() {
    let site = EchoSite::new().await;
    let mut poller = Poller::open(&site).await;
    poller.begin_get().await;
    poller.until_get(&site).await;
    let mut ws = Ws::upgrade(&site, &poller.sid).await.unwrap();
    ws.send("2probe").await;
    assert_eq!(ws.text().await, "3probe");
    assert_eq!(poller.gets.answer().await.body, "6");
}

#[tokio::test]
async fn messages_around_an_upgrade_come_once_and_in_order() {
    let site = EchoSite::new().await;
    for _ in 0..20 {
        let mut poller = Poller::open(&site).await;
        let mut came = Vec::new();
        let mut collect = |payload: &str| {
            came.extend(payload.split('\x1e').filter(|p| p.starts_with('4')).map(str::to_owned));
        };
        poller.post("40\x1e41\x1e42").await;
        let mut ws = Ws::upgrade(&site, &poller.sid).await.unwrap();
        ws.send("2probe").await;
        poller.post("43\x1e44").await;
        assert_eq!(ws.text().await, "3probe");
        // The client's polls end by the noop, or by a message before it.
        collect(&poller.get().await.body);
        poller.post("45\x1e46").await;
        ws.send("5").await;
        ws.send("47").await;
        ws.send("48").await;
        while came.len() < 9 {
            came.push(ws.text().await);
        }
        let expected: Vec<_> = (0..9).map(|number| format!("4{number}")).collect();
        assert_eq!(came, expected);
    }
}

#[tokio::test]
async fn an_upgrade_that_isnt_finished_is_given_up_and_polling_goes_on() {
    let mut setup = Setup::default();
    setup.engine = EngineConfig { upgrade_timeout: Duration::from_millis(50), ..setup.engine };
    let site = EchoSite::of(setup).await;
    for probes in [false, true] {
        let mut poller = Poller::open(&site).await;
        let mut ws = Ws::upgrade(&site, &poller.sid).await.unwrap();
        if probes {
            ws.send("2probe").await;
            assert_eq!(ws.text().await, "3probe");
        }
        ws.closed().await;
        assert_eq!(poller.post("4on").await.body, "ok");
        let mut body = poller.get().await.body;
        if body == "6" {
            body = poller.get().await.body;
        }
        assert_eq!(body, "4on");
        // Another try is let in.
        let mut ws = Ws::upgrade(&site, &poller.sid).await.unwrap();
        ws.send("2probe").await;
        assert_eq!(ws.text().await, "3probe");
        ws.send("5").await;
        ws.send("4done").await;
        assert_eq!(ws.text().await, "4done");
    }
}

#[tokio::test]
async fn a_web_socket_that_doesnt_probe_is_closed_and_polling_goes_on() {
    let site = EchoSite::new().await;
    for first in ["4hello", "5", "2", "abc"] {
        let mut poller = Poller::open(&site).await;
        let mut ws = Ws::upgrade(&site, &poller.sid).await.unwrap();
        ws.send(first).await;
        assert_eq!(ws.closed().await, Some(1008), "{first}");
        poller.post("4on").await;
        assert_eq!(poller.get().await.body, "4on");
    }
}

#[tokio::test]
async fn one_upgrade_is_tried_at_a_time() {
    let site = EchoSite::new().await;
    let poller = Poller::open(&site).await;
    let mut ws = Ws::upgrade(&site, &poller.sid).await.unwrap();
    assert_eq!(Ws::upgrade(&site, &poller.sid).await.err().unwrap().0, 400);
    ws.send("2probe").await;
    assert_eq!(ws.text().await, "3probe");
    ws.send("5").await;
    ws.send("4a").await;
    assert_eq!(ws.text().await, "4a");
}

#[tokio::test]
async fn a_session_that_ends_while_it_upgrades_takes_its_web_socket_along() {
    let site = EchoSite::new().await;
    let mut poller = Poller::open(&site).await;
    let mut ws = Ws::upgrade(&site, &poller.sid).await.unwrap();
    ws.send("2probe").await;
    assert_eq!(ws.text().await, "3probe");
    poller.post("1").await;
    site.until_sessions(0).await;
    ws.send("5").await;
    ws.closed().await;
}

#[tokio::test]
async fn a_connection_that_has_polled_may_become_a_web_socket() {
    let site = EchoSite::new().await;
    let mut poller = Poller::open(&site).await;
    poller.post("4a").await;
    assert_eq!(poller.get().await.body, "4a");
    let target = format!("/socket.io/?EIO=4&transport=websocket&sid={}", poller.sid);
    let headers = [
        ("Connection", "Upgrade"),
        ("Upgrade", "websocket"),
        ("Sec-WebSocket-Version", "13"),
        ("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="),
    ];
    let answer = poller.gets.get_with(&target, &headers).await;
    assert_eq!(answer.status, 101);
    assert_eq!(answer.header("sec-websocket-accept"), Some("s3pPLMBiTxaQ9kYGzzhZRbK+xOo="));
    let Http { stream, .. } = poller.gets;
    let client = tokio_tungstenite::tungstenite::protocol::Role::Client;
    let stream = tokio_tungstenite::WebSocketStream::from_raw_socket(stream, client, None).await;
    let mut ws = Ws(stream);
    ws.send("2probe").await;
    assert_eq!(ws.text().await, "3probe");
    ws.send("5").await;
    ws.send("4b").await;
    assert_eq!(ws.text().await, "4b");
}

#[tokio::test]
async fn a_pong_that_came_by_polling_counts_after_the_upgrade() {
    let mut setup = Setup::default();
    setup.engine = EngineConfig {
        ping_interval: Duration::from_millis(20),
        ping_timeout: Duration::from_secs(1),
        ..setup.engine
    };
    let site = EchoSite::of(setup).await;
    let mut poller = Poller::open(&site).await;
    assert_eq!(poller.get().await.body, "2");
    // The session's task looks at nothing after this message.
    site.host.sleeps.store(true, Ordering::SeqCst);
    poller.post("4a").await;
    assert_eq!(poller.get().await.body, "4a");
    assert_eq!(poller.post("3").await.body, "ok");
    let mut ws = Ws::upgrade(&site, &poller.sid).await.unwrap();
    ws.send("2probe").await;
    assert_eq!(ws.text().await, "3probe");
    ws.send("5").await;
    while poller.get().await.status != 400 {}
    site.host.sleeps.store(false, Ordering::SeqCst);
    assert_eq!(ws.text().await, "2");
}
