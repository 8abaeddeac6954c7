//! A side that is there and says nothing is told from one that is gone.

use std::time::Duration;

use futures_util::SinkExt;
use ipc_runtime::{Backend, Endpoint, ErrorKind, Frontend, Limits, error::DisconnectReason};
use ipc_tests::{
    EverythingClient, EverythingHandler, EverythingService, Framing, Site, TestCarrier, WebSocket,
    eventually, in_time, messages::request,
};
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt, duplex};
use tokio_tungstenite::tungstenite::Message;

/// A pulse of so many milliseconds.
fn pulse(milliseconds: u64) -> Limits {
    let mut limits = Limits::default();
    limits.heartbeat = Some(Duration::from_millis(milliseconds));
    limits
}

fn backend(milliseconds: u64) -> Backend {
    let backend = Backend::builder().limits(pulse(milliseconds)).build();
    backend.register(EverythingHandler::new(EverythingService::default())).unwrap();
    backend
}

#[tokio::test]
async fn a_frozen_backend_is_noticed_and_calls_fail() {
    in_time(async {
        let (ours, mut near) = duplex(4096);
        let (mut far, theirs) = duplex(4096);
        let backend = backend(60);
        backend.accept(theirs);
        // As long as this goes on, both hear each other.
        let connected = {
            let connect = Frontend::builder().limits(pulse(60)).over(ours);
            let copy = tokio::io::copy_bidirectional(&mut near, &mut far);
            tokio::select! {
                frontend = connect => frontend.unwrap(),
                _ = copy => panic!("it ended"),
            }
        };
        let everything: EverythingClient = connected.client();
        // Nobody hands on anything any more, and nobody says so.
        let call = tokio::spawn(everything.add(1, 2));
        let reason = connected.closed().await;
        assert!(matches!(reason, DisconnectReason::Unresponsive), "{reason}");
        let error = call.await.unwrap().unwrap_err();
        assert!(error.kind() == ErrorKind::Disconnected, "{error}");
        // The backend misses its frontend as well.
        eventually("the backend has noticed", || backend.connection_count() == 0).await;
        drop((near, far));
    })
    .await;
}

#[tokio::test]
async fn who_is_quiet_but_answers_stays() {
    in_time(async {
        // Long enough for a machine that is busy with other things to answer in time.
        let backend = backend(1_000);
        let endpoint = TestCarrier::memory().listen(&backend).await;
        let frontend = Frontend::builder().limits(pulse(1_000)).connect(endpoint).await.unwrap();
        let everything: EverythingClient = frontend.open().await.unwrap();
        // More than the two in which a dead one would be noticed.
        tokio::time::sleep(Duration::from_millis(2_500)).await;
        assert_eq!(everything.add(1, 2).await.unwrap(), 3);
        assert!(frontend.is_connected());
    })
    .await;
}

#[tokio::test]
async fn a_raw_peer_that_shook_hands_is_asked_and_one_that_did_not_is_left_alone() {
    in_time(async {
        let backend = backend(60);
        let (mut plain, theirs) = duplex(4096);
        backend.accept(theirs);
        plain.write_all(b"{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"rpc.ping\"}\n").await.unwrap();
        let (mut greeted, theirs) = duplex(4096);
        backend.accept(theirs);
        let hello = b"{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"rpc.handshake\",\"params\":{\"protocol\":1,\"heartbeatMs\":60}}\n";
        greeted.write_all(hello).await.unwrap();
        let mut said = String::new();
        // It is asked, and then given up.
        greeted.read_to_string(&mut said).await.unwrap();
        assert!(said.contains("\"heartbeatMs\":60") && said.contains("\"rpc.ping\""), "{said}");
        assert_eq!(backend.connection_count(), 1);
        let mut answer = [0; 64];
        let read = plain.read(&mut answer).await.unwrap();
        assert!(!String::from_utf8_lossy(&answer[..read]).contains("rpc.ping"));
        let more = tokio::time::timeout(Duration::from_millis(200), plain.read(&mut answer)).await;
        assert!(more.is_err(), "a plain client is asked nothing");
    })
    .await;
}

