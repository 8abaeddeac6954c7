//! The interface implemented: one directory of this machine, and nothing outside of it.

use std::{
    fs::{self, File},
    io::{self, Read, Write},
    path::{Component, Path, PathBuf},
    sync::atomic::{AtomicU32, Ordering},
    time::Duration,
};

use ipc_runtime::{Bytes, CallContext};

use crate::interface::{FileError, FileInfo, Files, Kind};

/// The largest file that is sent in one piece, in bytes.
const LARGEST: u64 = 4 * 1024 * 1024;

/// How often a directory that is waited for is looked at.
const LOOKS: Duration = Duration::from_millis(50);

/// A directory that is served.
pub(crate) struct Folder {
    root: PathBuf,
    pings: AtomicU32,
}

impl Folder {
    pub(crate) fn new(root: &Path) -> io::Result<Self> {
        Ok(Self { root: root.canonicalize()?, pings: AtomicU32::new(0) })
    }

    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    /// The real path of what a caller asks for, which is made sure to lie in the directory: the
    /// words of the path may not lead out of it, and neither may a symbolic link.
    fn resolve(&self, asked: &str) -> Result<PathBuf, FileError> {
        let inside = Path::new(asked)
            .components()
            .all(|part| matches!(part, Component::Normal(_) | Component::CurDir));
        if !inside {
            return Err(FileError::Outside(asked.to_owned()));
        }
        let path = self.root.join(asked).canonicalize().map_err(|error| explain(asked, &error))?;
        if path.starts_with(&self.root) {
            Ok(path)
        } else {
            Err(FileError::Outside(asked.to_owned()))
        }
    }
}

impl Files for Folder {
    fn ping(&self) -> u32 {
        self.pings.fetch_add(1, Ordering::Relaxed) + 1
    }

    fn list(&self, dir: &str) -> Result<Vec<FileInfo>, FileError> {
        let entries = fs::read_dir(self.resolve(dir)?).and_then(|entries| {
            let infos = entries.map(|entry| {
                let entry = entry?;
                let found = entry.metadata()?;
                let kind = match found.file_type() {
                    kind if kind.is_file() => Kind::File,
                    kind if kind.is_dir() => Kind::Directory,
                    _ => Kind::Other,
                };
                let name = entry.file_name().to_string_lossy().into_owned();
                Ok(FileInfo { name, kind, size: found.len() })
            });
            infos.collect::<io::Result<Vec<_>>>()
        });
        let mut entries = entries.map_err(|error| explain(dir, &error))?;
        entries.sort_by(|one, other| one.name.cmp(&other.name));
        Ok(entries)
    }

    fn read(&self, path: &str) -> Result<Bytes, FileError> {
        let real = self.resolve(path)?;
        let read = || {
            // Opening a named pipe would wait for somebody who writes to it.
            if !fs::metadata(&real)?.is_file() {
                return Err(io::Error::other("it is no file"));
            }
            let mut bytes = Vec::new();
            File::open(&real)?.take(LARGEST + 1).read_to_end(&mut bytes)?;
            Ok(bytes)
        };
        let bytes = read().map_err(|error| explain(path, &error))?;
        if bytes.len() as u64 > LARGEST {
            return Err(FileError::TooLarge { path: path.to_owned(), limit: LARGEST });
        }
        Ok(bytes.into())
    }

    async fn changed(&self, dir: &str) -> Result<(), FileError> {
        let real = self.resolve(dir)?;
        let modified = async || {
            let found = tokio::fs::metadata(&real).await.and_then(|found| found.modified());
            found.map_err(|error| explain(dir, &error))
        };
        let before = modified().await?;
        // A caller who gives up drops this future, wherever it waits.
        while modified().await? == before {
            tokio::time::sleep(LOOKS).await;
        }
        Ok(())
    }

    fn log(&self, call: &CallContext, line: String) {
        // Quoted: what comes from elsewhere may hold anything, also what steers a terminal.
        let _ = writeln!(io::stderr(), "  [backend] {}: {line:?}", call.peer().endpoint());
    }
}

fn explain(path: &str, error: &io::Error) -> FileError {
    match error.kind() {
        io::ErrorKind::NotFound => FileError::NotFound(path.to_owned()),
        _ => FileError::Unreadable { path: path.to_owned(), reason: error.to_string() },
    }
}
