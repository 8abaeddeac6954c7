//! Where a socket is bound that can't have its mode from the beginning: a directory beside its path that
//! is closed to others. There it gets its mode and begins to listen, and then it is linked to its path.
//!
//! So it is on macOS and the BSDs. The kernel knows such a socket by the path on the stage.

use std::{
    ffi::OsString,
    fs::{self, DirBuilder},
    io,
    os::unix::fs::DirBuilderExt,
    path::{Path, PathBuf},
};

/// A directory beside a path. It is removed with this.
#[derive(Debug)]
pub(super) struct StagingDirectory(PathBuf);

impl StagingDirectory {
    /// How much longer the path of a socket on a stage is than its own, in bytes.
    pub(super) const NEEDS: usize = ".~/s".len();

    /// Makes it, for whoever has the [lock](super::lock_file) on the path.
    pub(super) fn make(path: &Path) -> io::Result<Self> {
        let mut name = OsString::from(".");
        name.push(path.file_name().unwrap_or_default());
        name.push("~");
        let stage = Self(path.with_file_name(name));
        let make = || DirBuilder::new().mode(0o700).create(&stage.0);
        match make() {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                // Left by a process that was killed, since it lost the lock.
                let _ = fs::remove_file(stage.socket());
                fs::remove_dir(&stage.0)?;
                make()?;
            }
            made => made?,
        }
        Ok(stage)
    }

    /// The path to bind.
    pub(super) fn socket(&self) -> PathBuf {
        self.0.join("s")
    }

    /// Gives the socket its real name. Fails with `AlreadyExists` where there is something of that
    /// name.
    pub(super) fn give_name(&self, path: &Path) -> io::Result<()> {
        match fs::hard_link(self.socket(), path) {
            Err(error) if error.kind() != io::ErrorKind::AlreadyExists => {}
            linked => return linked,
        }
        // Systems have many words for that there are no links.
        match fs::symlink_metadata(path) {
            Ok(_) => Err(io::ErrorKind::AlreadyExists.into()),
            Err(_) => fs::rename(self.socket(), path),
        }
    }
}

impl Drop for StagingDirectory {
    fn drop(&mut self) {
        let _ = fs::remove_file(self.socket());
        let _ = fs::remove_dir(&self.0);
    }
}
