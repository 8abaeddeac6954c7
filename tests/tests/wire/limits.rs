//! Limits: what is beyond them is told, and the connection lives where it can.

use std::time::Duration;

use ipc_runtime::{Backend, CallError, ErrorKind, Frontend, Limits};
use ipc_tests::{
    EverythingClient, EverythingHandler, EverythingService, Gates, SlowClient, SlowHandler,
    TestCarrier, eventually, in_time, on_every_carrier, poll_once,
};

on_every_carrier! {
    a_request_that_is_too_large_fails_before_it_is_sent,
    a_reply_that_is_too_large_for_the_frontend_is_one_calls_error,
    calls_wait_while_the_backend_takes_no_more,
    a_call_that_a_limit_refuses_is_known_not_to_have_run,
    opening_a_client_does_not_wait_for_calls_in_flight,
    more_connections_than_allowed_are_told_and_closed,
}

const SMALL: usize = 10_000;

fn small() -> Limits {
    let mut limits = Limits::default();
    limits.max_message_bytes = SMALL;
    limits
}

fn served(limits: Limits) -> (Backend, Gates) {
    let backend = Backend::builder().limits(limits).build();
    let gates = Gates::new();
    backend.register(SlowHandler::new(gates.clone())).unwrap();
    backend.register(EverythingHandler::new(EverythingService::default())).unwrap();
    (backend, gates)
}

async fn a_request_that_is_too_large_fails_before_it_is_sent(carrier: TestCarrier) {
    let (backend, _) = served(small());
    let frontend = carrier.connect(&backend).await;
    let all: EverythingClient = frontend.open().await.unwrap();
    match all.echo("x".repeat(SMALL)).await {
        Err(error) if error.kind() == ErrorKind::TooLarge && !error.may_have_run() => {
            let (method, size) = (error.method(), error.size().unwrap());
            assert_eq!((method, error.limit()), ("test.everything.echo", Some(SMALL as u64)));
            assert!(size > SMALL as u64 && size < SMALL as u64 + 200, "{size}");
        }
        other => panic!("{other:?}"),
    }
    let failed = all.note("x".repeat(SMALL)).await;
    assert!(matches!(&failed, Err(error) if error.kind() == ErrorKind::TooLarge), "{failed:?}");
    // The largest one that fits, and so does its reply.
    let fits = "x".repeat(SMALL - 100);
    assert_eq!(all.echo(fits.clone()).await.unwrap(), fits);
    assert!(frontend.is_connected());
}

async fn a_reply_that_is_too_large_for_the_frontend_is_one_calls_error(carrier: TestCarrier) {
    let (backend, gates) = served(Limits::default());
    let endpoint = carrier.listen(&backend).await;
    let frontend = carrier.builder().limits(small()).connect(endpoint).await.unwrap();
    let slow: SlowClient = frontend.open().await.unwrap();
    match slow.fill(SMALL).await {
        Err(error) if error.kind() == ErrorKind::TooLarge && error.may_have_run() => {
            let (method, size) = (error.method(), error.size().unwrap());
            assert_eq!((method, error.limit()), ("test.slow.fill", Some(SMALL as u64)));
            assert!(size > SMALL as u64, "{size}");
        }
        other => panic!("{other:?}"),
    }
    gates.release_all();
    let failed = slow.fill_later(1, SMALL).await;
    assert!(matches!(&failed, Err(error) if error.kind() == ErrorKind::TooLarge), "{failed:?}");
    assert_eq!(slow.fill(SMALL - 100).await.unwrap().len(), SMALL - 100);
    let all: EverythingClient = frontend.open().await.unwrap();
    match all.list(&"/d".repeat(SMALL / 2)).await {
        Err(CallError::Ipc(error)) if error.kind() == ErrorKind::TooLarge => {}
        other => panic!("{other:?}"),
    }
}

