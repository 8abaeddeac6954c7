//! Windows named pipes: who is there, who isn't, and what becomes of either end.
#![cfg(windows)]

use std::time::Duration;

use ipc_runtime::{Backend, ConnectError, ErrorKind, Frontend, IpcError, Limits};
use ipc_tests::{
    EverythingClient, EverythingHandler, EverythingService, Gates, LocalStream, Scratch,
    SlowClient, SlowHandler, endpoint_of, eventually, in_time, process::Process,
};
use tokio::net::windows::named_pipe::ServerOptions;

const PEER: &str = env!("CARGO_BIN_EXE_ipc-test-peer");

fn backend() -> Backend {
    let backend = Backend::new();
    backend.register(EverythingHandler::new(EverythingService::default())).unwrap();
    backend.register(SlowHandler::new(Gates::new())).unwrap();
    backend
}

fn impatient() -> Limits {
    let mut limits = Limits::default();
    limits.handshake_timeout = Duration::from_millis(200);
    limits
}

async fn refused(connecting: impl Future<Output = Result<Frontend, ConnectError>>) -> String {
    in_time(connecting).await.unwrap_err().to_string()
}

#[tokio::test]
async fn a_pipe_that_is_not_there_is_told_by_its_name() {
    let missing = Scratch::new().socket("missing");
    let told = refused(Frontend::connect(endpoint_of(&missing))).await;
    assert!(told.contains(&missing.display().to_string()), "{told}");
    assert!(told.contains("is the backend running"), "{told}");
}

#[tokio::test]
async fn a_pipe_whose_backend_has_stopped_is_not_there() {
    let directory = Scratch::new();
    let endpoint = endpoint_of(&directory.socket("s"));
    for _ in 0..3 {
        let backend = backend();
        backend.listen(&endpoint).await.unwrap();
        let frontend = in_time(Frontend::connect(&endpoint)).await.unwrap();
        in_time(backend.stop(Duration::ZERO)).await;
        in_time(frontend.closed()).await;
        let told = refused(Frontend::connect(&endpoint)).await;
        assert!(told.contains("is the backend running"), "{told}");
    }
}

#[tokio::test]
async fn a_name_of_the_users_own_is_reached_by_the_same_user() {
    let backend = backend();
    let endpoint = format!("local:ipc-tests-{}", std::process::id());
    assert_eq!(backend.listen(&endpoint).await.unwrap().to_string(), endpoint);
    let mut ping = Process::start(PEER, ["ping", &endpoint]);
    assert_eq!(ping.line().await, "ok");
}

#[tokio::test]
async fn a_name_that_no_pipe_can_have_is_told() {
    let endpoint = format!("pipe:{}", "x".repeat(300));
    let told = in_time(Backend::new().listen(&endpoint)).await.unwrap_err().to_string();
    assert!(told.contains("xxx"), "{told}");
    refused(Frontend::connect(&endpoint)).await;
}

