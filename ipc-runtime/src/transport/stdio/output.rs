//! Standard output, written on a thread of its own.

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

/// How many bytes may wait for the thread. The thread may be writing as many again.
const CAPACITY: usize = 64 * 1024;

/// How many bytes are written at once. Small, so that the count of written bytes shows how far a
/// slow reader has come.
const PIECE: usize = 4 * 1024;

/// The standard output of this process.
///
/// tokio's own stdout writes on the blocking threads, which handlers occupy too
/// (`#[ipc(blocking)]`). If all of these handlers waited for something that is still to be written,
/// it would never be written.
pub(super) struct StdoutStream {
    queue: Arc<OutputQueue>,
}

#[derive(Default)]
struct OutputQueue {
    /// How many bytes the operating system has taken.
    written: AtomicU64,
    state: Lock<QueueState>,
    /// Notified when there is something to write, or there never will be again.
    changed: Condvar,
}

#[derive(Default)]
struct QueueState {
    queued: Vec<u8>,
    /// The thread is writing what it took last.
    is_writing: bool,
    /// Nothing more will be queued.
    is_closed: bool,
    /// A write has failed, so nothing more is written. `error` is why, until it was returned once.
    is_broken: bool,
    error: Option<io::Error>,
    /// Wakes the task that waits for room, and the one that waits until everything is written.
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

    /// Writes everything that is queued, until nothing more will be.
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

    /// Waits for something to write. Returns `false` if nothing more will come.
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

    /// Holds the lock on standard output, so that what other code prints lands between two
    /// messages, where it is detected, and not inside one, unless that is a large one.
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

    /// Ready once the operating system has taken everything.
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