async fn calls_wait_while_the_backend_takes_no_more(carrier: TestCarrier) {
    let mut limits = Limits::default();
    limits.max_in_flight = 3;
    let (backend, gates) = served(limits);
    let frontend = carrier.connect(&backend).await;
    let slow: SlowClient = frontend.open().await.unwrap();
    let calls: Vec<_> = (0..50).map(|call| tokio::spawn(slow.wait(call))).collect();
    for call in 0..50 {
        gates.have_begun((call + 1).min(50)).await;
        let begun = gates.order();
        assert!(begun.len() <= call + 3, "{begun:?}");
        // Whichever came first: they are let go one by one.
        gates.release(begun[call]);
    }
    for (call, reply) in calls.into_iter().enumerate() {
        assert_eq!(reply.await.unwrap().unwrap() as usize, call);
    }
    // A place is given back by whoever is cancelled while it waits for one.
    let gone = Gates::order(&gates).len();
    let holding: Vec<_> = (100..103).map(|call| tokio::spawn(slow.wait(call))).collect();
    gates.have_begun(gone + 3).await;
    let mut waiting = slow.wait(103);
    assert!(poll_once(&mut waiting).await.is_none());
    let last = tokio::spawn(slow.wait(104));
    drop(waiting);
    gates.release_all();
    assert_eq!(last.await.unwrap().unwrap(), 104);
    for call in holding {
        call.await.unwrap().unwrap();
    }
    assert!(!gates.order().contains(&103));
}

