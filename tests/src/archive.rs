//! An interface for clients that know nothing of this library: one method of every kind, by names
//! that read well in a guide.

use std::{
    collections::HashMap,
    future,
    sync::{
        Arc, Mutex,
        atomic::{AtomicU32, Ordering},
    },
};

use futures_util::{StreamExt, stream};
use ipc_runtime::{Bytes, CallContext, Stream, Streaming, ipc_interface, ipc_type};

/// What can go wrong.
#[ipc_type]
#[derive(Debug, Clone, thiserror::Error)]
pub enum ArchiveError {
    /// There is nothing of that name.
    #[error("there is no `{0}`")]
    NotFound(String),
}

/// How far [`Archive::index`] has come.
#[ipc_type]
#[derive(Debug, Clone)]
pub struct Indexed {
    /// So many files.
    pub files: u32,
}

/// Files, kept in memory.
#[ipc_interface(channel = "demo.archive", version = "1.2.0", rename_all = "camelCase")]
pub trait Archive {
    /// The size of a file, in bytes.
    fn size(&self, name: &str) -> Result<u64, ArchiveError>;
    /// The same offset.
    fn seek(&self, offset: u64, back: Option<u64>) -> u64;
    /// What a file holds.
    fn read(&self, name: &str) -> Result<Bytes, ArchiveError>;
    /// Keeps a file, and returns its size.
    fn write(&self, name: &str, bytes: Bytes) -> u64;
    /// Keeps a file that comes in pieces, and returns its size.
    async fn upload(&self, name: &str, pieces: Streaming<Bytes>) -> u64;
    /// Reports each file.
    async fn index(&self, #[ipc(context)] call: &CallContext<Indexed>, files: u32) -> u32;
    /// Counts down to 0.
    #[ipc(subscription)]
    fn countdown(&self, from: u32) -> impl Stream<Item = u32>;
    /// Gives 1, and then nothing more.
    #[ipc(subscription)]
    fn changes(&self) -> impl Stream<Item = u32>;
    /// Never returns.
    async fn wait(&self);
    /// How many calls of `wait` and streams of `changes` there are.
    fn waiting(&self) -> u32;
    /// Keeps a line.
    #[ipc(notification)]
    fn log(&self, line: String);
    /// The lines that were kept.
    fn logged(&self) -> Vec<String>;
    /// Notifies the caller: `demo.desk.told`, with the text.
    async fn tell(&self, #[ipc(context)] call: &CallContext, text: &str) -> Result<(), String>;
    /// Calls the caller: `demo.desk.confirm`.
    async fn ask(&self, #[ipc(context)] call: &CallContext, text: &str) -> Result<String, String>;
}

/// What a client may serve.
#[ipc_interface(channel = "demo.desk", version = "1.0.0")]
pub trait Desk {
    /// Confirms a question.
    async fn confirm(&self, question: &str) -> Result<String, String>;
}

/// The handler.
#[derive(Debug)]
pub struct ArchiveService {
    files: Mutex<HashMap<String, Bytes>>,
    lines: Mutex<Vec<String>>,
    waiting: Arc<AtomicU32>,
}

impl Default for ArchiveService {
    fn default() -> Self {
        let files = [("a.txt", "Grüße"), ("b.txt", "")];
        let kept = |(name, text): (&str, &'static str)| {
            (name.to_owned(), Bytes::from(text.as_bytes().to_vec()))
        };
        Self {
            files: Mutex::new(files.map(kept).into()),
            lines: Mutex::default(),
            waiting: Arc::default(),
        }
    }
}

/// Counts what waits, while it is there.
struct Waiting(Arc<AtomicU32>);

impl Waiting {
    fn one(count: &Arc<AtomicU32>) -> Self {
        count.fetch_add(1, Ordering::SeqCst);
        Self(count.clone())
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

impl ArchiveService {
    fn keep(&self, name: &str, bytes: Bytes) -> u64 {
        let size = bytes.len() as u64;
        self.files.lock().unwrap().insert(name.to_owned(), bytes);
        size
    }
}

impl Archive for ArchiveService {
    fn size(&self, name: &str) -> Result<u64, ArchiveError> {
        self.read(name).map(|bytes| bytes.len() as u64)
    }

    fn seek(&self, offset: u64, back: Option<u64>) -> u64 {
        offset.saturating_sub(back.unwrap_or_default())
    }

    fn read(&self, name: &str) -> Result<Bytes, ArchiveError> {
        let files = self.files.lock().unwrap();
        files.get(name).cloned().ok_or_else(|| ArchiveError::NotFound(name.to_owned()))
    }

    fn write(&self, name: &str, bytes: Bytes) -> u64 {
        self.keep(name, bytes)
    }

    async fn upload(&self, name: &str, pieces: Streaming<Bytes>) -> u64 {
        let whole = pieces.filter_map(async |piece| piece.ok()).fold(
            Vec::new(),
            async |mut whole, piece| {
                whole.extend_from_slice(&piece);
                whole
            },
        );
        self.keep(name, whole.await.into())
    }

    async fn index(&self, call: &CallContext<Indexed>, files: u32) -> u32 {
        for files in 1..=files {
            call.progress(&Indexed { files });
        }
        files
    }

    fn countdown(&self, from: u32) -> impl Stream<Item = u32> {
        stream::iter((0..from).rev())
    }

    fn changes(&self) -> impl Stream<Item = u32> {
        let waiting = Waiting::one(&self.waiting);
        stream::once(future::ready(1)).chain(stream::pending()).inspect(move |_| {
            let _held = &waiting;
        })
    }

    async fn wait(&self) {
        let _held = Waiting::one(&self.waiting);
        future::pending::<()>().await;
    }

    fn waiting(&self) -> u32 {
        self.waiting.load(Ordering::SeqCst)
    }

    fn log(&self, line: String) {
        self.lines.lock().unwrap().push(line);
    }

    fn logged(&self) -> Vec<String> {
        self.lines.lock().unwrap().clone()
    }

    async fn tell(&self, call: &CallContext, text: &str) -> Result<(), String> {
        // By its name: not every client can answer whether it has the interface.
        let told = call.peer().notify("demo.desk.told", &(text,)).await;
        told.map_err(|error| error.to_string())
    }

    async fn ask(&self, call: &CallContext, text: &str) -> Result<String, String> {
        let desk: DeskClient = call.peer().client();
        desk.confirm(text).await.map_err(|error| error.to_string())
    }
}
