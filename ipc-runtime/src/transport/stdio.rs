//! `stdio:`: a backend that communicates over its standard input and output, and the frontend that
//! has started it.

pub(crate) mod child;
pub(crate) mod input;
pub(crate) mod output;

use std::{
    io,
    pin::Pin,
    sync::atomic::{AtomicBool, Ordering},
    task::{Context, Poll},
};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use crate::{
    endpoint::Endpoint,
    transport::{
        byte_stream::{self, Io},
        carrier_kind::{Acceptor, Arrival, CarrierKind},
        config::{CarrierConfig, ListenOptions},
        connected::Connected,
        opened::Opened,
        stdio::{input::StdinStream, output::StdoutStream},
    },
};

/// Whether a listener has taken them. A process has one standard input, and bytes that were read
/// from it can't be put back.
static TAKEN: AtomicBool = AtomicBool::new(false);

/// The standard input and output of a process, which make exactly one connection.
pub(crate) enum StandardStreams {}

impl CarrierKind for StandardStreams {
    type Acceptor = StdioAcceptor;

    const ACCEPTS_ONCE: bool = true;

    /// Always fails. The only way to connect is [`child::spawn`].
    async fn connect(endpoint: &Endpoint, _: &CarrierConfig) -> io::Result<Connected> {
        Err(endpoint.not_built_in())
    }

    async fn listen(_: &Endpoint, _: &ListenOptions) -> io::Result<StdioAcceptor> {
        StdioAcceptor::bind()
    }
}

/// The standard input and output of this process, until a connection takes them.
pub(crate) struct StdioAcceptor {
    io: Option<OwnStdio>,
}

impl StdioAcceptor {
    fn bind() -> io::Result<Self> {
        if TAKEN.swap(true, Ordering::Relaxed) {
            return Err(io::Error::new(
                io::ErrorKind::AddrInUse,
                "standard input and output are in use in this process",
            ));
        }
        Ok(Self { io: Some(OwnStdio { input: StdinStream::new()?, output: StdoutStream::new()? }) })
    }
}

impl Acceptor for StdioAcceptor {
    type Arrival = OwnStdio;

    fn endpoint(&self) -> Endpoint {
        Endpoint::Stdio
    }

    async fn accept(&mut self) -> io::Result<OwnStdio> {
        match self.io.take() {
            Some(io) => Ok(io),
            None => std::future::pending().await,
        }
    }
}

/// The standard input and output of this process.
pub(crate) struct OwnStdio {
    input: StdinStream,
    output: StdoutStream,
}

impl Arrival for OwnStdio {
    async fn open(self, config: &CarrierConfig) -> io::Result<Opened> {
        let carrier = byte_stream::accept(Box::new(self), config).await?;
        Ok(Connected { carrier, credentials: None }.into())
    }
}

impl Io for OwnStdio {
    fn resets(&self) -> bool {
        false
    }

    fn written(&self) -> u64 {
        self.output.written()
    }
}

impl AsyncRead for OwnStdio {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.input).poll_read(cx, buffer)
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
        Pin::new(&mut self.output).poll_shutdown(cx)
    }
}
