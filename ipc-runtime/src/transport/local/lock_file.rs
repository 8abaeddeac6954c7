//! The lock on a socket's path. Only its holder may bind there, and remove what a dead backend has
//! left.
//!
//! The lock is the kernel's (`flock`), so it ends with its process, however that ends. The file
//! beside the socket only gives it a name.

use std::{
    ffi::OsString,
    fs::{self, File},
    io,
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
    time::Duration,
};

use rustix::{
    fs::{FlockOperation, Mode, OFlags, flock},
    io::Errno,
};

use crate::support::rt::{Instant, sleep};

/// How long to wait for another process to release the lock. A process needs it for microseconds,
/// unless it is stopped meanwhile.
const PATIENCE: Duration = Duration::from_secs(2);

const FIRST_PAUSE: Duration = Duration::from_millis(1);
const LONGEST_PAUSE: Duration = Duration::from_millis(20);

/// The lock on a socket's path. Dropping it releases the lock and removes its file.
#[derive(Debug)]
pub(super) struct LockFile {
    path: PathBuf,
    file: File,
}

impl LockFile {
    /// Waits for the lock.
    pub(super) async fn take(socket: &Path) -> io::Result<Self> {
        let path = beside(socket);
        let give_up = Instant::now() + PATIENCE;
        let mut pause = FIRST_PAUSE;
        loop {
            let file = open(&path, socket)?;
            match flock(&file, FlockOperation::NonBlockingLockExclusive) {
                Ok(()) if is_named(&file, &path) => return Ok(Self { path, file }),
                // The previous holder has removed the file, or a cleaner of old files has. The next
                // process will create a new one, so a lock on this one keeps nobody out.
                Ok(()) => {}
                Err(Errno::WOULDBLOCK | Errno::INTR) => {}
                Err(Errno::NOSYS | Errno::NOTSUP | Errno::NOLCK | Errno::INVAL) => {
                    tracing::debug!(path = %path.display(), "this file system has no locks");
                    return Ok(Self { path, file });
                }
                Err(error) => {
                    let message = format!("can't lock {}: {error}", path.display());
                    return Err(io::Error::new(io::Error::from(error).kind(), message));
                }
            }
            if Instant::now() > give_up {
                let (path, socket) = (path.display(), socket.display());
                let message = format!(
                    "another process has been about to listen on {socket} for {PATIENCE:?}: it \
                     has locked {path}, and may be frozen. End it, or let it go on"
                );
                return Err(io::Error::new(io::ErrorKind::TimedOut, message));
            }
            sleep(pause).await;
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
    }
}

impl Drop for LockFile {
    fn drop(&mut self) {
        // Remove the file while it is locked: a process that waits for the lock then finds that its
        // file has no name any more.
        if is_named(&self.file, &self.path) {
            let _ = fs::remove_file(&self.path);
        }
        // Closing the file isn't enough while a child process that is just being started has it,
        // too.
        let _ = flock(&self.file, FlockOperation::Unlock);
    }
}

/// The path of the lock file: `.NAME.lock` for a socket `NAME`.
fn beside(socket: &Path) -> PathBuf {
    let mut name = OsString::from(".");
    name.push(socket.file_name().unwrap_or_default());
    name.push(".lock");
    socket.with_file_name(name)
}

/// Opens the file, and creates it if it doesn't exist. Links are refused: in a directory that
/// others may write to, a link could lead anywhere.
fn open(path: &Path, socket: &Path) -> io::Result<File> {
    let flags =
        OFlags::CREATE | OFlags::RDWR | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
    let opened = rustix::fs::open(path, flags, Mode::RUSR | Mode::WUSR).map_err(|error| {
        let (path, socket) = (path.display(), socket.display());
        let hint = match error {
            Errno::ACCESS | Errno::PERM | Errno::LOOP => {
                ". If the file is there and isn't yours, remove it"
            }
            _ => "",
        };
        let message = format!("can't open {path}, the lock file of {socket}: {error}{hint}");
        io::Error::new(io::Error::from(error).kind(), message)
    })?;
    Ok(opened.into())
}

/// Whether the file is still the one with that name.
fn is_named(file: &File, path: &Path) -> bool {
    let identity = |found: fs::Metadata| (found.dev(), found.ino());
    let named = fs::symlink_metadata(path).map(identity);
    named.is_ok_and(|named| file.metadata().map(identity).is_ok_and(|own| own == named))
}
