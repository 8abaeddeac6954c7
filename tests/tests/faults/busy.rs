//! A peer that never stops talking: everything else goes on all the same.

use std::{
    io,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    task::{Context, Poll},
    time::Duration,
};

use ipc_runtime::{Backend, ErrorKind, Frontend, error::DisconnectReason, ipc_interface};
use ipc_tests::{eventually, in_time};
use serde_json::{Value, json};
use tokio::io::{
    AsyncBufReadExt, AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, BufReader, DuplexStream,
    ReadBuf, duplex,
};

const LONG: Duration = Duration::from_secs(600);

const TICK: &str = r#"{"jsonrpc":"2.0","method":"test.busy.tick"}"#;
const PING: &str = r#"{"jsonrpc":"2.0","id":1,"method":"test.busy.ping"}"#;

/// What the flood calls, and what is asked beside it.
#[ipc_interface(channel = "test.busy", version = "1.0.0")]
trait Busy {
    /// Comes without end.
    #[ipc(notification)]
    fn tick(&self);
    /// Answers at once.
    fn ping(&self) -> u32;
    /// Never answers.
    async fn hang(&self);
}

struct Counts {
    ticks: Arc<AtomicU64>,
    pause: Duration,
}

impl Busy for Counts {
    fn tick(&self) {
        self.ticks.fetch_add(1, Ordering::Relaxed);
        if !self.pause.is_zero() {
            std::thread::sleep(self.pause);
        }
    }

    fn ping(&self) -> u32 {
        7
    }

    async fn hang(&self) {
        std::future::pending().await
    }
}

fn backend(pause: Duration) -> (Backend, Arc<AtomicU64>) {
    let backend = Backend::new();
    let ticks = Arc::default();
    backend.register(BusyHandler::new(Counts { ticks: Arc::clone(&ticks), pause })).unwrap();
    (backend, ticks)
}

/// A carrier whose input never runs dry: whenever nothing else is there to be read, there is more
/// of the flood.
struct Endless {
    io: DuplexStream,
    floods: Arc<AtomicBool>,
    flood: Vec<u8>,
    unread: Vec<u8>,
    at: usize,
}

impl Endless {
    /// Gives the other end as well. What is written there whole is read whole.
    fn new(message: &[u8], floods: bool) -> (Self, DuplexStream, Arc<AtomicBool>) {
        let (io, far) = duplex(1 << 20);
        let floods = Arc::new(AtomicBool::new(floods));
        let (flood, unread) = (message.repeat(1000), Vec::new());
        (Self { io, floods: floods.clone(), flood, unread, at: 0 }, far, floods)
    }
}

impl AsyncRead for Endless {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = &mut *self;
        if this.at == this.unread.len() {
            this.at = 0;
            this.unread.resize(1 << 20, 0);
            let mut said = ReadBuf::new(&mut this.unread);
            let read = Pin::new(&mut this.io).poll_read(cx, &mut said);
            let length = said.filled().len();
            this.unread.truncate(length);
            match read {
                Poll::Ready(Ok(())) => {}
                Poll::Pending if this.floods.load(Ordering::SeqCst) => {
                    this.unread.clone_from(&this.flood);
                }
                other => return other,
            }
        }
        let some = buffer.remaining().min(this.unread.len() - this.at);
        buffer.put_slice(&this.unread[this.at..this.at + some]);
        this.at += some;
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Endless {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.io).poll_write(cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_shutdown(cx)
    }
}

/// A peer that floods a backend in lines, and its other end.
async fn flooded() -> (Backend, BufReader<DuplexStream>) {
    let (backend, ticks) = backend(Duration::ZERO);
    let (io, far, _) = Endless::new(format!("{TICK}\n").as_bytes(), true);
    backend.accept(io);
    eventually("the flood comes in", || ticks.load(Ordering::Relaxed) > 10_000).await;
    (backend, BufReader::new(far))
}

