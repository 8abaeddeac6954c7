//! Files that a window sends: a text becomes a note, and anything else is put beside the notes.

use std::{
    fs,
    io::{self, Write},
    path::Path,
    sync::Arc,
};

use futures_util::{Stream, StreamExt};
use ipc_runtime::{Bytes, IpcError};
use notes_interface::{Arrived, ImportError, Kept, SaveError};
use tempfile::NamedTempFile;
use tokio::task::spawn_blocking;

use crate::{note_name::NoteName, text_file, vault::Vault};

/// The most bytes of a file.
const LARGEST: u32 = 64 * 1024 * 1024;

/// Where files are put that aren't notes, in the folder of the notes.
pub(crate) const ATTACHMENTS: &str = "attachments";

/// How many numbers are tried for a name that is taken.
const TRIES: u32 = 1000;

/// Takes a file as it comes. If this is dropped, nothing of it is left.
pub(crate) async fn import(
    vault: Arc<Vault>,
    name: &str,
    chunks: impl Stream<Item = Result<Bytes, IpcError>>,
    progress: impl Fn(Arrived),
) -> Result<Kept, ImportError> {
    let name = NoteName::parse(name).map_err(ImportError::BadName)?;
    let folder = vault.folder().join(ATTACHMENTS);
    let mut file = on_disk({
        let folder = folder.clone();
        move || {
            make_folder(&folder)?;
            text_file::unfinished(&folder)
        }
    })
    .await?;
    let mut bytes = 0;
    let mut chunks = std::pin::pin!(chunks);
    while let Some(chunk) = chunks.next().await {
        let chunk = chunk.map_err(|error| ImportError::Torn(error.to_string()))?;
        bytes += chunk.len() as u64;
        if bytes > u64::from(LARGEST) {
            return Err(ImportError::TooLarge { limit: LARGEST });
        }
        file = on_disk(move || file.write_all(&chunk).map(|()| file)).await?;
        progress(Arrived { bytes });
    }
    let keeping = spawn_blocking(move || {
        let stem = text_stem(name.as_str()).map(str::to_owned);
        match stem {
            Some(stem) => keep_as_note(&vault, &stem, file.path()),
            None => keep_beside(&folder, &name, file),
        }
    });
    keeping.await.map_err(|error| ImportError::Disk(error.to_string()))?
}

async fn on_disk<T: Send + 'static>(
    work: impl FnOnce() -> io::Result<T> + Send + 'static,
) -> Result<T, ImportError> {
    let done = spawn_blocking(work).await.map_err(|error| ImportError::Disk(error.to_string()))?;
    done.map_err(|error| ImportError::Disk(error.to_string()))
}

/// A link may lead out of the folder of the notes.
fn make_folder(folder: &Path) -> io::Result<()> {
    match fs::create_dir(folder) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
        made => return made,
    }
    if fs::symlink_metadata(folder)?.is_dir() {
        return Ok(());
    }
    Err(io::Error::other(format!("`{ATTACHMENTS}` is a link or a file, and has to be a folder")))
}

/// What a text is called without its ending.
fn text_stem(name: &str) -> Option<&str> {
    let (stem, ending) = name.rsplit_once('.')?;
    ["md", "markdown", "txt"].contains(&&*ending.to_ascii_lowercase()).then_some(stem)
}

fn keep_as_note(vault: &Vault, stem: &str, file: &Path) -> Result<Kept, ImportError> {
    let (text, _) = text_file::read(file).map_err(|error| match error.kind() {
        io::ErrorKind::InvalidData => ImportError::NotText(stem.to_owned()),
        _ => ImportError::Disk(error.to_string()),
    })?;
    for name in names(stem) {
        match vault.save(&name, &text, None) {
            Ok(note) => return Ok(Kept::Note(note)),
            Err(SaveError::Exists(_)) => {}
            Err(SaveError::BadName(why)) => return Err(ImportError::BadName(why)),
            Err(error) => return Err(ImportError::Disk(error.to_string())),
        }
    }
    Err(ImportError::BadName(format!("there are too many notes `{stem}`")))
}

