//! The long job: an index of all texts is made, in steps between which it can be cancelled.

use std::sync::Arc;

use notes_interface::{IndexError, Indexed, Indexing};
use tokio::task::spawn_blocking;

use crate::{index::Index, text_file, vault::Vault};

/// How many notes are read in a step, after which its progress is told.
const STEP: usize = 16;

/// Makes the index, and has it used. If this is dropped, the index is what it was.
pub(crate) async fn index(
    vault: Arc<Vault>,
    progress: impl Fn(Indexing),
) -> Result<Indexed, IndexError> {
    let names = vault.names();
    let count = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
    let (all, mut done) = (count(names.len()), 0);
    progress(Indexing { done, all });
    let mut index = Index::default();
    for step in names.chunks(STEP) {
        let (folder, step) = (vault.folder().to_owned(), step.to_vec());
        done += count(step.len());
        let reading = spawn_blocking(move || {
            for name in step {
                // One that is gone or has become something else is no note any more.
                if let Ok((text, _)) = text_file::read(&name.file_in(&folder)) {
                    index.add(&name, &text);
                }
            }
            index
        });
        index = reading.await.map_err(|error| IndexError::Disk(error.to_string()))?;
        progress(Indexing { done, all });
    }
    let using = spawn_blocking(move || vault.use_index(index));
    using.await.map_err(|error| IndexError::Disk(error.to_string()))
}