async fn line(far: &mut BufReader<DuplexStream>) -> Value {
    let mut line = String::new();
    in_time(far.read_line(&mut line)).await.unwrap();
    serde_json::from_str(&line).unwrap_or_else(|error| panic!("{error}: {line}"))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_request_during_a_flood_is_answered() {
    let (_backend, mut far) = flooded().await;
    for _ in 0..3 {
        far.write_all(format!("{PING}\n").as_bytes()).await.unwrap();
        assert_eq!(line(&mut far).await, json!({ "jsonrpc": "2.0", "id": 1, "result": 7 }));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_backend_during_a_flood_stops_when_it_is_told_to() {
    let (backend, mut far) = flooded().await;
    in_time(backend.stop(LONG)).await;
    assert_eq!(backend.connection_count(), 0);
    assert_eq!(line(&mut far).await["method"], "rpc.closing");
    let mut rest = String::new();
    in_time(far.read_to_string(&mut rest)).await.unwrap();
    // What came in between is told as dropped.
    for line in rest.lines() {
        let told: Value = serde_json::from_str(line).unwrap();
        assert_eq!(told["method"], "rpc.dropped");
        assert_eq!(told["params"]["channel"], "test.busy");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_handler_during_a_flood_is_cancelled_when_the_grace_is_over() {
    let (backend, mut far) = flooded().await;
    let hang = r#"{"jsonrpc":"2.0","id":2,"method":"test.busy.hang"}"#;
    far.write_all(format!("{hang}\n{PING}\n").as_bytes()).await.unwrap();
    assert_eq!(line(&mut far).await["id"], 1, "by then the other one runs");
    in_time(backend.stop(Duration::from_millis(20))).await;
    assert_eq!(backend.connection_count(), 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_dropped_backend_ends_a_flood() {
    let (backend, mut far) = flooded().await;
    drop(backend);
    let mut rest = Vec::new();
    in_time(far.read_to_end(&mut rest)).await.unwrap();
}

fn native(message: impl AsRef<[u8]>) -> Vec<u8> {
    let message = message.as_ref();
    [&u32::try_from(message.len()).unwrap().to_le_bytes(), message].concat()
}

async fn next_frame(far: &mut DuplexStream) -> Value {
    let length = in_time(far.read_u32_le()).await.unwrap();
    let mut payload = vec![0; length as usize];
    in_time(far.read_exact(&mut payload)).await.unwrap();
    serde_json::from_slice(&payload).unwrap()
}

/// A frontend whose backend floods it from the handshake on.
async fn flooded_frontend() -> (Frontend, DuplexStream) {
    let tick = native(r#"{"jsonrpc":"2.0","method":"test.unknown.tick"}"#);
    let (io, mut far, floods) = Endless::new(&tick, false);
    let connecting = tokio::spawn(Frontend::over(io));
    let mut preface = [0; 5];
    in_time(far.read_exact(&mut preface)).await.unwrap();
    far.write_all(&preface).await.unwrap();
    let hello = next_frame(&mut far).await;
    floods.store(true, Ordering::SeqCst);
    let answer = json!({ "jsonrpc": "2.0", "id": hello["id"], "result": { "protocol": 1 } });
    far.write_all(&native(answer.to_string())).await.unwrap();
    (in_time(connecting).await.unwrap().unwrap(), far)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_call_during_a_flood_is_sent_and_its_reply_arrives() {
    let (frontend, mut far) = flooded_frontend().await;
    for number in 0..3 {
        let call = tokio::spawn(frontend.call::<u32>("test.other.ask", &()));
        let request = next_frame(&mut far).await;
        assert_eq!(request["method"], "test.other.ask");
        let answer = json!({ "jsonrpc": "2.0", "id": request["id"], "result": number });
        far.write_all(&native(answer.to_string())).await.unwrap();
        assert_eq!(in_time(call).await.unwrap().unwrap(), number);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_call_during_a_flood_meets_its_deadline() {
    let (frontend, mut far) = flooded_frontend().await;
    let call = frontend.call::<()>("test.other.ask", &()).timeout(Duration::from_millis(50));
    let failed = in_time(call).await;
    assert!(
        matches!(&failed, Err(error) if error.kind() == ErrorKind::DeadlineExceeded),
        "{failed:?}"
    );
    let request = next_frame(&mut far).await;
    let cancel = next_frame(&mut far).await;
    assert_eq!(cancel["method"], "$/cancelRequest");
    assert_eq!(cancel["params"]["id"], request["id"]);
    assert!(frontend.is_connected());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_frontend_during_a_flood_can_be_closed() {
    let (frontend, mut far) = flooded_frontend().await;
    let call = tokio::spawn(frontend.call::<()>("test.other.ask", &()));
    assert_eq!(next_frame(&mut far).await["method"], "test.other.ask");
    in_time(frontend.clone().close()).await;
    assert!(matches!(in_time(frontend.closed()).await, DisconnectReason::ClosedHere));
    let failed = in_time(call).await.unwrap();
    assert!(
        matches!(&failed, Err(error) if error.kind() == ErrorKind::Disconnected && error.may_have_run()),
        "{failed:?}"
    );
    in_time(far.read_to_end(&mut Vec::new())).await.unwrap();
}

/// The same over a real socket, whose other end writes faster than the handler runs.
#[cfg(unix)] // A named pipe that a thread reads from can't be written to meanwhile.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_socket_that_is_never_empty_is_answered_and_can_be_closed() {
    use std::io::{BufRead, BufReader, Write};
    use std::os::unix::net::UnixStream;

    use ipc_tests::Scratch;

    let (backend, _) = backend(Duration::from_micros(20));
    let directory = Scratch::new();
    backend.listen(format!("unix:{}", directory.join("s").display())).await.unwrap();
    let mut writer = UnixStream::connect(directory.join("s")).unwrap();
    let reader = BufReader::new(writer.try_clone().unwrap());
    let flood = std::thread::spawn(move || {
        let ticks = format!("{TICK}\n").repeat(1000);
        // Enough that more always waits than a socket holds.
        for _ in 0..20 {
            writer.write_all(ticks.as_bytes()).unwrap();
        }
        writer.write_all(format!("{PING}\n").as_bytes()).unwrap();
        while writer.write_all(ticks.as_bytes()).is_ok() {}
    });
    let answer = tokio::task::spawn_blocking(move || {
        let mut lines = reader.lines();
        (lines.next().unwrap().unwrap(), lines)
    });
    let (answer, _reader) = in_time(answer).await.unwrap();
    assert_eq!(answer, r#"{"jsonrpc":"2.0","id":1,"result":7}"#);
    assert!(!flood.is_finished());
    in_time(backend.stop(LONG)).await;
    assert_eq!(backend.connection_count(), 0);
    // Its socket is closed by now.
    in_time(tokio::task::spawn_blocking(|| flood.join())).await.unwrap().unwrap();
}
