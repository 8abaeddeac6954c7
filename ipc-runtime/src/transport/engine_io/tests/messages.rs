//! Messages, heartbeats and the end of a session.

use std::{sync::atomic::Ordering, time::Duration};

use tokio_tungstenite::tungstenite::Message;

use crate::transport::engine_io::{
    config::EngineConfig,
    tests::{
        echo::{EchoSite, Setup},
        http::{Http, Poller, Ws},
    },
};

fn hasty() -> Setup {
    let mut setup = Setup::default();
    setup.engine = EngineConfig {
        ping_interval: Duration::from_millis(60),
        ping_timeout: Duration::from_millis(200),
        ..setup.engine
    };
    setup
}

#[tokio::test]
async fn text_comes_back_by_polling() {
    let site = EchoSite::new().await;
    let mut poller = Poller::open(&site).await;
    let taken = poller.post("4hello").await;
    assert_eq!((taken.status, &*taken.body), (200, "ok"));
    assert_eq!(taken.header("content-type"), Some("text/html"));
    let answer = poller.get().await;
    assert_eq!((answer.status, &*answer.body), (200, "4hello"));
    assert_eq!(answer.header("content-type"), Some("text/plain; charset=UTF-8"));
}

#[tokio::test]
async fn a_payload_carries_several_packets_of_both_kinds() {
    let site = EchoSite::new().await;
    let mut poller = Poller::open(&site).await;
    let payload = "4größe\x1ebAQIDBA==\x1e4\x1e4three";
    assert_eq!(poller.post(payload).await.body, "ok");
    site.until(|site| site.host.open.load(Ordering::SeqCst) == 1).await;
    let mut came = poller.get().await.body;
    while came.len() < payload.len() {
        came = format!("{came}\x1e{}", poller.get().await.body);
    }
    assert_eq!(came, payload);
}

#[tokio::test]
async fn a_get_waits_for_what_comes_later() {
    let site = EchoSite::new().await;
    let mut poller = Poller::open(&site).await;
    poller.begin_get().await;
    poller.until_get(&site).await;
    poller.post("4late").await;
    assert_eq!(poller.gets.answer().await.body, "4late");
}

#[tokio::test]
async fn messages_of_both_kinds_come_back_on_a_web_socket() {
    let site = EchoSite::new().await;
    let mut ws = Ws::open(&site).await;
    ws.send("4hello").await;
    assert_eq!(ws.text().await, "4hello");
    ws.send_binary(&[1, 2, 3, 4]).await;
    assert_eq!(ws.next().await, Some(Message::binary(vec![1, 2, 3, 4])));
    ws.send("bAQIDBA==").await;
    assert_eq!(ws.next().await, Some(Message::binary(vec![1, 2, 3, 4])));
    for number in 0..1000 {
        ws.send(&format!("4{number}")).await;
    }
    for number in 0..1000 {
        assert_eq!(ws.text().await, format!("4{number}"));
    }
}

#[tokio::test]
async fn a_client_that_asks_for_base64_gets_binary_messages_as_text() {
    let site = EchoSite::new().await;
    let mut ws = Ws::connect(&site, "EIO=4&transport=websocket&b64=1").await.unwrap();
    ws.text().await;
    ws.send_binary(&[1, 2, 3, 4]).await;
    assert_eq!(ws.text().await, "bAQIDBA==");
}

#[tokio::test]
async fn a_body_that_is_no_packets_ends_the_session() {
    let site = EchoSite::new().await;
    for body in ["abc", "", "4good\x1e", "2", "b!"] {
        let mut poller = Poller::open(&site).await;
        assert_eq!(poller.post(body).await.refusal(), (400, 3), "{body:?}");
        poller.is_gone(&site).await;
    }
    site.until_sessions(0).await;
}

#[tokio::test]
async fn a_message_that_is_no_packet_ends_a_web_socket() {
    let site = EchoSite::new().await;
    for text in ["abc", "", "2", "b!"] {
        let mut ws = Ws::open(&site).await;
        ws.send(text).await;
        assert_eq!(ws.closed().await, Some(1008), "{text:?}");
    }
    site.until_sessions(0).await;
}

