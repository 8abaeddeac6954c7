//! What windows may ask: each method hands on to the room that does it.

use std::sync::Arc;

use ipc_runtime::{Bytes, CallContext, Stream, Streaming, store::Store};
use notes_interface::{
    Arrived, Change, DeleteError, Found, ImportError, IndexError, Indexed, Indexing, Kept,
    ListError, Note, NoteInfo, Notes, PinError, ReadError, RenameError, SaveError,
};
use tokio::sync::Mutex;

use crate::{import, indexing, pinned, vault::Vault, windows::Windows};

/// The notes, as windows have them.
pub(crate) struct Desk {
    vault: Arc<Vault>,
    store: Store,
    windows: Arc<Windows>,
    /// Held while an index is made.
    indexing: Mutex<()>,
}

impl Desk {
    pub(crate) fn new(vault: Arc<Vault>, store: Store, windows: Arc<Windows>) -> Self {
        Self { vault, store, windows, indexing: Mutex::default() }
    }
}

impl Notes for Desk {
    fn list(&self) -> Result<Vec<NoteInfo>, ListError> {
        // What the system didn't tell is seen now. A folder that is gone isn't one without notes.
        self.vault.look().map_err(|error| ListError::Folder(error.to_string()))?;
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
        let note = self.vault.rename(from, to)?;
        let renamed = |name: String| if name == from { to.to_owned() } else { name };
        // The note has its new name, pinned or not.
        let _ = pinned::change(&self.store, |names| names.into_iter().map(renamed).collect());
        Ok(note)
    }

    fn pin(&self, name: &str, is_pinned: bool) -> Result<(), PinError> {
        let notes = self.vault.names();
        if is_pinned && !notes.iter().any(|note| note.as_str() == name) {
            return Err(PinError::NotFound(name.to_owned()));
        }
        let changed = pinned::change(&self.store, |mut names| {
            // Those that are gone go at this opportunity.
            names.retain(|other| other != name && notes.iter().any(|note| note.as_str() == other));
            names.extend(is_pinned.then(|| name.to_owned()));
            names
        });
        changed.map_err(|error| PinError::Full(error.to_string()))
    }

    async fn enter(&self, call: &CallContext, window: &str) {
        self.windows.enter(call.peer(), window);
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
