//! Where a socket is bound that can't get its mode before it has a file: a directory beside its
//! path that is closed to other users. There it gets its mode and begins to listen. Then it is
//! linked to its path.
//!
//! macOS and the BSDs need this. The kernel knows such a socket by its path on the stage.

use std::{
    ffi::OsString,
    fs::{self, DirBuilder},
    io,
    os::unix::fs::DirBuilderExt,
    path::{Path, PathBuf},
};

/// A directory beside a path. Dropping this removes the directory.
#[derive(Debug)]
pub(super) struct StagingDirectory(PathBuf);

impl StagingDirectory {
    /// How much longer the path of a socket on the stage is than its final path, in bytes.
    pub(super) const NEEDS: usize = ".~/s".len();

    /// Creates the directory. Only the holder of the [lock](super::lock_file) on the path may call
    /// this.
    pub(super) fn make(path: &Path) -> io::Result<Self> {
        let mut name = OsString::from(".");
        name.push(path.file_name().unwrap_or_default());
        name.push("~");
        let stage = Self(path.with_file_name(name));
        let make = || DirBuilder::new().mode(0o700).create(&stage.0);
        match make() {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                // A process that was killed has left it; that process no longer holds the lock.
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

    /// Gives the socket its final name. Fails with `AlreadyExists` if that name exists.
    pub(super) fn give_name(&self, path: &Path) -> io::Result<()> {
        match fs::hard_link(self.socket(), path) {
            Err(error) if error.kind() != io::ErrorKind::AlreadyExists => {}
            linked => return linked,
        }
        // Systems report missing support for links with many different errors.
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
