//! Standard output, written by a thread of its own.

use std::{
    io::{self, Write},
    pin::Pin,
    sync::{
        Arc, Condvar, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    task::{Context, Poll, Waker},
    thread,
};

use tokio::io::AsyncWrite;

use crate::support::lock::Lock;

/// How much may wait for the thread; as much again may be on its way by it.
const CAPACITY: usize = 64 * 1024;

/// So much is written at once, so that it shows how far a slow reader has come.
const PIECE: usize = 4 * 1024;

/// The standard output of this process.
///
/// tokio's own writes by the threads that handlers block
/// (`#[ipc(blocking)]`): when all of them wait for something that is still to be written, it never
/// is.
pub(super) struct StdoutStream {
    queue: Arc<OutputQueue>,
}

#[derive(Default)]
struct OutputQueue {
    /// How many bytes the operating system has taken.
    written: AtomicU64,
    state: Lock<QueueState>,
    /// Told when there is something to write, or never will be again.
    changed: Condvar,
}

#[derive(Default)]
struct QueueState {
    queued: Vec<u8>,
    /// The thread writes what it took last.
    is_writing: bool,
    /// Nothing more is queued.
    is_closed: bool,
    /// Nothing more is written, and why, until that was told.
    is_broken: bool,
    error: Option<io::Error>,
    /// Whoever waits until there is room, and whoever waits until all is written.
    room: Option<Waker>,
    flushed: Option<Waker>,
}

impl StdoutStream {
    pub(super) fn new() -> io::Result<Self> {
        let queue = Arc::new(OutputQueue::default());
        let writer = queue.clone();
        thread::Builder::new().name("ipc-stdout".into()).spawn(move || writer.write_all())?;
        Ok(Self { queue })
    }

    /// How many bytes the operating system has taken.
    pub(super) fn written(&self) -> u64 {
        self.queue.written.load(Ordering::Relaxed)
    }
}

impl OutputQueue {
    fn state(&self) -> MutexGuard<'_, QueueState> {
        self.state.lock()
    }

    /// Writes whatever is queued, until nothing more will be.
    fn write_all(&self) {
        let mut taken = Vec::new();
        while self.take(&mut taken) {
            let written = self.write(&taken);
            taken.clear();
            let (room, flushed, is_broken) = {
                let mut state = self.state();
                state.is_writing = false;
                if let Err(error) = written {
                    (state.is_broken, state.error) = (true, Some(error));
                    state.queued = Vec::new();
                }
                (state.room.take(), state.flushed.take(), state.is_broken)
            };
            room.into_iter().chain(flushed).for_each(Waker::wake);
            if is_broken {
                return;
            }
        }
    }

    /// Waits for something to write. `false`: nothing more comes.
    fn take(&self, taken: &mut Vec<u8>) -> bool {
        let mut state = self.state();
        while state.queued.is_empty() {
            if state.is_closed {
                return false;
            }
            state = self.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
        std::mem::swap(&mut state.queued, taken);
        state.is_writing = true;
        let room = state.room.take();
        drop(state);
        room.into_iter().for_each(Waker::wake);
        true
    }

    /// Under the lock of standard output: what others print stands between two messages, where it is seen,
    /// rather than amid one, if that isn't a large one.
    fn write(&self, bytes: &[u8]) -> io::Result<()> {
        let mut stdout = io::stdout().lock();
        for piece in bytes.chunks(PIECE) {
            stdout.write_all(piece)?;
            self.written.fetch_add(piece.len() as u64, Ordering::Relaxed);
        }
        stdout.flush()
    }
}

impl QueueState {
    fn check(&mut self) -> io::Result<()> {
        if self.is_broken {
            return Err(self.error.take().unwrap_or_else(|| io::ErrorKind::BrokenPipe.into()));
        }
        Ok(())
    }
}

impl AsyncWrite for StdoutStream {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let mut state = self.queue.state();
        state.check()?;
        let taken = bytes.len().min(CAPACITY - state.queued.len());
        if taken == 0 && !bytes.is_empty() {
            state.room = Some(cx.waker().clone());
            return Poll::Pending;
        }
        state.queued.extend_from_slice(&bytes[..taken]);
        drop(state);
        self.queue.changed.notify_one();
        Poll::Ready(Ok(taken))
    }

    /// Ready when everything was given to the operating system.
    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let mut state = self.queue.state();
        state.check()?;
        if state.queued.is_empty() && !state.is_writing {
            return Poll::Ready(Ok(()));
        }
        state.flushed = Some(cx.waker().clone());
        Poll::Pending
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.poll_flush(cx)
    }
}

impl Drop for StdoutStream {
    fn drop(&mut self) {
        self.queue.state().is_closed = true;
        self.queue.changed.notify_one();
    }
}
