//! A directory that goes away with the test.

use std::{
    path::{Path, PathBuf},
    sync::atomic::{AtomicU32, Ordering},
};

/// A directory that goes away with the test. Its path is short: a Unix socket's has about a hundred
/// bytes.
#[derive(Debug)]
pub struct Scratch(PathBuf);

impl Scratch {
    /// Makes a new one, for this user alone.
    pub fn new() -> Self {
        let path = std::env::temp_dir().join(unique("ipc-t"));
        std::fs::create_dir(&path).unwrap();
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;

            std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o700)).unwrap();
        }
        Self(path)
    }

    /// The directory.
    pub fn path(&self) -> &Path {
        &self.0
    }

    /// Something in it.
    pub fn join(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }

    /// Where a local socket of the test's may be: in the directory, or a named pipe on Windows,
    /// which has the directory's name ahead of its own.
    pub fn socket(&self, name: &str) -> PathBuf {
        if cfg!(windows) {
            let directory = self.0.file_name().unwrap_or_default().to_string_lossy();
            return format!("{}{directory}-{name}", crate::local_socket::PIPES).into();
        }
        self.join(name)
    }
}

impl Default for Scratch {
    fn default() -> Self {
        Self::new()
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// A name that no other test of this machine has now.
pub fn unique(prefix: &str) -> String {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    format!("{prefix}-{}-{number}", std::process::id())
}