#[tokio::test]
async fn a_body_over_the_limit_is_refused_and_ends_the_session() {
    let site = EchoSite::new().await;
    let mut poller = Poller::open(&site).await;
    let most = format!("4{}", "x".repeat(9_999));
    assert_eq!(poller.post(&most).await.body, "ok");
    assert_eq!(poller.get().await.body, most);
    assert_eq!(poller.post(&format!("{most}x")).await.status, 413);
    poller.is_gone(&site).await;

    // Also if its length isn't told before.
    let mut poller = Poller::open(&site).await;
    let head = [("Transfer-Encoding", "chunked")];
    poller.gets.send("PATCH", "/socket.io/", &head, "0\r\n\r\n").await;
    poller.gets.answer().await;
    let request = format!(
        "POST {} HTTP/1.1\r\nHost: {}\r\nTransfer-Encoding: chunked\r\n\r\n2711\r\n{most}x\r\n",
        poller.target, site.address
    );
    tokio::io::AsyncWriteExt::write_all(&mut poller.posts.stream, request.as_bytes())
        .await
        .unwrap();
    assert_eq!(poller.posts.answer().await.status, 413);
    poller.is_gone(&site).await;
}

#[tokio::test]
async fn a_message_over_the_limit_ends_a_web_socket() {
    let site = EchoSite::new().await;
    let mut ws = Ws::open(&site).await;
    let most = format!("4{}", "x".repeat(9_999));
    ws.send(&most).await;
    assert_eq!(ws.text().await, most);
    ws.send(&format!("{most}x")).await;
    assert_eq!(ws.closed().await, Some(1009));
    site.until_sessions(0).await;
}

#[tokio::test]
async fn a_second_get_is_refused_and_ends_the_session() {
    let site = EchoSite::new().await;
    let mut poller = Poller::open(&site).await;
    poller.begin_get().await;
    poller.until_get(&site).await;
    let second = Http::connect(&site).await.get(&poller.target).await;
    assert_eq!(second.refusal(), (400, 3));
    let first = poller.gets.answer().await;
    assert_eq!((first.status, &*first.body), (200, "1"));
    poller.is_gone(&site).await;
}

#[tokio::test]
async fn a_second_post_is_refused_and_ends_the_session() {
    let site = EchoSite::new().await;
    let mut poller = Poller::open(&site).await;
    site.host.sleeps.store(true, Ordering::SeqCst);
    // The session has to come by to see that it sleeps.
    poller.post("4a").await;
    poller.posts.send("POST", &poller.target, &[], "4b").await;
    poller.until_post(&site).await;
    let second = Http::connect(&site).await.post(&poller.target, "4c").await;
    assert_eq!(second.refusal(), (400, 3));
    site.host.sleeps.store(false, Ordering::SeqCst);
    poller.is_gone(&site).await;
}

#[tokio::test]
async fn a_post_is_answered_when_there_was_room_for_it() {
    let site = EchoSite::new().await;
    let mut poller = Poller::open(&site).await;
    site.host.sleeps.store(true, Ordering::SeqCst);
    poller.post("4a").await;
    poller.posts.send("POST", &poller.target, &[], "4b").await;
    let answer = poller.posts.answer();
    let early = crate::support::rt::timeout(Duration::from_millis(100), answer).await;
    assert!(early.is_err(), "{early:?}");
    site.host.sleeps.store(false, Ordering::SeqCst);
    assert_eq!(poller.posts.answer().await.body, "ok");
}

#[tokio::test]
async fn a_get_that_is_aborted_ends_the_session() {
    let site = EchoSite::new().await;
    let mut poller = Poller::open(&site).await;
    poller.begin_get().await;
    poller.until_get(&site).await;
    drop(std::mem::replace(&mut poller.gets, Http::connect(&site).await));
    site.until_sessions(0).await;
    poller.is_gone(&site).await;
}

