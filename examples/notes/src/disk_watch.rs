//! Changes that other programs make in the folder.

use std::{collections::BTreeSet, sync::Arc, time::Duration};

use notify::{Event, EventKind, RecommendedWatcher, RecursiveMode, Watcher};
use tokio::{
    sync::mpsc::{UnboundedReceiver, unbounded_channel},
    task::{JoinSet, spawn_blocking},
    time::{Instant, timeout_at},
};

use crate::{note_name::NoteName, vault::Vault};

/// How long events are gathered: an editor that saves makes several.
const GATHERING: Duration = Duration::from_millis(80);

/// Sees changes until it is dropped.
pub(crate) struct DiskWatch {
    _watcher: RecommendedWatcher,
    _following: JoinSet<()>,
}

/// What has happened on the disk.
enum Seen {
    Note(NoteName),
    /// The system has lost track of it.
    Anything,
}

impl DiskWatch {
    /// Begins to watch the folder of the notes, and tells it of changes to their files.
    pub(crate) fn start(vault: Arc<Vault>) -> notify::Result<Self> {
        let (sender, receiver) = unbounded_channel();
        let mut watcher = notify::recommended_watcher(move |event: notify::Result<Event>| {
            let seen = match event {
                Ok(event) if matches!(event.kind, EventKind::Access(_)) => return,
                Ok(event) if !event.need_rescan() => event
                    .paths
                    .iter()
                    .filter_map(|path| NoteName::of_file(path))
                    .map(Seen::Note)
                    .collect(),
                _ => vec![Seen::Anything],
            };
            for seen in seen {
                // Without a receiver the app ends.
                let _ = sender.send(seen);
            }
        })?;
        watcher.watch(vault.folder(), RecursiveMode::NonRecursive)?;
        let mut following = JoinSet::new();
        following.spawn(follow(vault, receiver));
        Ok(Self { _watcher: watcher, _following: following })
    }
}

async fn follow(vault: Arc<Vault>, mut seen: UnboundedReceiver<Seen>) {
    while let Some(first) = seen.recv().await {
        let (mut names, mut anything) = (BTreeSet::new(), false);
        let mut gather = |seen| match seen {
            Seen::Note(name) => _ = names.insert(name),
            Seen::Anything => anything = true,
        };
        gather(first);
        let end = Instant::now() + GATHERING;
        while let Ok(Some(next)) = timeout_at(end, seen.recv()).await {
            gather(next);
        }
        let vault = Arc::clone(&vault);
        let looking = spawn_blocking(move || {
            for name in names {
                vault.look_at(&name);
            }
            // A folder that can't be read is told to whoever asks for the list.
            if anything {
                let _ = vault.look();
            }
        });
        let _ = looking.await;
    }
}

#[cfg(test)]
mod tests {
    use notes_interface::Change;

    use super::*;

    #[tokio::test]
    async fn what_others_do_in_the_folder_is_told() {
        let folder = tempfile::tempdir().unwrap();
        let vault = Arc::new(Vault::open(folder.path()).unwrap());
        let mut changes = vault.changes().event().listen();
        let _watch = DiskWatch::start(Arc::clone(&vault)).unwrap();
        let path = folder.path().join("a.md");
        let mut next = async || {
            tokio::time::timeout(Duration::from_secs(30), changes.next()).await.unwrap().unwrap()
        };
        std::fs::write(&path, "from elsewhere").unwrap();
        // The file may be seen before its text is in it.
        loop {
            let Change::Written(note) = next().await else { panic!("it is new") };
            if note.excerpt == "from elsewhere" {
                break;
            }
        }
        std::fs::remove_file(&path).unwrap();
        assert_eq!(next().await, Change::Removed("a".into()));
    }
}
