//! `stdio:` — a backend that speaks by its standard input and output, and the frontend that has
//! started it.

use std::{
    future::Future,
    io::{self, Read},
    pin::Pin,
    process::ExitStatus,
    sync::atomic::{AtomicBool, Ordering},
    task::{Context, Poll, ready},
    thread,
};

use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf, Stdout},
    process::{ChildStdin, ChildStdout, Command},
    sync::mpsc,
};

use super::{CarrierConfig, Connected, Endpoint, byte_stream, byte_stream::Io};
use crate::peer_info::PeerCredentials;

/// How much is read at once.
const CHUNK: usize = 16 * 1024;

/// How many chunks may wait to be taken.
const CHUNKS: usize = 4;

/// A process has one standard input, and what was read from it can't be given back.
static TAKEN: AtomicBool = AtomicBool::new(false);

/// The standard input and output of this process: exactly one connection.
pub(crate) struct Listener {
    io: Option<OwnStdio>,
}

impl Listener {
    pub(super) fn bind() -> io::Result<Self> {
        if TAKEN.swap(true, Ordering::Relaxed) {
            return Err(io::Error::new(
                io::ErrorKind::AddrInUse,
                "standard input and output are in use in this process",
            ));
        }
        Ok(Self { io: Some(OwnStdio::new()?) })
    }

    pub(super) fn endpoint(&self) -> Endpoint {
        Endpoint::Stdio
    }

    pub(super) async fn accept(&mut self) -> io::Result<OwnStdio> {
        match self.io.take() {
            Some(io) => Ok(io),
            None => std::future::pending().await,
        }
    }
}

/// The standard input and output of this process.
pub(crate) struct OwnStdio {
    input: mpsc::Receiver<io::Result<Vec<u8>>>,
    chunk: Vec<u8>,
    taken: usize,
    output: Stdout,
}

impl OwnStdio {
    /// Reads in a thread of its own, which ends with the process: tokio's own stdin would hold up
    /// the shutdown of the runtime until somebody writes one more byte.
    fn new() -> io::Result<Self> {
        let (sender, input) = mpsc::channel(CHUNKS);
        thread::Builder::new().name("ipc-stdin".into()).spawn(move || {
            let mut stdin = io::stdin().lock();
            loop {
                let mut chunk = vec![0; CHUNK];
                let read = match stdin.read(&mut chunk) {
                    Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                    read => read,
                };
                let over = !matches!(read, Ok(1..));
                let read = read.map(|read| {
                    chunk.truncate(read);
                    chunk
                });
                if sender.blocking_send(read).is_err() || over {
                    return;
                }
            }
        })?;
        Ok(Self { input, chunk: Vec::new(), taken: 0, output: tokio::io::stdout() })
    }

    pub(super) async fn open(self, config: &CarrierConfig) -> io::Result<Connected> {
        let carrier = byte_stream::accept(Box::new(self), config).await?;
        Ok(Connected { carrier, credentials: None })
    }
}

impl Io for OwnStdio {
    fn resets(&self) -> bool {
        false
    }
}

impl AsyncRead for OwnStdio {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if self.taken == self.chunk.len() {
            match ready!(self.input.poll_recv(cx)) {
                Some(chunk) => (self.chunk, self.taken) = (chunk?, 0),
                None => return Poll::Ready(Ok(())),
            }
        }
        let rest = &self.chunk[self.taken..];
        let taken = rest.len().min(buffer.remaining());
        buffer.put_slice(&rest[..taken]);
        self.taken += taken;
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for OwnStdio {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.output).poll_write(cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.output).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        // Its own shutdown doesn't flush, and a process may end right after this.
        ready!(Pin::new(&mut self.output).poll_flush(cx))?;
        Pin::new(&mut self.output).poll_shutdown(cx)
    }
}

/// Starts a backend, and connects to its standard input and output.
pub(crate) async fn spawn(mut command: Command, config: &CarrierConfig) -> io::Result<Connected> {
    use std::process::Stdio;
    let mut child =
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).kill_on_drop(true).spawn().map_err(
            |error| {
                let program = command.as_std().get_program().to_string_lossy().into_owned();
                io::Error::new(error.kind(), format!("{program} can't be started: {error}"))
            },
        )?;
    let process = child.id().and_then(|id| i32::try_from(id).ok());
    let pipes = child.stdin.take().zip(child.stdout.take());
    let (stdin, output) = pipes.ok_or_else(|| io::Error::other("the child has no pipes"))?;
    let exit = Box::pin(async move { child.wait().await });
    let io = ChildStdio { input: Some(stdin), output, exit };
    let carrier = byte_stream::connect(Box::new(io), config).await?;
    Ok(Connected { carrier, credentials: Some(PeerCredentials { user: None, process }) })
}

/// The standard input and output of a process that was started here. Dropped, it kills a process
/// that is still there.
struct ChildStdio {
    input: Option<ChildStdin>,
    output: ChildStdout,
    exit: Pin<Box<dyn Future<Output = io::Result<ExitStatus>> + Send>>,
}

impl Io for ChildStdio {
    fn resets(&self) -> bool {
        false
    }
}

impl AsyncRead for ChildStdio {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.output).poll_read(cx, buffer)
    }
}

impl AsyncWrite for ChildStdio {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        match &mut self.input {
            Some(input) => Pin::new(input).poll_write(cx, bytes),
            None => Poll::Ready(Err(io::ErrorKind::BrokenPipe.into())),
        }
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match &mut self.input {
            Some(input) => Pin::new(input).poll_flush(cx),
            None => Poll::Ready(Ok(())),
        }
    }

    /// The end of its input tells the process to end; it is waited for.
    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.input = None;
        self.exit.as_mut().poll(cx).map_ok(|_| ())
    }
}
