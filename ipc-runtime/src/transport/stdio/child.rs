//! A backend that this process has started, and its standard input and output.

use std::{
    future::Future,
    io,
    pin::Pin,
    process::{ExitStatus, Stdio},
    task::{Context, Poll, ready},
    time::Duration,
};

use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    process::{Child, ChildStdin, ChildStdout, Command},
};

use crate::{
    peer_info::PeerCredentials,
    support::rt::{Instant, Sleep, sleep},
    transport::{
        byte_stream::{self, Io},
        config::CarrierConfig,
        connected::Connected,
    },
};

/// Once the process has ended, all its output counts as read when nothing has arrived for this
/// long. The output is in the pipe by then, so this only has to be long enough for the runtime to
/// look at the pipe once more. On Windows a thread reads the pipe, and needs time to be scheduled.
const QUIET: Duration = Duration::from_millis(if cfg!(windows) { 500 } else { 50 });

/// How many bytes of output may be read after the process has ended. No pipe holds more, so
/// anything beyond that comes from another process.
const PIPE: usize = 1 << 20;

/// How long a process may take to end if it has closed its output before it sent anything.
const LAST_MOMENTS: Duration = Duration::from_secs(1);

/// Starts a backend and connects to its standard input and output.
pub(crate) async fn spawn(mut command: Command, config: &CarrierConfig) -> io::Result<Connected> {
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).kill_on_drop(true);
    let mut child = command.spawn().map_err(|error| {
        let program = command.as_std().get_program().to_string_lossy().into_owned();
        io::Error::new(error.kind(), format!("{program} can't be started: {error}"))
    })?;
    let process = child.id().and_then(|id| i32::try_from(id).ok());
    let pipes = child.stdin.take().zip(child.stdout.take());
    let (input, output) = pipes.ok_or_else(|| io::Error::other("the child has no pipes"))?;
    let io = ChildStdio {
        input: Some(input),
        output,
        exit: Exit::of(child),
        has_spoken: false,
        pause: Box::pin(sleep(QUIET)),
        left: None,
    };
    let carrier = byte_stream::connect(Box::new(io), config).await?;
    Ok(Connected { carrier, credentials: Some(PeerCredentials { user: None, process }) })
}

/// The standard input and output of a process that was started here. Dropping it kills the process
/// if that is still running.
struct ChildStdio {
    input: Option<ChildStdin>,
    output: ChildStdout,
    exit: Exit,
    /// Whether anything was read.
    has_spoken: bool,
    pause: Pin<Box<Sleep>>,
    /// How many more bytes may be read. Set once the process or its output has ended.
    left: Option<usize>,
}

impl ChildStdio {
    /// Handles the end of the output. If the process never sent anything, the error says how it
    /// ended.
    fn poll_end(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        if self.has_spoken {
            return Poll::Ready(Ok(()));
        }
        if self.left.is_none() {
            self.pause.as_mut().reset(Instant::now() + LAST_MOMENTS);
            self.left = Some(0);
        }
        let how = match self.exit.poll(cx) {
            Poll::Ready(Some(status)) => {
                format!("the process ended before it said anything: {status}")
            }
            Poll::Ready(None) => return Poll::Ready(Ok(())),
            Poll::Pending => {
                ready!(self.pause.as_mut().poll(cx));
                "the process closed its standard output before it said anything".into()
            }
        };
        Poll::Ready(Err(io::Error::new(io::ErrorKind::UnexpectedEof, how)))
    }

    /// Ready once the process has ended and everything it wrote was read. The output may not end by
    /// itself: other processes may have inherited it, and keep it open.
    fn poll_silence(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        ready!(self.exit.poll(cx));
        if self.left.is_none() {
            self.left = Some(PIPE);
            self.rest();
        }
        self.pause.as_mut().poll(cx)
    }

    fn rest(&mut self) {
        self.pause.as_mut().reset(Instant::now() + QUIET);
    }
}

impl Io for ChildStdio {
    fn resets(&self) -> bool {
        false
    }

    fn is_standard_output(&self) -> bool {
        true
    }
}

impl AsyncRead for ChildStdio {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if self.left == Some(0) {
            return self.poll_end(cx);
        }
        let before = buffer.filled().len();
        match Pin::new(&mut self.output).poll_read(cx, buffer) {
            Poll::Ready(Ok(())) => {
                let read = buffer.filled().len() - before;
                if read == 0 {
                    return self.poll_end(cx);
                }
                self.has_spoken = true;
                if let Some(left) = &mut self.left {
                    *left = left.saturating_sub(read);
                    self.rest();
                }
                Poll::Ready(Ok(()))
            }
            Poll::Ready(Err(error)) => Poll::Ready(Err(error)),
            Poll::Pending => {
                ready!(self.poll_silence(cx));
                self.left = Some(0);
                self.poll_end(cx)
            }
        }
    }
}

impl AsyncWrite for ChildStdio {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let Some(input) = &mut self.input else {
            return Poll::Ready(Err(io::ErrorKind::BrokenPipe.into()));
        };
        let written = Pin::new(input).poll_write(cx, bytes);
        if written.is_pending() && self.exit.poll(cx).is_ready() {
            // Other processes may have inherited its input, and never read it.
            return Poll::Ready(Err(io::ErrorKind::BrokenPipe.into()));
        }
        written
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match &mut self.input {
            Some(input) => Pin::new(input).poll_flush(cx),
            None => Poll::Ready(Ok(())),
        }
    }

    /// Closes the process's input, which tells the process to end, and waits until it has.
    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.input = None;
        self.exit.poll(cx).map(|_| Ok(()))
    }
}

/// The end of a process. Dropping this earlier kills the process.
enum Exit {
    Awaited(Pin<Box<dyn Future<Output = io::Result<ExitStatus>> + Send>>),
    /// `None` if the exit status isn't known, because other code has already collected it.
    Known(Option<ExitStatus>),
}

impl Exit {
    fn of(mut child: Child) -> Self {
        Self::Awaited(Box::pin(async move { child.wait().await }))
    }

    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Option<ExitStatus>> {
        let status = match self {
            Self::Awaited(exit) => ready!(exit.as_mut().poll(cx)).ok(),
            Self::Known(status) => *status,
        };
        *self = Self::Known(status);
        Poll::Ready(status)
    }
}
