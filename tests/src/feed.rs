//! An interface of streams, whose sources the test holds in its hands.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use futures_util::{StreamExt, stream};
use ipc_runtime::{Bytes, CallContext, Stream, Streaming, event::Emitter, ipc_interface, ipc_type};

use crate::FileError;

/// How far [`Feed::work`] has come.
#[ipc_type]
#[derive(Debug, PartialEq)]
pub struct Step {
    /// From 1.
    pub number: u32,
}

/// Streams of every kind.
#[ipc_interface(channel = "test.feed", version = "1.0.0")]
pub trait Feed {
    /// The numbers from 0 up to `end`.
    #[ipc(subscription)]
    fn count(&self, end: u64) -> impl Stream<Item = u64>;
    /// Words, if there is such a list; borrows its argument and the handler.
    #[ipc(subscription)]
    async fn words(&self, of: &str) -> Result<impl Stream<Item = String>, FileError>;
    /// One number, then an error.
    #[ipc(subscription)]
    async fn fails(&self) -> impl Stream<Item = Result<u32, FileError>>;
    /// One number, then a panic.
    #[ipc(subscription)]
    async fn panics(&self) -> impl Stream<Item = u32>;
    /// What the test fires.
    #[ipc(subscription)]
    async fn events(&self) -> impl Stream<Item = u64>;
    /// Items of this many bytes, for ever.
    #[ipc(subscription)]
    fn blocks(&self, size: usize) -> impl Stream<Item = Bytes>;
    /// How many bytes were uploaded.
    async fn upload(&self, name: &str, chunks: Streaming<Bytes>) -> Result<u64, FileError>;
    /// Takes this many chunks and returns.
    async fn take(&self, count: u32, chunks: Streaming<u32>) -> Vec<u32>;
    /// Each number twice as large.
    #[ipc(subscription)]
    async fn doubled(&self, numbers: Streaming<u32>) -> impl Stream<Item = u32>;
    /// Reports this many steps.
    async fn work(&self, #[ipc(context)] call: &CallContext<Step>, steps: u32) -> u32;
}

/// Serves [`Feed`], and counts the streams that are alive.
#[derive(Debug, Default)]
pub struct Source {
    /// Fired into [`Feed::events`].
    pub events: Emitter<u64>,
    alive: Arc<AtomicUsize>,
    produced: Arc<AtomicUsize>,
}

/// Counts a stream while it is there.
struct Alive(Arc<AtomicUsize>);

impl Alive {
    fn one(count: &Arc<AtomicUsize>) -> Self {
        count.fetch_add(1, Ordering::SeqCst);
        Self(count.clone())
    }
}

impl Drop for Alive {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

impl Source {
    /// How many streams of handlers are alive.
    pub fn alive(&self) -> usize {
        self.alive.load(Ordering::SeqCst)
    }

    /// How many items were asked for of [`Feed::count`] and [`Feed::blocks`].
    pub fn produced(&self) -> usize {
        self.produced.load(Ordering::SeqCst)
    }

    fn counted<S: Stream>(&self, stream: S) -> impl Stream<Item = S::Item> + use<S> {
        let alive = Alive::one(&self.alive);
        stream.inspect(move |_| {
            let _ = &alive;
        })
    }
}

impl Feed for Source {
    fn count(&self, end: u64) -> impl Stream<Item = u64> {
        let produced = self.produced.clone();
        self.counted(stream::iter(0..end).inspect(move |_| {
            produced.fetch_add(1, Ordering::SeqCst);
        }))
    }

    async fn words(&self, of: &str) -> Result<impl Stream<Item = String>, FileError> {
        tokio::task::yield_now().await;
        if of.is_empty() {
            return Err(FileError::NotFound("no words".into()));
        }
        Ok(self.counted(stream::iter(of.split(' ')).map(str::to_owned)))
    }

    async fn fails(&self) -> impl Stream<Item = Result<u32, FileError>> {
        self.counted(stream::iter([Ok(1), Err(FileError::NotFound("the rest".into())), Ok(3)]))
    }

    #[expect(clippy::panic, reason = "it is what is tested")]
    async fn panics(&self) -> impl Stream<Item = u32> {
        self.counted(stream::iter(1..).map(|n| if n == 1 { n } else { panic!("on purpose") }))
    }

    async fn events(&self) -> impl Stream<Item = u64> {
        self.counted(self.events.event().listen())
    }

    fn blocks(&self, size: usize) -> impl Stream<Item = Bytes> {
        let produced = self.produced.clone();
        self.counted(stream::repeat_with(move || {
            produced.fetch_add(1, Ordering::SeqCst);
            Bytes::from(vec![7; size])
        }))
    }

    async fn upload(&self, name: &str, mut chunks: Streaming<Bytes>) -> Result<u64, FileError> {
        let _alive = Alive::one(&self.alive);
        let mut total = 0;
        while let Some(chunk) = chunks.next().await {
            match chunk {
                Ok(chunk) => total += chunk.len() as u64,
                Err(error) => return Err(FileError::NotFound(format!("{name}: {error}"))),
            }
        }
        Ok(total)
    }

    async fn take(&self, count: u32, chunks: Streaming<u32>) -> Vec<u32> {
        chunks.take(count as usize).filter_map(async |item| item.ok()).collect().await
    }

    async fn doubled(&self, numbers: Streaming<u32>) -> impl Stream<Item = u32> {
        self.counted(numbers.filter_map(async |number| Some(number.ok()? * 2)))
    }

    async fn work(&self, call: &CallContext<Step>, steps: u32) -> u32 {
        for number in 1..=steps {
            call.progress(&Step { number });
            tokio::task::yield_now().await;
        }
        steps
    }
}