#[tokio::test]
async fn a_post_that_is_aborted_ends_the_session() {
    let site = EchoSite::new().await;
    let mut poller = Poller::open(&site).await;
    let begun = format!(
        "POST {} HTTP/1.1\r\nHost: {}\r\nContent-Length: 100\r\n\r\n4begun",
        poller.target, site.address
    );
    tokio::io::AsyncWriteExt::write_all(&mut poller.posts.stream, begun.as_bytes()).await.unwrap();
    poller.until_post(&site).await;
    drop(std::mem::replace(&mut poller.posts, Http::connect(&site).await));
    site.until_sessions(0).await;
}

#[tokio::test]
async fn a_body_that_rests_is_refused() {
    let mut setup = Setup::default();
    setup.engine = EngineConfig { stall_time: Some(Duration::from_millis(50)), ..setup.engine };
    let site = EchoSite::of(setup).await;
    let mut poller = Poller::open(&site).await;
    let begun = format!(
        "POST {} HTTP/1.1\r\nHost: {}\r\nContent-Length: 100\r\n\r\n4begun",
        poller.target, site.address
    );
    tokio::io::AsyncWriteExt::write_all(&mut poller.posts.stream, begun.as_bytes()).await.unwrap();
    assert_eq!(poller.posts.answer().await.refusal(), (400, 3));
    site.until_sessions(0).await;
}

#[tokio::test]
async fn the_close_packet_of_a_client_ends_its_session() {
    let site = EchoSite::new().await;
    let mut poller = Poller::open(&site).await;
    poller.begin_get().await;
    poller.until_get(&site).await;
    assert_eq!(poller.post("1").await.body, "ok");
    let waited = poller.gets.answer().await;
    assert_eq!((waited.status, &*waited.body), (200, "6"));
    poller.is_gone(&site).await;
    let mut ws = Ws::open(&site).await;
    ws.send("1").await;
    ws.closed().await;
    site.until_sessions(0).await;
}

#[tokio::test]
async fn a_session_that_this_side_closes_is_told_so() {
    let site = EchoSite::new().await;
    let mut poller = Poller::open(&site).await;
    poller.post("4last\x1e4close").await;
    let mut came = poller.get().await.body;
    if came == "4last" {
        came = format!("{came}\x1e{}", poller.get().await.body);
    }
    assert_eq!(came, "4last\x1e1");
    site.until_sessions(0).await;
    poller.is_gone(&site).await;
    let mut ws = Ws::open(&site).await;
    ws.send("4close").await;
    assert_eq!(ws.text().await, "1");
    ws.closed().await;
    site.until_sessions(0).await;
}

#[tokio::test]
async fn pings_are_answered_for_as_long_as_a_session_lasts() {
    let site = EchoSite::of(hasty()).await;
    let mut poller = Poller::open(&site).await;
    for _ in 0..3 {
        assert_eq!(poller.get().await.body, "2");
        assert_eq!(poller.post("3").await.body, "ok");
    }
    poller.post("1").await;
    let mut ws = Ws::open(&site).await;
    for _ in 0..3 {
        assert_eq!(ws.text().await, "2");
        ws.send("3").await;
    }
}

#[tokio::test]
async fn a_client_that_answers_no_ping_is_gone() {
    let site = EchoSite::of(hasty()).await;
    let mut poller = Poller::open(&site).await;
    assert_eq!(poller.get().await.body, "2");
    assert_eq!(poller.get().await.body, "1");
    poller.is_gone(&site).await;
    let mut ws = Ws::open(&site).await;
    assert_eq!(ws.text().await, "2");
    ws.closed().await;
    site.until_sessions(0).await;
}

