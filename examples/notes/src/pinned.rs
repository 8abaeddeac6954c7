//! The names of the pinned notes outlive the backend: a hidden file beside the notes has them.

use std::{fs, path::PathBuf, sync::Arc};

use ipc_runtime::{
    Registration,
    store::{Store, StoreError},
};
use notes_interface::PINNED;
use tokio::sync::mpsc::unbounded_channel;

use crate::{text_file, vault::Vault};

const FILE: &str = ".pinned.json";

/// Changes the names, also while others do.
pub(crate) fn change(
    store: &Store,
    change: impl Fn(Vec<String>) -> Vec<String>,
) -> Result<(), StoreError> {
    loop {
        let revision = store.revision_of(&PINNED);
        let names = store.get(&PINNED)?.unwrap_or_default();
        match store.compare_and_set(&PINNED, revision, &change(names)) {
            Err(StoreError::Conflict { .. }) => {}
            done => return done.map(drop),
        }
    }
}

/// Puts the pinned names into the store, and saves them from then on.
pub(crate) fn keep(vault: &Arc<Vault>, store: &Store) -> Result<Registration, StoreError> {
    let path: PathBuf = vault.folder().join(FILE);
    // A file that isn't there, or that somebody has written by hand, pins nothing.
    let saved = fs::read_to_string(&path).ok().and_then(|text| serde_json::from_str(&text).ok());
    let saved: Vec<String> = saved.unwrap_or_default();
    store.set(&PINNED, &saved)?;
    // The listener may not wait for the disk.
    let (sender, mut newer) = unbounded_channel::<Vec<String>>();
    tokio::task::spawn_blocking(move || {
        while let Some(names) = newer.blocking_recv() {
            // A disk that is full keeps the older names; the windows still have the newer ones.
            if let Ok(text) = serde_json::to_string(&names) {
                let _ = text_file::write(&path, &text, true);
            }
        }
    });
    Ok(store.changes().on(move |change| {
        if let Some(Ok(Some(names))) = change.of(&PINNED) {
            let _ = sender.send(names);
        }
    }))
}
