//! The accept queue of a Unix socket that is full: for a while, or for good.
#![cfg(target_os = "linux")]

use std::{path::Path, time::Duration};

use ipc_runtime::{Frontend, Limits};
use ipc_tests::{Scratch, SlowClient, endpoint_of, in_time, poll_once};
use tokio::net::{UnixSocket, UnixStream};

use super::unix_socket::slow_backend;

/// Connects until the accept queue of a socket is full.
async fn fill_accept_queue(path: &Path) -> Vec<UnixStream> {
    let mut waiting = Vec::new();
    loop {
        match UnixStream::connect(path).await {
            Ok(stream) => waiting.push(stream),
            Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => return waiting,
            Err(error) => panic!("{error}"),
        }
    }
}

#[tokio::test]
async fn a_full_accept_queue_is_tried_again() {
    let directory = Scratch::new();
    let path = directory.join("s");
    let socket = UnixSocket::new_stream().unwrap();
    socket.bind(&path).unwrap();
    let listener = socket.listen(1).unwrap();
    let waiting = fill_accept_queue(&path).await;
    let mut connecting = Box::pin(Frontend::connect(endpoint_of(&path)));
    assert!(poll_once(&mut connecting).await.is_none(), "it waits");

    let backend = slow_backend();
    let accepting = tokio::spawn(async move {
        loop {
            backend.accept(listener.accept().await.unwrap().0);
        }
    });
    drop(waiting);
    let frontend = in_time(connecting).await.unwrap();
    let slow: SlowClient = in_time(frontend.open()).await.unwrap();
    assert_eq!(in_time(slow.ping()).await.unwrap(), 7);
    accepting.abort();
}

#[tokio::test]
async fn an_accept_queue_that_stays_full_is_told() {
    let directory = Scratch::new();
    let path = directory.join("s");
    let socket = UnixSocket::new_stream().unwrap();
    socket.bind(&path).unwrap();
    let _listener = socket.listen(1).unwrap();
    let _waiting = fill_accept_queue(&path).await;
    let mut limits = Limits::default();
    limits.handshake_timeout = Duration::from_millis(300);
    let connecting = Frontend::builder().limits(limits).connect(endpoint_of(&path));
    let error = in_time(connecting).await.unwrap_err().to_string();
    let told = format!("the accept queue of {} is full", path.display());
    assert!(error.contains(&told) && error.contains("frozen"), "{error}");
}