#[tokio::test]
async fn a_large_message_on_its_way_is_a_sign_of_life() {
    in_time(async {
        let (ours, near) = duplex(16 * 1024);
        let (far, theirs) = duplex(16 * 1024);
        let backend = backend(200);
        backend.accept(theirs);
        let ((mut near_read, mut near_write), (mut far_read, mut far_write)) =
            (tokio::io::split(near), tokio::io::split(far));
        // The way there takes several intervals for a megabyte.
        tokio::spawn(async move {
            let mut buffer = vec![0; 8 * 1024];
            while let Ok(read @ 1..) = near_read.read(&mut buffer).await {
                far_write.write_all(&buffer[..read]).await.unwrap();
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        });
        tokio::spawn(async move { tokio::io::copy(&mut far_read, &mut near_write).await });
        let frontend = Frontend::builder().limits(pulse(200)).over(ours).await.unwrap();
        let everything: EverythingClient = frontend.open().await.unwrap();
        let text = "x".repeat(1024 * 1024);
        assert_eq!(everything.maybe_borrowed(Some(&text)).await.unwrap(), Some(text.len()));
    })
    .await;
}

#[tokio::test]
async fn who_has_gone_is_missed_however_much_waits_for_it() {
    for framing in [Framing::Native, Framing::WebSocket] {
        let mut limits = pulse(300);
        (limits.max_message_bytes, limits.max_queued_bytes) = (64 * 1024, 256 * 1024);
        let site = Site::of(Backend::builder().limits(limits)).await;
        let mut peer = site.peer(framing).await;
        let hello = json!({ "protocol": 1, "heartbeatMs": 300 });
        peer.ask(request("h", "rpc.handshake", hello).to_string()).await;
        // More than sockets hold, so that it isn't read from in the end.
        for id in 0..1000 {
            let fill = request(id, "test.slow.fill", json!([10_000])).to_string();
            let sent = tokio::time::timeout(Duration::from_millis(100), peer.send(fill)).await;
            if sent.is_err() || site.backend.connection_count() == 0 {
                break;
            }
        }
        let what = format!("{framing:?}: it has gone");
        eventually(&what, || site.backend.connection_count() == 0).await;
        drop(peer);
    }
}

const PING: &str = r#"{"jsonrpc":"2.0","id":1,"method":"rpc.ping"}"#;

#[tokio::test]
async fn a_web_socket_of_any_client_is_pinged_and_stays_while_it_answers() {
    // Long enough for a machine that is busy with other things to answer in time.
    let backend = backend(1_000);
    let endpoint = TestCarrier::web_socket().listen(&backend).await;
    let mut plain = WebSocket::connect(&endpoint, &[]).await.unwrap();
    for _ in 0..4 {
        // It is answered with the next read. Four come only if the answers count.
        let said = plain.next_message().await;
        assert!(matches!(said, Some(Message::Ping(_))), "{said:?}");
    }
    plain.send(PING).await;
    assert_eq!(plain.next_text().await["id"], 1);
    assert_eq!(backend.connection_count(), 1);
}

#[tokio::test]
async fn a_web_socket_that_answers_no_ping_is_ended() {
    let backend = backend(100);
    let reasons = std::sync::Arc::new(std::sync::Mutex::new(Vec::new()));
    let kept = reasons.clone();
    backend.peer_disconnected().on(move |(_, reason)| {
        kept.lock().unwrap().push(reason.to_string());
    });
    let endpoint = TestCarrier::web_socket().listen(&backend).await;
    let mut frozen = WebSocket::connect(&endpoint, &[]).await.unwrap();
    let reads = frozen.stream.get_mut();
    let mut header = [0; 2];
    in_time(reads.read_exact(&mut header)).await.unwrap();
    assert_eq!(header, [0x89, 0], "a ping");
    eventually("it has gone", || backend.connection_count() == 0).await;
    eventually("it is told why", || !reasons.lock().unwrap().is_empty()).await;
    let reasons = reasons.lock().unwrap().clone();
    assert_eq!(reasons, [DisconnectReason::Unresponsive.to_string()]);
}

/// Those that are asked by a ping of the WebSocket, and those that are by `rpc.ping`.
fn with_and_without_hello() -> [Option<String>; 2] {
    let hello = json!({ "protocol": 1, "heartbeatMs": 1_000 });
    [None, Some(request("h", "rpc.handshake", hello).to_string())]
}

#[tokio::test]
async fn a_large_message_on_its_way_over_a_web_socket_is_a_sign_of_life() {
    let backend = backend(1_000);
    let endpoint = TestCarrier::web_socket().listen(&backend).await;
    for hello in with_and_without_hello() {
        let mut slow = WebSocket::connect(&endpoint, &[]).await.unwrap();
        if let Some(hello) = hello {
            slow.ask(hello).await;
        }
        let message = format!("{PING}{}", " ".repeat(50_000));
        let mut frame = vec![0x81, 0x80 | 126];
        frame.extend(u16::try_from(message.len()).unwrap().to_be_bytes());
        frame.extend([0; 4]);
        frame.extend(message.as_bytes());
        // More than the two intervals in which it would be missed. It answers nothing meanwhile.
        for part in frame.chunks(frame.len().div_ceil(50)) {
            in_time(slow.stream.get_mut().write_all(part)).await.unwrap();
            tokio::time::sleep(Duration::from_millis(60)).await;
        }
        while slow.next_text().await["id"] != 1 {}
    }
}

#[tokio::test]
async fn a_large_message_that_is_taken_slowly_from_a_web_socket_is_a_sign_of_life() {
    let mut limits = pulse(1_000);
    limits.max_message_bytes = 64 * 1024 * 1024;
    let site = Site::of(Backend::builder().limits(limits)).await;
    let Endpoint::WebSocket { port, .. } = site.web_socket else { panic!() };
    for hello in with_and_without_hello() {
        let socket = tokio::net::TcpSocket::new_v4().unwrap();
        // What the system keeps by itself comes in at once.
        socket.set_recv_buffer_size(16 * 1024).unwrap();
        let stream = socket.connect(([127, 0, 0, 1], port).into()).await.unwrap();
        let url = site.web_socket.to_string();
        let (mut slow, _) = tokio_tungstenite::client_async(url, stream).await.unwrap();
        let size = 24 * 1024 * 1024;
        let fill = request(1, "test.slow.fill", json!([size])).to_string();
        for text in hello.into_iter().chain([fill]) {
            slow.send(Message::text(text)).await.unwrap();
        }
        let stream = slow.get_mut();
        let (mut read, mut buffer) = (0, vec![0; 256 * 1024]);
        while read < size {
            let some = in_time(stream.read(&mut buffer)).await.unwrap();
            assert!(some > 0, "it was cut off behind {read} bytes");
            read += some;
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    }
}

/// The timers of the sockets that are connected to this port, as the system tells: 02 is that of
/// keepalive.
#[cfg(target_os = "linux")]
fn timers(port: u16) -> Vec<String> {
    let table = std::fs::read_to_string("/proc/net/tcp").unwrap();
    let rows = table.lines().skip(1).map(|row| row.split_whitespace().collect::<Vec<_>>());
    let (port, established) = (format!(":{port:04X}"), "01");
    let ours = rows.filter(|row| {
        (row[1].ends_with(&port) || row[2].ends_with(&port)) && row[3] == established
    });
    ours.map(|row| row[5][..2].to_owned()).collect()
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn sockets_of_both_sides_are_kept_alive_by_the_system_too() {
    let backend = backend(60_000);
    let endpoint = TestCarrier::web_socket().listen(&backend).await;
    let Endpoint::WebSocket { port, .. } = endpoint else { panic!("{endpoint}") };
    let frontend = Frontend::connect(endpoint).await.unwrap();
    // While something isn't acknowledged yet, another timer runs.
    eventually("both have one", || timers(port) == ["02", "02"]).await;
    assert!(frontend.is_connected());
}
