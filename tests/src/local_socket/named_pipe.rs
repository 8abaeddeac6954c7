//! Named pipes by tokio.

use std::{
    io,
    path::{Path, PathBuf},
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::windows::named_pipe::{ClientOptions, NamedPipeClient, NamedPipeServer, ServerOptions},
    sync::Mutex,
};

/// All instances have their client.
const ERROR_PIPE_BUSY: i32 = 231;

/// A connection, from either end.
#[derive(Debug)]
pub enum LocalStream {
    /// The end that has connected.
    Client(NamedPipeClient),
    /// The end that has listened.
    Server(NamedPipeServer),
}

impl LocalStream {
    /// Connects, and waits while the pipe is busy.
    pub async fn connect(socket: impl AsRef<Path>) -> io::Result<Self> {
        loop {
            match ClientOptions::new().open(socket.as_ref()) {
                Err(error) if error.raw_os_error() == Some(ERROR_PIPE_BUSY) => {
                    tokio::time::sleep(Duration::from_millis(2)).await;
                }
                opened => return opened.map(Self::Client),
            }
        }
    }
}

impl AsyncRead for LocalStream {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Client(pipe) => Pin::new(pipe).poll_read(cx, buffer),
            Self::Server(pipe) => Pin::new(pipe).poll_read(cx, buffer),
        }
    }
}

impl AsyncWrite for LocalStream {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        match self.get_mut() {
            Self::Client(pipe) => Pin::new(pipe).poll_write(cx, bytes),
            Self::Server(pipe) => Pin::new(pipe).poll_write(cx, bytes),
        }
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Client(pipe) => Pin::new(pipe).poll_flush(cx),
            Self::Server(pipe) => Pin::new(pipe).poll_flush(cx),
        }
    }

    /// A pipe can't be closed in one direction.
    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.poll_flush(cx)
    }
}

/// A place to connect to: there is always one instance that waits.
#[derive(Debug)]
pub struct LocalListener {
    socket: PathBuf,
    waiting: Mutex<NamedPipeServer>,
}

impl LocalListener {
    /// Makes it.
    pub fn bind(socket: impl AsRef<Path>) -> io::Result<Self> {
        let socket = socket.as_ref().to_owned();
        let first = ServerOptions::new().first_pipe_instance(true).create(&socket)?;
        Ok(Self { socket, waiting: Mutex::new(first) })
    }

    /// Waits for the next connection.
    pub async fn accept(&self) -> io::Result<LocalStream> {
        let mut waiting = self.waiting.lock().await;
        waiting.connect().await?;
        let next = ServerOptions::new().create(&self.socket)?;
        Ok(LocalStream::Server(std::mem::replace(&mut *waiting, next)))
    }
}
