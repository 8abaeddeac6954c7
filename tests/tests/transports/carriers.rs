//! Carriers that were made elsewhere.

use std::time::Duration;

use ipc_runtime::{Backend, ConnectError, Frontend, Limits};
use ipc_tests::{
    EverythingClient, EverythingHandler, EverythingService, Gates, SlowClient, SlowHandler,
    eventually, in_time,
};
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};

fn backend() -> (Backend, Gates) {
    let backend = Backend::new();
    let gates = Gates::new();
    backend.register(SlowHandler::new(gates.clone())).unwrap();
    backend.register(EverythingHandler::new(EverythingService::default())).unwrap();
    (backend, gates)
}

async fn works<T>(ours: T, theirs: T)
where
    T: AsyncRead + AsyncWrite + Send + Unpin + 'static,
{
    let (backend, gates) = backend();
    backend.accept(theirs);
    let frontend = in_time(Frontend::over(ours)).await.unwrap();
    let all: EverythingClient = frontend.open().await.unwrap();
    let text = "x".repeat(300_000);
    assert!(in_time(all.echo(text.clone())).await.unwrap() == text);
    assert_eq!(all.add(1, 2).await.unwrap(), 3);
    assert!(frontend.peer().credentials().is_none());
    let slow: SlowClient = frontend.open().await.unwrap();
    let calls: Vec<_> = (0..100).map(|call| tokio::spawn(slow.wait(call))).collect();
    gates.have_begun(100).await;
    gates.release_all();
    for call in calls {
        in_time(call).await.unwrap().unwrap();
    }
    assert_eq!(backend.connection_count(), 1);
    frontend.close().await;
    eventually("the connection has gone", || backend.connection_count() == 0).await;
}

#[tokio::test]
async fn a_pipe_in_memory_is_a_carrier() {
    let (ours, theirs) = tokio::io::duplex(64 * 1024);
    works(ours, theirs).await;
}

#[tokio::test]
async fn a_pipe_that_holds_one_byte_is_a_carrier() {
    let (backend, _) = backend();
    let (ours, theirs) = tokio::io::duplex(1);
    backend.accept(theirs);
    let frontend = in_time(Frontend::over(ours)).await.unwrap();
    let all: EverythingClient = frontend.open().await.unwrap();
    assert_eq!(in_time(all.echo("byte by byte".into())).await.unwrap(), "byte by byte");
}

#[tokio::test]
async fn a_tcp_connection_is_a_carrier() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let ours = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
    let (theirs, _) = listener.accept().await.unwrap();
    works(ours, theirs).await;
}

#[tokio::test]
async fn lines_are_understood_on_any_carrier() {
    let (backend, _) = backend();
    let (mut ours, theirs) = tokio::io::duplex(1024);
    backend.accept(theirs);
    let request = r#"{"jsonrpc":"2.0","id":0,"method":"test.everything.add","params":[1,2]}"#;
    ours.write_all(request.as_bytes()).await.unwrap();
    ours.shutdown().await.unwrap();
    let mut answers = String::new();
    in_time(ours.read_to_string(&mut answers)).await.unwrap();
    assert_eq!(answers, "{\"jsonrpc\":\"2.0\",\"id\":0,\"result\":3}\n");
}

#[tokio::test]
async fn whoever_is_no_backend_is_found_out() {
    let (ours, mut theirs) = tokio::io::duplex(1024);
    theirs.write_all(b"220 mail.example ESMTP\r\n").await.unwrap();
    match in_time(Frontend::over(ours)).await {
        Err(ConnectError::Carrier(error)) => {
            assert_eq!(error.kind(), std::io::ErrorKind::InvalidData, "{error}");
        }
        other => panic!("{other:?}"),
    }

    let (ours, theirs) = tokio::io::duplex(1024);
    drop(theirs);
    assert!(matches!(in_time(Frontend::over(ours)).await, Err(ConnectError::Carrier(_))));

    let (ours, _theirs) = tokio::io::duplex(1024);
    let mut limits = Limits::default();
    limits.handshake_timeout = Duration::from_millis(20);
    match in_time(Frontend::builder().limits(limits).over(ours)).await {
        Err(ConnectError::Carrier(error)) => {
            assert_eq!(error.kind(), std::io::ErrorKind::TimedOut, "{error}");
        }
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_stopped_backend_takes_no_more_carriers() {
    let (backend, _) = backend();
    backend.stop(Duration::ZERO).await;
    let (ours, theirs) = tokio::io::duplex(1024);
    backend.accept(theirs);
    assert!(in_time(Frontend::over(ours)).await.is_err());
    assert_eq!(backend.connection_count(), 0);
}

#[tokio::test]
async fn two_backends_in_one_process_are_two() {
    let (one, _) = backend();
    let other = Backend::new();
    let (ours, theirs) = tokio::io::duplex(1024);
    one.accept(theirs);
    let first = in_time(Frontend::over(ours)).await.unwrap();
    let (ours, theirs) = tokio::io::duplex(1024);
    other.accept(theirs);
    let second = in_time(Frontend::over(ours)).await.unwrap();
    assert!(first.open::<SlowClient>().await.is_ok());
    assert!(second.open::<SlowClient>().await.is_err());
    assert_ne!(first.peer().id(), second.peer().id());
}
