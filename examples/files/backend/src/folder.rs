//! The interface implemented: one directory of this machine, and nothing outside of it.

use std::{
    fs::{self, File},
    io::{self, Read, Seek, SeekFrom},
    path::{Component, Path, PathBuf},
};

use files_common::{FileError, FileInfo, Files, PART, Result};
use ipc_runtime::Bytes;

/// A directory that is served.
pub(crate) struct Folder {
    root: PathBuf,
}

impl Folder {
    pub(crate) fn new(root: &Path) -> io::Result<Self> {
        Ok(Self { root: root.canonicalize()? })
    }

    /// The real path of what a caller asks for, which is made sure to lie in the directory: the
    /// words of the path may not lead out of it, and neither may a symbolic link.
    fn resolve(&self, asked: &str) -> Result<PathBuf> {
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
    fn list(&self, dir: &str) -> Result<Vec<FileInfo>> {
        let entries = fs::read_dir(self.resolve(dir)?).and_then(|entries| {
            let infos = entries.map(|entry| {
                let entry = entry?;
                let found = entry.metadata()?;
                let name = entry.file_name().to_string_lossy().into_owned();
                Ok(FileInfo { name, is_dir: found.is_dir(), size: found.len() })
            });
            infos.collect::<io::Result<Vec<_>>>()
        });
        let mut entries = entries.map_err(|error| explain(dir, &error))?;
        entries.sort_by(|one, other| one.name.cmp(&other.name));
        Ok(entries)
    }

    fn read(&self, path: &str, offset: u64, length: u32) -> Result<Bytes> {
        let real = self.resolve(path)?;
        let read = || {
            // Opening a named pipe would wait for somebody who writes to it.
            if !fs::metadata(&real)?.is_file() {
                return Err(io::Error::other("it is no file"));
            }
            let mut file = File::open(&real)?;
            file.seek(SeekFrom::Start(offset))?;
            let mut part = Vec::new();
            file.take(length.min(PART).into()).read_to_end(&mut part)?;
            Ok(part.into())
        };
        read().map_err(|error| explain(path, &error))
    }
}

fn explain(path: &str, error: &io::Error) -> FileError {
    match error.kind() {
        io::ErrorKind::NotFound => FileError::NotFound(path.to_owned()),
        _ => FileError::Unreadable { path: path.to_owned(), reason: error.to_string() },
    }
}