#[tokio::test]
async fn a_client_that_never_asks_is_gone_even_if_it_sends_pongs() {
    let site = EchoSite::of(hasty()).await;
    let mut poller = Poller::open(&site).await;
    let mut status = 200;
    while status == 200 {
        status = poller.post("3").await.status;
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    site.until_sessions(0).await;
}

#[tokio::test]
async fn a_client_that_never_asks_is_gone_even_if_more_waits_for_it_than_may() {
    let mut setup = hasty();
    setup.engine = EngineConfig { queued_bytes: 10, ..setup.engine };
    let site = EchoSite::of(setup).await;
    let mut poller = Poller::open(&site).await;
    poller.post("4more than ten bytes").await;
    poller.post("4more").await;
    site.until_sessions(0).await;
}

#[tokio::test]
async fn a_client_that_takes_its_answers_goes_on_when_much_has_waited() {
    let mut setup = Setup::default();
    setup.engine = EngineConfig { queued_bytes: 10, ..setup.engine };
    let site = EchoSite::of(setup).await;
    let mut poller = Poller::open(&site).await;
    poller.post("4more than ten bytes").await;
    poller.post("4more").await;
    assert_eq!(poller.get().await.body, "4more than ten bytes");
    assert_eq!(poller.get().await.body, "4more");
}

#[tokio::test]
async fn a_web_socket_that_goes_without_a_word_ends_its_session() {
    let site = EchoSite::new().await;
    drop(Ws::open(&site).await);
    site.until_sessions(0).await;
}

#[tokio::test]
async fn a_client_that_reads_nothing_is_gone() {
    let mut setup = Setup::default();
    setup.engine = EngineConfig {
        stall_time: Some(Duration::from_millis(100)),
        max_payload: 1 << 20,
        ..setup.engine
    };
    let site = EchoSite::of(setup).await;
    let mut ws = Ws::open(&site).await;
    let much = format!("4{}", "x".repeat(1 << 19));
    let sending = async {
        loop {
            let message = Message::text(much.clone());
            if futures_util::SinkExt::send(&mut ws.0, message).await.is_err() {
                break;
            }
        }
    };
    tokio::select! {
        () = sending => {}
        () = site.until_sessions(0) => {}
    }
    site.until_sessions(0).await;
}

#[tokio::test]
async fn a_server_that_stops_ends_its_sessions_and_takes_no_more() {
    let site = EchoSite::new().await;
    let mut poller = Poller::open(&site).await;
    let mut ws = Ws::open(&site).await;
    poller.begin_get().await;
    poller.until_get(&site).await;
    site.server.stop();
    let waited = poller.gets.answer().await;
    assert_eq!((waited.status, &*waited.body), (200, "1"));
    ws.closed().await;
    site.until_sessions(0).await;
    let refused = Ws::connect(&site, "EIO=4&transport=websocket").await.err().unwrap();
    assert_eq!(refused.0, 503);
}

#[tokio::test]
async fn a_client_that_takes_its_time_for_what_is_ahead_of_the_ping_is_not_gone() {
    let timeout = Duration::from_millis(1000);
    let mut setup = Setup::default();
    setup.engine = EngineConfig {
        ping_interval: Duration::from_millis(500),
        ping_timeout: timeout,
        max_payload: 4 << 20,
        ..setup.engine
    };
    let site = EchoSite::of(setup).await;
    let mut poller = Poller::open(&site).await;
    // One answer of polling has no more than one of these.
    let large = format!("4{}", "x".repeat(1 << 20));
    for _ in 0..6 {
        assert_eq!(poller.post(&large).await.body, "ok");
    }
    let (mut came, mut has_ping) = (0, false);
    while came < 6 || !has_ping {
        tokio::time::sleep(timeout * 2 / 5).await;
        let answer = poller.get().await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        for packet in answer.body.split('\x1e') {
            came += usize::from(packet == large);
            has_ping |= packet == "2";
        }
        if has_ping {
            // The connection of the posts has rested for long enough to be closed.
            poller.posts = Http::connect(&site).await;
            poller.post("3").await;
        }
    }
    poller.post("4on").await;
    assert!(poller.get().await.body.contains("4on"));
}
