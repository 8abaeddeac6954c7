//! Backends that ask for a token, and frontends that have it or do not, whatever the connection is
//! made of.
#![cfg(unix)]

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use ipc_runtime::{
    Backend, ConnectError, ErrorKind, Frontend, FrontendBuilder, Reconnect, error::DisconnectReason,
};
use ipc_tests::{
    Gates, SlowClient, SlowHandler, TestCarrier, eventually, in_time, on_every_carrier,
};

use super::guarded_backend::{guarded, nothing_is_left, slow_backend, token};

on_every_carrier! {
    a_frontend_with_the_token_is_served,
    a_frontend_without_the_token_is_told_so,
    a_frontend_may_have_a_token_that_nobody_asks_for,
}

async fn a_frontend_with_the_token_is_served(carrier: TestCarrier) {
    let token = token();
    let backend = slow_backend(guarded(&token));
    let endpoint = carrier.listen(&backend).await;
    let frontend = Frontend::builder().token(token).connect(endpoint).await.unwrap();
    let slow: SlowClient = frontend.open().await.unwrap();
    assert_eq!(slow.ping().await.unwrap(), 7);
    assert_eq!(frontend.call::<u32>("test.slow.ping", &()).await.unwrap(), 7);
    assert_eq!(backend.connection_count(), 1);
    drop((frontend, slow));
    nothing_is_left(&backend).await;
}

async fn a_frontend_without_the_token_is_told_so(carrier: TestCarrier) {
    let backend = slow_backend(guarded(&token()));
    let endpoint = carrier.listen(&backend).await;
    for (frontend, told) in [
        (Frontend::builder(), "none was sent"),
        (Frontend::builder().token(token()), "not the one"),
    ] {
        match frontend.connect(endpoint.clone()).await {
            Err(ConnectError::Handshake(error)) if error.kind() == ErrorKind::Unauthorized => {
                let text = error.to_string();
                assert!(text.contains(told) && text.contains(&endpoint.to_string()), "{text}");
                assert!(!error.may_have_run());
            }
            other => panic!("{other:?}"),
        }
    }
    nothing_is_left(&backend).await;
}

async fn a_frontend_may_have_a_token_that_nobody_asks_for(carrier: TestCarrier) {
    let backend = slow_backend(Backend::builder());
    let endpoint = carrier.listen(&backend).await;
    let frontend = Frontend::builder().token(token()).connect(endpoint).await.unwrap();
    assert_eq!(frontend.call::<u32>("test.slow.ping", &()).await.unwrap(), 7);
}

#[tokio::test]
async fn peers_are_told_of_before_their_handlers_are_made() {
    let token = token();
    let order = Arc::new(Mutex::new(Vec::new()));
    let backend = guarded(&token).build();
    let seen = order.clone();
    let made = move |peer: ipc_runtime::Peer| {
        seen.lock().unwrap().push(format!("handler for a connected peer: {}", peer.is_connected()));
        SlowHandler::new(Gates::new())
    };
    backend.register_with(made).unwrap();
    let seen = order.clone();
    backend.peer_connected().on(move |peer| {
        let name = peer.name().map(|name| name.to_string());
        seen.lock().unwrap().push(format!("connected as {}", name.unwrap_or_default()));
    });
    let carrier = TestCarrier::memory();
    let endpoint = carrier.listen(&backend).await;
    let frontend = Frontend::builder().name("panel").token(token);
    let frontend = frontend.connect(endpoint).await.unwrap();
    let slow: SlowClient = frontend.open().await.unwrap();
    assert_eq!(slow.ping().await.unwrap(), 7);
    let order = order.lock().unwrap().clone();
    assert_eq!(order, ["connected as panel", "handler for a connected peer: true"]);
}