fn keep_beside(
    folder: &Path,
    name: &NoteName,
    mut file: NamedTempFile,
) -> Result<Kept, ImportError> {
    let disk = |error: io::Error| ImportError::Disk(error.to_string());
    file.as_file().sync_all().map_err(disk)?;
    for number in 1..TRIES {
        let own = if number == 1 { name.as_str().to_owned() } else { name.numbered(number) };
        match file.persist_noclobber(folder.join(&own)) {
            Ok(_) => return Ok(Kept::Attachment(format!("{ATTACHMENTS}/{own}"))),
            Err(error) if error.error.kind() == io::ErrorKind::AlreadyExists => file = error.file,
            Err(error) => return Err(disk(error.error)),
        }
    }
    Err(ImportError::BadName(format!("there are too many files `{}`", name.as_str())))
}

fn names(stem: &str) -> impl Iterator<Item = String> {
    (1..TRIES).map(move |number| match number {
        1 => stem.to_owned(),
        _ => format!("{stem} {number}"),
    })
}

#[cfg(test)]
mod tests {
    use futures_util::stream;

    use super::*;

    async fn take(vault: &Arc<Vault>, name: &str, parts: &[&[u8]]) -> Result<Kept, ImportError> {
        let chunks: Vec<_> = parts.iter().map(|part| Ok(part.to_vec().into())).collect();
        import(Arc::clone(vault), name, stream::iter(chunks), |_| {}).await
    }

    #[tokio::test]
    async fn texts_become_notes_and_other_files_lie_beside_them() {
        let folder = tempfile::tempdir().unwrap();
        let vault = Arc::new(Vault::open(folder.path()).unwrap());
        for name in ["Plan", "Plan 2"] {
            let Ok(Kept::Note(note)) = take(&vault, "Plan.txt", &[b"a ", b"plan"]).await else {
                panic!("it is no note");
            };
            assert_eq!((&*note.name, vault.read(name).unwrap().text), (name, "a plan".to_owned()));
        }
        for path in ["attachments/a.png", "attachments/a 2.png"] {
            let kept = take(&vault, "a.png", &[&[0xff; 9], &[0; 9]]).await;
            assert_eq!(kept, Ok(Kept::Attachment(path.into())));
            assert_eq!(fs::metadata(folder.path().join(path)).unwrap().len(), 18);
        }
    }

    #[cfg(unix)]
    #[tokio::test]
    async fn nothing_is_put_where_a_link_leads() {
        let (folder, outside) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let vault = Arc::new(Vault::open(folder.path()).unwrap());
        std::os::unix::fs::symlink(outside.path(), folder.path().join(ATTACHMENTS)).unwrap();
        let refused = take(&vault, "a.png", &[b"x"]).await;
        assert!(
            matches!(&refused, Err(ImportError::Disk(why)) if why.contains("link")),
            "{refused:?}"
        );
        assert_eq!(fs::read_dir(outside.path()).unwrap().count(), 0);
    }

    #[tokio::test]
    async fn what_is_refused_leaves_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let vault = Arc::new(Vault::open(folder.path()).unwrap());
        for name in ["../a.png", "/etc/a.png", "a/b.md", "..\\a.png", ".bashrc"] {
            let refused = take(&vault, name, &[b"x"]).await;
            assert!(matches!(refused, Err(ImportError::BadName(_))), "{name}: {refused:?}");
        }
        let refused = take(&vault, "a.md", &[&[0xff]]).await;
        assert_eq!(refused, Err(ImportError::NotText("a".into())));
        let mebibyte = vec![0; 1024 * 1024];
        let refused = take(&vault, "large.bin", &[&mebibyte[..]; 65]).await;
        assert_eq!(refused, Err(ImportError::TooLarge { limit: LARGEST }));
        assert_eq!(fs::read_dir(folder.path().join(ATTACHMENTS)).unwrap().count(), 0);
        assert!(vault.list().is_empty());
    }
}