#[tokio::test]
async fn a_backend_knows_the_process_at_the_other_end() {
    let directory = Scratch::new();
    let backend = backend();
    let endpoint = backend.listen(endpoint_of(&directory.socket("s"))).await.unwrap();
    let _frontend = Frontend::connect(endpoint).await.unwrap();
    eventually("it is connected", || backend.connection_count() == 1).await;
    let peer = backend.peers().into_iter().next().unwrap();
    let credentials = peer.credentials().unwrap();
    assert_eq!(credentials.process, i32::try_from(std::process::id()).ok());
    assert_eq!(credentials.user, None);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn fifty_frontends_that_come_at_once_are_all_served() {
    let directory = Scratch::new();
    let backend = backend();
    let endpoint = backend.listen(endpoint_of(&directory.socket("s"))).await.unwrap();
    let frontends: Vec<_> = (0..50)
        .map(|number| {
            let endpoint = endpoint.clone();
            tokio::spawn(async move {
                let frontend = Frontend::connect(endpoint).await.unwrap();
                let all: EverythingClient = frontend.open().await.unwrap();
                assert_eq!(all.add(number, 1).await.unwrap(), number + 1);
                frontend
            })
        })
        .collect();
    let mut connected = Vec::new();
    for frontend in frontends {
        connected.push(in_time(frontend).await.unwrap());
    }
    assert_eq!(backend.connection_count(), 50);
    drop(connected);
    eventually("all have gone", || backend.connection_count() == 0).await;
}

#[tokio::test]
async fn who_finds_the_pipe_busy_waits_and_gives_up_in_time() {
    let directory = Scratch::new();
    let path = directory.socket("s");
    // One instance, and somebody is at its other end.
    let only = ServerOptions::new().max_instances(1).create(&path).unwrap();
    let held = in_time(LocalStream::connect(&path)).await.unwrap();
    only.connect().await.unwrap();
    let connecting = Frontend::builder().limits(impatient()).connect(endpoint_of(&path));
    let told = refused(connecting).await;
    assert!(told.contains("within"), "{told}");

    let endpoint = endpoint_of(&path);
    let waiting = tokio::spawn(async move { Frontend::connect(endpoint).await });
    tokio::task::yield_now().await;
    assert!(!waiting.is_finished());
    drop((only, held));
    let backend = backend();
    // There may be a moment without any pipe, in which whoever waits is told so.
    let _ = in_time(waiting).await.unwrap();
    backend.listen(endpoint_of(&path)).await.unwrap();
    in_time(Frontend::connect(endpoint_of(&path))).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn large_messages_go_both_ways_at_once() {
    let directory = Scratch::new();
    let backend = backend();
    let endpoint = backend.listen(endpoint_of(&directory.socket("s"))).await.unwrap();
    let frontend = Frontend::connect(endpoint).await.unwrap();
    let all: EverythingClient = frontend.open().await.unwrap();
    let long = "ß".repeat(2 << 20);
    let calls: Vec<_> = (0..4).map(|_| tokio::spawn(all.echo(long.clone()))).collect();
    for call in calls {
        assert!(in_time(call).await.unwrap().unwrap() == long);
    }
}

#[tokio::test]
async fn a_call_fails_when_the_backend_is_killed_and_the_name_is_free_again() {
    let directory = Scratch::new();
    let endpoint = endpoint_of(&directory.socket("s"));
    let mut process = Process::start(PEER, ["serve", &endpoint]);
    process.line().await;
    let frontend = in_time(Frontend::connect(&endpoint)).await.unwrap();
    let slow: SlowClient = frontend.open().await.unwrap();
    let call = tokio::spawn(slow.patient(1));
    assert_eq!(in_time(slow.ping()).await.unwrap(), 7);
    process.kill().await;
    let failed = in_time(call).await.unwrap().unwrap_err();
    assert!(failed.kind() == ErrorKind::Disconnected && failed.may_have_run(), "{failed:?}");

    let backend = backend();
    backend.listen(&endpoint).await.unwrap();
    assert!(in_time(Frontend::connect(&endpoint)).await.is_ok());
}

/// A pipe that still has something to be read must not keep others from being closed.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_does_not_read_holds_up_nobody_elses_end() {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    let directory = Scratch::new();
    let path = directory.socket("s");
    let backend = backend();
    backend.listen(endpoint_of(&path)).await.unwrap();
    let mut deaf = Vec::new();
    for _ in 0..10 {
        let mut peer = LocalStream::connect(&path).await.unwrap();
        // Which is answered, and the connection closed.
        peer.write_all(b"hello\n").await.unwrap();
        deaf.push(peer);
    }
    let mut reader = LocalStream::connect(&path).await.unwrap();
    reader.write_all(b"hello\n").await.unwrap();
    let mut told = String::new();
    let ended = in_time(reader.read_to_string(&mut told)).await;
    assert!(told.contains("-32700") && told.ends_with('\n'), "{told} {ended:?}");
    // What was written to them before their end was closed is still there.
    for mut peer in deaf {
        let mut told = String::new();
        let _ = in_time(peer.read_to_string(&mut told)).await;
        assert!(told.contains("-32700") && told.ends_with('\n'), "{told}");
    }
}