#[tokio::test]
async fn streams_from_elsewhere_show_it_too() {
    let token = token();
    let backend = slow_backend(guarded(&token));
    for (frontend, is_let_in) in
        [(Frontend::builder().token(token.clone()), true), (Frontend::builder(), false)]
    {
        let (ours, theirs) = tokio::io::duplex(4096);
        backend.accept(theirs);
        match in_time(frontend.over(ours)).await {
            Ok(frontend) if is_let_in => {
                assert_eq!(frontend.call::<u32>("test.slow.ping", &()).await.unwrap(), 7);
            }
            Err(ConnectError::Handshake(error))
                if error.kind() == ErrorKind::Unauthorized && !is_let_in => {}
            other => panic!("{other:?}"),
        }
    }
    nothing_is_left(&backend).await;
}

#[tokio::test]
async fn a_child_process_gets_it_by_its_environment() {
    let token = token();
    let spawn = |frontend: FrontendBuilder| {
        let mut command = tokio::process::Command::new(env!("CARGO_BIN_EXE_ipc-test-backend"));
        command.arg("stdio:").env("IPC_TEST_TOKEN", token.expose_secret());
        in_time(frontend.spawn(command))
    };
    let frontend = spawn(Frontend::builder().token(token.clone())).await.unwrap();
    assert_eq!(frontend.call::<u32>("test.slow.ping", &()).await.unwrap(), 7);
    match spawn(Frontend::builder()).await {
        Err(ConnectError::Handshake(error)) if error.kind() == ErrorKind::Unauthorized => {}
        other => panic!("{other:?}"),
    }
}

fn at_once() -> Reconnect {
    let mut reconnect = Reconnect::default();
    reconnect.first_delay = Duration::from_millis(1);
    reconnect.max_delay = Duration::from_millis(5);
    reconnect
}

#[tokio::test]
async fn a_frontend_that_comes_back_shows_it_again() {
    let (token, carrier) = (token(), TestCarrier::unix());
    let first = slow_backend(guarded(&token));
    let endpoint = carrier.listen(&first).await;
    let frontend = Frontend::builder().token(token.clone()).reconnect(at_once());
    let frontend = frontend.connect(endpoint).await.unwrap();
    first.stop(Duration::from_secs(600)).await;
    let second = slow_backend(guarded(&token));
    carrier.listen(&second).await;
    eventually("it is back", || second.connection_count() == 1).await;
    eventually("it knows", || frontend.is_connected()).await;
    assert_eq!(frontend.call::<u32>("test.slow.ping", &()).await.unwrap(), 7);
}

#[tokio::test]
async fn a_backend_that_comes_back_with_another_token_ends_the_frontend() {
    let (first_token, carrier) = (token(), TestCarrier::unix());
    let first = slow_backend(guarded(&first_token));
    let endpoint = carrier.listen(&first).await;
    let frontend = Frontend::builder().token(first_token).reconnect(at_once());
    let frontend = frontend.connect(endpoint).await.unwrap();
    first.stop(Duration::from_secs(600)).await;
    let second = slow_backend(guarded(&token()));
    carrier.listen(&second).await;
    match in_time(frontend.closed()).await {
        DisconnectReason::Unauthorized(why) => assert!(why.contains("not the one"), "{why}"),
        other => panic!("{other:?}"),
    }
    match frontend.call::<u32>("test.slow.ping", &()).await {
        Err(error) if error.kind() == ErrorKind::Unauthorized => {
            let message = error.message().unwrap();
            assert!(message.contains("not the one"), "{message}");
        }
        other => panic!("{other:?}"),
    }
    nothing_is_left(&second).await;
}

#[tokio::test]
async fn a_frontend_that_connects_lazily_is_told_by_its_calls() {
    let carrier = TestCarrier::memory();
    let backend = slow_backend(guarded(&token()));
    let endpoint = carrier.listen(&backend).await;
    for builder in [Frontend::builder(), Frontend::builder().reconnect(at_once())] {
        let frontend = builder.token(token()).connect_lazily(endpoint.clone()).unwrap();
        let reason = in_time(frontend.closed()).await;
        assert!(matches!(reason, DisconnectReason::Unauthorized(_)), "{reason:?}");
        let error = frontend.call::<u32>("test.slow.ping", &()).await.unwrap_err();
        assert!(error.kind() == ErrorKind::Unauthorized, "{error:?}");
    }
}