async fn a_call_that_a_limit_refuses_is_known_not_to_have_run(carrier: TestCarrier) {
    let mut limits = Limits::default();
    limits.max_in_flight_total = 1;
    let (backend, gates) = served(limits);
    let endpoint = carrier.listen(&backend).await;
    let mut clients = Vec::new();
    for _ in 0..2 {
        let frontend = carrier.builder().connect(endpoint.clone()).await.unwrap();
        clients.push(frontend.open::<SlowClient>().await.unwrap());
    }
    let running = tokio::spawn(clients[0].wait(1));
    // The handler has begun before its call is counted.
    in_time(gates.began(1)).await;
    eventually("it is counted", || backend.usage().running_handlers == 1).await;
    let refused = in_time(clients[1].wait(2)).await.unwrap_err();
    assert_eq!((refused.kind(), refused.method()), (ErrorKind::LimitReached, "test.slow.wait"));
    assert!(!refused.may_have_run(), "{refused}");
    let object = refused.error_object().unwrap();
    assert_eq!(object.code, -32009);
    let data = object.data.as_ref().unwrap().get();
    assert_eq!(data, r#"{"limit":"maxInFlightTotal","value":1}"#);
    gates.release_all();
    assert_eq!(in_time(running).await.unwrap().unwrap(), 1);
    assert_eq!(gates.order(), [1]);
}

async fn opening_a_client_does_not_wait_for_calls_in_flight(carrier: TestCarrier) {
    let mut limits = Limits::default();
    limits.max_in_flight = 1;
    let (backend, gates) = served(limits);
    let frontend = carrier.connect(&backend).await;
    let slow: SlowClient = frontend.open().await.unwrap();
    let call = tokio::spawn(slow.wait(1));
    gates.began(1).await;
    let opened = frontend.open::<EverythingClient>().await;
    assert!(opened.is_ok(), "the handshake is no call of anybody's: {opened:?}");
    gates.release(1);
    assert_eq!(call.await.unwrap().unwrap(), 1);
}

async fn more_connections_than_allowed_are_told_and_closed(carrier: TestCarrier) {
    let mut limits = Limits::default();
    limits.max_connections = 2;
    let (backend, _) = served(limits);
    let endpoint = carrier.listen(&backend).await;
    let first = carrier.builder().connect(&endpoint).await.unwrap();
    let second = carrier.builder().connect(&endpoint).await.unwrap();
    let why = carrier.builder().connect(&endpoint).await.unwrap_err().to_string();
    assert!(why.contains("has as many connections as it may (max_connections: 2)"), "{why}");
    assert!(second.open::<SlowClient>().await.is_ok());
    drop(first);
    eventually("its place is free", || backend.connection_count() == 1).await;
    let third = async {
        loop {
            if let Ok(third) = carrier.builder().connect(&endpoint).await {
                break third;
            }
        }
    };
    assert!(third.await.open::<SlowClient>().await.is_ok());
}

#[tokio::test]
async fn replies_may_be_left_unread_for_long() {
    let (backend, _) = served(Limits::default());
    let frontend = TestCarrier::memory().connect(&backend).await;
    let slow: SlowClient = frontend.open().await.unwrap();
    // More than fit into 16 bits, all answered and none of them looked at.
    let mut calls = Vec::new();
    for _ in 0..70 {
        for _ in 0..1000 {
            let mut call = slow.ping();
            assert!(poll_once(&mut call).await.is_none());
            calls.push(call);
        }
        // Answered behind the others.
        assert_eq!(in_time(slow.ping()).await.unwrap(), 7);
    }
    for call in calls {
        assert_eq!(in_time(call).await.unwrap(), 7);
    }
}

#[tokio::test]
async fn a_limit_of_no_calls_at_all_still_lets_the_frontend_connect() {
    let mut limits = Limits::default();
    limits.max_in_flight = 0;
    limits.handshake_timeout = Duration::from_secs(20);
    let (backend, _) = served(Limits::default());
    let carrier = TestCarrier::memory();
    let endpoint = carrier.listen(&backend).await;
    let connected = in_time(Frontend::builder().limits(limits).connect(endpoint)).await;
    assert!(
        connected.is_ok(),
        "it limits what the frontend takes, not what it asks: {connected:?}"
    );
}

#[tokio::test]
async fn a_web_socket_that_sends_too_much_is_closed_with_1009() {
    use ipc_tests::WebSocket;

    for size in [SMALL + 1, 50 * SMALL] {
        let (backend, _) = served(small());
        let endpoint = TestCarrier::web_socket().listen(&backend).await;
        let mut raw = WebSocket::connect(&endpoint, &[]).await.unwrap();
        raw.send("x".repeat(size)).await;
        assert_eq!(raw.close_code().await, Some(1009), "{size}");
        eventually("the connection has gone", || backend.connection_count() == 0).await;
    }
}

mod raw {
    use std::path::PathBuf;

    use ipc_tests::{Frames, Lines, Scratch, endpoint_of};
    use tokio::io::AsyncWriteExt;

    use super::*;

    async fn listening(backend: &Backend) -> (Scratch, PathBuf) {
        let directory = Scratch::new();
        let path = directory.socket("s");
        backend.listen(endpoint_of(&path)).await.unwrap();
        (directory, path)
    }

    fn echo(id: u32, bytes: usize) -> String {
        let text = "x".repeat(bytes);
        format!(
            r#"{{"jsonrpc":"2.0","id":{id},"method":"test.everything.echo","params":["{text}"]}}"#
        )
    }

    #[tokio::test]
    async fn a_native_frame_that_is_too_large_is_answered_with_its_id() {
        let (backend, _) = served(small());
        let (_directory, path) = listening(&backend).await;
        let mut raw = Frames::connect(path).await;
        for size in [SMALL, 10 * SMALL] {
            let answer = raw.ask(echo(5, size)).await;
            assert_eq!((&answer["id"], &answer["error"]["code"]), (&5.into(), &(-32007).into()));
            assert_eq!(answer["error"]["data"]["limit"], SMALL);
            assert_eq!(answer["error"]["data"]["size"], echo(5, size).len());
        }
        let answer = raw.ask(format!("{{\"params\":[\"{}\"],\"id\":1}}", "x".repeat(SMALL))).await;
        assert_eq!((&answer["id"], &answer["error"]["code"]), (&().into(), &(-32007).into()));
        assert_eq!(raw.ask(echo(6, 2)).await["result"], "xx");
    }

    #[tokio::test]
    async fn a_native_frame_of_exactly_the_limit_is_taken() {
        let (backend, _) = served(small());
        let (_directory, path) = listening(&backend).await;
        let mut raw = Frames::connect(path).await;
        let most = SMALL - echo(1, 0).len();
        let answer = raw.ask(echo(1, most)).await;
        assert_eq!(answer["result"].as_str().unwrap().len(), most);
        assert_eq!(raw.ask(echo(2, most + 1)).await["error"]["code"], -32007);
    }

    #[tokio::test]
    async fn a_native_frame_of_sixteen_times_the_limit_ends_the_connection() {
        let (backend, _) = served(small());
        let (_directory, path) = listening(&backend).await;
        let mut raw = Frames::connect(path).await;
        // At once: the length alone is told as soon as it is read, and then there is no id yet.
        let length = u32::try_from(16 * SMALL + 1).unwrap().to_le_bytes();
        raw.write(&[&length, &echo(5, 5000).as_bytes()[..4096]].concat()).await;
        let answer = raw.next().await;
        assert_eq!((&answer["id"], &answer["error"]["code"]), (&5.into(), &(-32007).into()));
        assert_eq!(raw.next_text().await, None);
        eventually("the connection has gone", || backend.connection_count() == 0).await;
    }

    #[tokio::test]
    async fn a_line_that_is_too_large_ends_the_connection_with_its_error() {
        let (backend, _) = served(small());
        let (_directory, path) = listening(&backend).await;
        for text in [echo(5, SMALL), format!("[{}", "1,".repeat(SMALL)), " {".repeat(SMALL)] {
            let mut raw = Lines::connect(&path).await;
            let _ = raw.try_write(&text).await;
            let answer = raw.next().await;
            let code = answer["error"]["code"].as_i64().unwrap();
            if text.starts_with(" {") {
                // Deeper nested than anything that could be meant, which shows first.
                assert_eq!((&answer["id"], code), (&().into(), -32700));
                continue;
            }
            assert_eq!((&answer["id"], code), (&().into(), -32007), "{answer}");
            assert_eq!(raw.next_text().await, None);
        }
    }

    #[tokio::test]
    async fn a_peer_that_does_not_wait_gets_an_error_for_what_is_beyond() {
        let mut limits = Limits::default();
        limits.max_in_flight = 2;
        let (backend, gates) = served(limits);
        let (_directory, path) = listening(&backend).await;
        let mut raw = Lines::connect(path).await;
        let wait = |call: u32| {
            format!(
                r#"{{"jsonrpc":"2.0","id":{call},"method":"test.slow.wait","params":[{call}]}}"#
            )
        };
        raw.write(wait(1)).await;
        raw.write(wait(2)).await;
        let refused = raw.ask(wait(3)).await;
        assert_eq!((&refused["id"], &refused["error"]["code"]), (&3.into(), &(-32009).into()));
        let data = serde_json::json!({ "limit": "maxInFlight", "value": 2 });
        assert_eq!(refused["error"]["data"], data);
        // The runtime's own methods are beside the limit.
        assert_eq!(raw.ask(r#"{"jsonrpc":"2.0","id":4,"method":"rpc.ping"}"#).await["id"], 4);
        gates.release(1);
        assert_eq!(raw.next().await["result"], 1);
        raw.write(wait(5)).await;
        gates.began(5).await;
        gates.release_all();
        let mut results = [raw.next().await["result"].clone(), raw.next().await["result"].clone()];
        results.sort_by_key(|result| result.as_i64());
        assert_eq!(results, [2, 5]);
        assert_eq!(gates.order(), [1, 2, 5]);
    }

    #[tokio::test]
    async fn a_connection_that_says_nothing_is_closed() {
        let mut limits = Limits::default();
        limits.handshake_timeout = Duration::from_millis(30);
        let (backend, _) = served(limits);
        let (_directory, path) = listening(&backend).await;
        let mut silent = Lines::connect(&path).await;
        assert_eq!(silent.next_text().await, None);
        // Three of the four bytes that tell what is spoken are nothing either.
        let mut slow = Lines::connect(&path).await;
        slow.write("IPC").await;
        assert_eq!(slow.next_text().await, None);

        let mut frontend = Lines::connect(&path).await;
        frontend.write("{").await;
        eventually("it is a peer now", || backend.connection_count() == 1).await;
        let rest = r#""jsonrpc":"2.0","id":1,"method":"test.slow.ping"}"#;
        assert_eq!(frontend.ask(rest).await["result"], 7, "it may take its time from then on");
    }

    #[tokio::test]
    async fn a_silent_web_socket_is_closed() {
        let mut limits = Limits::default();
        limits.handshake_timeout = Duration::from_millis(30);
        let (backend, _) = served(limits);
        let endpoint = TestCarrier::web_socket().listen(&backend).await.to_string();
        let address = endpoint.trim_start_matches("ws://");
        let mut silent = tokio::net::TcpStream::connect(address).await.unwrap();
        silent.write_all(b"GET / HTTP/1.1\r\n").await.unwrap();
        let mut rest = Vec::new();
        let read = tokio::io::AsyncReadExt::read_to_end(&mut silent, &mut rest);
        let _ = in_time(read).await;
        assert!(rest.is_empty());
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn a_peer_that_does_not_read_is_not_read_from_and_gets_all_its_replies_later() {
        const REPLY: usize = 100_000;
        const REQUESTS: usize = 400;
        let mut limits = Limits::default();
        limits.max_message_bytes = 200_000;
        limits.max_queued_bytes = 1_000_000;
        let (backend, gates) = served(limits);
        let (_directory, path) = listening(&backend).await;
        let mut raw = Lines::connect(&path).await;
        // In one write: the socket holds few small ones.
        let request = |id| {
            format!(r#"{{"jsonrpc":"2.0","id":{id},"method":"test.slow.fill","params":[{REPLY}]}}"#)
        };
        raw.write((0..REQUESTS).map(request).collect::<String>()).await;
        // The queue is full, and so is what the socket holds.
        eventually("replies wait", || gates.filled() * REPLY > 1_000_000).await;
        let other = Frontend::connect(endpoint_of(&path)).await.unwrap();
        let other: SlowClient = other.open().await.unwrap();
        for _ in 0..100 {
            assert_eq!(other.ping().await.unwrap(), 7, "others are served meanwhile");
        }
        let filled = gates.filled();
        assert!(filled * REPLY < 4_000_000, "{filled} replies wait");
        for id in 0..REQUESTS {
            let reply = raw.next().await;
            assert_eq!(reply["id"], id);
            assert_eq!(reply["result"].as_str().map(str::len), Some(REPLY));
        }
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn a_peer_that_does_not_read_what_it_has_asked_for_is_closed_in_the_end() {
        let mut limits = Limits::default();
        limits.max_message_bytes = 1_000_000;
        limits.max_queued_bytes = 1_000_000;
        let (backend, gates) = served(limits);
        let (_directory, path) = listening(&backend).await;
        let mut raw = Lines::connect(&path).await;
        let other = Frontend::connect(endpoint_of(&path)).await.unwrap();
        let other: SlowClient = other.open().await.unwrap();
        for id in 0..20 {
            let request = format!(
                r#"{{"jsonrpc":"2.0","id":{id},"method":"test.slow.fill_later","params":[{id},900000]}}"#
            );
            raw.write(request).await;
        }
        gates.have_begun(20).await;
        assert_eq!(backend.connection_count(), 2);
        gates.release_all();
        eventually("it is closed", || backend.connection_count() == 1).await;
        assert_eq!(other.ping().await.unwrap(), 7);
        drop(raw);
    }
}

#[tokio::test]
async fn a_backend_that_takes_no_connections_does_not_listen() {
    let mut limits = Limits::default();
    limits.max_connections = 0;
    let backend = Backend::builder().limits(limits).build();
    // The second time, too: standard input and output weren't taken by the first one.
    for endpoint in ["stdio:", "stdio:", "memory:none", "ws://127.0.0.1:0"] {
        let error = in_time(backend.listen(endpoint)).await.unwrap_err().to_string();
        assert!(error.starts_with(&format!("can't listen on {endpoint}")), "{error}");
        assert!(error.contains("max_connections is 0") && !error.contains("::"), "{error}");
    }
}
