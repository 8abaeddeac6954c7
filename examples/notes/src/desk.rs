//! What windows may ask: each method hands on to the room that does it.

use std::sync::Arc;

use ipc_runtime::{Bytes, CallContext, Stream, Streaming};
use notes_interface::{
    Arrived, Change, DeleteError, Found, ImportError, IndexError, Indexed, Indexing, Kept,
    ListError, Note, NoteInfo, Notes, ReadError, RenameError, SaveError,
};
use tokio::sync::Mutex;

use crate::{import, indexing, vault::Vault};

/// The notes, as windows have them.
pub(crate) struct Desk {
    vault: Arc<Vault>,
    /// Held while an index is made.
    indexing: Mutex<()>,
}

impl Desk {
    pub(crate) fn new(vault: Arc<Vault>) -> Self {
        Self { vault, indexing: Mutex::default() }
    }
}

impl Notes for Desk {
    fn list(&self) -> Result<Vec<NoteInfo>, ListError> {
        // A folder that is gone isn't one without notes.
        std::fs::read_dir(self.vault.folder())
            .map_err(|error| ListError::Folder(error.to_string()))?;
        Ok(self.vault.list())
    }

    fn read(&self, name: &str) -> Result<Note, ReadError> {
        self.vault.read(name)
    }

    fn save(&self, name: &str, text: &str, revision: Option<&str>) -> Result<NoteInfo, SaveError> {
        self.vault.save(name, text, revision)
    }

    fn delete(&self, name: &str, revision: &str) -> Result<(), DeleteError> {
        self.vault.delete(name, revision)
    }

    fn rename(&self, from: &str, to: &str) -> Result<NoteInfo, RenameError> {
        self.vault.rename(from, to)
    }

    fn changes(&self) -> impl Stream<Item = Change> {
        self.vault.changes().event().listen()
    }

    fn search(&self, query: &str) -> Found {
        self.vault.search(query)
    }

    async fn index(&self, call: &CallContext<Indexing>) -> Result<Indexed, IndexError> {
        let _held = self.indexing.try_lock().map_err(|_| IndexError::Busy)?;
        indexing::index(Arc::clone(&self.vault), |so_far| call.progress(&so_far)).await
    }

    async fn import(
        &self,
        call: &CallContext<Arrived>,
        name: &str,
        chunks: Streaming<Bytes>,
    ) -> Result<Kept, ImportError> {
        let progress = |arrived| call.progress(&arrived);
        import::import(Arc::clone(&self.vault), name, chunks, progress).await
    }
}
