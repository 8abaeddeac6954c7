//! A carrier that takes nothing more, while something is still there to be read.

use std::{
    io,
    pin::Pin,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    task::{Context, Poll},
};

use futures_util::task::AtomicWaker;
use ipc_runtime::{ErrorKind, Frontend, IpcError, error::DisconnectReason};
use ipc_tests::{in_time, poll_once};
use serde_json::{Value, json};
use tokio::io::{
    AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, DuplexStream, ReadBuf, duplex,
};

/// A carrier that breaks as a socket does whose other end has closed: a write fails, and what was
/// sent before can be read. Its reader sees nothing of that until a write has failed.
struct Breaking {
    io: DuplexStream,
    state: Arc<State>,
}

#[derive(Default)]
struct State {
    /// Writes fail, and reads wait for the first that does.
    broken: AtomicBool,
    /// How they fail, where that isn't as if the other end had closed.
    why: Mutex<Option<io::Error>>,
    failed: AtomicBool,
    reader: AtomicWaker,
}

impl AsyncRead for Breaking {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        self.state.reader.register(cx.waker());
        let state = &self.state;
        if state.broken.load(Ordering::SeqCst) && !state.failed.load(Ordering::SeqCst) {
            return Poll::Pending;
        }
        Pin::new(&mut self.io).poll_read(cx, buffer)
    }
}

impl AsyncWrite for Breaking {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        if self.state.broken.load(Ordering::SeqCst) {
            self.state.failed.store(true, Ordering::SeqCst);
            self.state.reader.wake();
            let why = self.state.why.lock().unwrap().take();
            return Poll::Ready(Err(why.unwrap_or_else(|| io::ErrorKind::BrokenPipe.into())));
        }
        Pin::new(&mut self.io).poll_write(cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_shutdown(cx)
    }
}

async fn send(far: &mut DuplexStream, message: Value) {
    let message = message.to_string();
    far.write_u32_le(u32::try_from(message.len()).unwrap()).await.unwrap();
    far.write_all(message.as_bytes()).await.unwrap();
}

async fn next(far: &mut DuplexStream) -> Value {
    let length = in_time(far.read_u32_le()).await.unwrap();
    let mut payload = vec![0; length as usize];
    in_time(far.read_exact(&mut payload)).await.unwrap();
    serde_json::from_slice(&payload).unwrap()
}

async fn reply(far: &mut DuplexStream, request: &Value, result: Value) {
    send(far, json!({ "jsonrpc": "2.0", "id": request["id"], "result": result })).await;
}

async fn connected() -> (Frontend, DuplexStream, Arc<State>) {
    let (io, mut far) = duplex(1 << 16);
    let state = Arc::<State>::default();
    let connecting = tokio::spawn(Frontend::over(Breaking { io, state: state.clone() }));
    let mut preface = [0; 5];
    in_time(far.read_exact(&mut preface)).await.unwrap();
    far.write_all(&preface).await.unwrap();
    let hello = next(&mut far).await;
    reply(&mut far, &hello, json!({ "protocol": 1 })).await;
    (in_time(connecting).await.unwrap().unwrap(), far, state)
}

#[track_caller]
fn disconnected(failed: Result<u32, IpcError>) -> (bool, String) {
    match failed {
        Err(error) if error.kind() == ErrorKind::Disconnected => match error.reason().unwrap() {
            DisconnectReason::ClosedByPeer(why) => {
                (error.may_have_run(), why.as_deref().unwrap_or_default().to_owned())
            }
            other => panic!("{other:?}"),
        },
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn replies_that_came_before_a_failed_write_are_delivered() {
    let (frontend, mut far, state) = connected().await;
    let mut answered = Vec::new();
    for number in 0..10 {
        answered.push(tokio::spawn(frontend.call::<u32>("test.any.ask", &[number])));
    }
    let unanswered = tokio::spawn(frontend.call::<u32>("test.any.hang", &()));
    let mut requests = Vec::new();
    for _ in 0..11 {
        requests.push(next(&mut far).await);
    }
    state.broken.store(true, Ordering::SeqCst);
    for request in requests.iter().filter(|request| request["method"] == "test.any.ask") {
        reply(&mut far, request, request["params"][0].clone()).await;
    }
    let params = json!({ "reason": "the backend is stopping", "restart": false });
    send(&mut far, json!({ "jsonrpc": "2.0", "method": "rpc.closing", "params": params })).await;
    drop(far);

    let mut late = frontend.call::<u32>("test.any.late", &());
    assert!(poll_once(&mut late).await.is_none());
    for (number, call) in (0..).zip(answered) {
        assert_eq!(in_time(call).await.unwrap().unwrap(), number);
    }
    let why = "the backend is stopping".to_owned();
    assert_eq!(disconnected(in_time(unanswered).await.unwrap()), (true, why.clone()));
    assert_eq!(disconnected(in_time(late).await), (false, why));
    assert!(state.failed.load(Ordering::SeqCst));
    assert!(!frontend.is_connected());
}

#[tokio::test]
async fn a_connection_that_can_not_be_written_to_ends_though_its_input_does_not() {
    let (frontend, _far, state) = connected().await;
    state.broken.store(true, Ordering::SeqCst);
    let failed = in_time(frontend.call::<u32>("test.any.late", &())).await;
    assert_eq!(disconnected(failed), (false, String::new()));
    in_time(frontend.closed()).await;
}

#[tokio::test]
async fn a_write_that_fails_for_a_reason_of_this_side_is_not_the_peers_doing() {
    let (frontend, mut far, state) = connected().await;
    let answered = tokio::spawn(frontend.call::<u32>("test.any.ask", &()));
    let hanging = tokio::spawn(frontend.call::<u32>("test.any.hang", &()));
    for _ in 0..2 {
        let request = next(&mut far).await;
        if request["method"] == "test.any.ask" {
            reply(&mut far, &request, json!(7)).await;
        }
    }
    assert_eq!(in_time(answered).await.unwrap().unwrap(), 7);
    *state.why.lock().unwrap() = Some(io::Error::other("too many open files"));
    state.broken.store(true, Ordering::SeqCst);
    let late = in_time(frontend.call::<u32>("test.any.late", &())).await;
    for (failed, may_have_run) in [(late, false), (in_time(hanging).await.unwrap(), true)] {
        let failed = failed.unwrap_err();
        assert_eq!(failed.may_have_run(), may_have_run, "{failed}");
        match failed.reason() {
            Some(DisconnectReason::Io(why)) => assert_eq!(why.to_string(), "too many open files"),
            other => panic!("{other:?}"),
        }
    }
    assert!(matches!(in_time(frontend.closed()).await, DisconnectReason::Io(_)));
}
