//! Standard input, read on a thread of its own.

use std::{
    io::{self, Read},
    pin::Pin,
    task::{Context, Poll, ready},
    thread,
};

use tokio::{
    io::{AsyncRead, ReadBuf},
    sync::mpsc,
};

/// How many bytes are read at once.
const CHUNK: usize = 16 * 1024;

/// How many chunks the thread may read ahead.
const CHUNKS: usize = 4;

/// The standard input of this process.
pub(super) struct StdinStream {
    chunks: mpsc::Receiver<io::Result<Vec<u8>>>,
    chunk: Vec<u8>,
    taken: usize,
}

impl StdinStream {
    /// Starts a thread that reads standard input and ends with the process. tokio's own stdin would
    /// delay the shutdown of the runtime until one more byte is written.
    pub(super) fn new() -> io::Result<Self> {
        let (sender, chunks) = mpsc::channel(CHUNKS);
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
        Ok(Self { chunks, chunk: Vec::new(), taken: 0 })
    }
}

impl AsyncRead for StdinStream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if self.taken == self.chunk.len() {
            match ready!(self.chunks.poll_recv(cx)) {
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
