//! The file of a listening Unix socket: how it is created, and how the file of a dead backend is
//! removed.
//!
//! `bind` creates the file, and fails if there is one. A backend that was killed leaves its file
//! behind. Only a refused connection shows that the backend is dead, but a socket that is bound and
//! doesn't listen yet refuses connections, too. So only the holder of the [lock](super::lock_file)
//! on the path does all of this.
//!
//! On file systems without locks, two backends that start at the same moment may each take the
//! socket that the other one has just bound for a dead backend's.

use std::{
    fs, io,
    os::unix::{
        fs::{FileTypeExt, MetadataExt, PermissionsExt},
        net::SocketAddr,
    },
    path::{Path, PathBuf},
};

use rustix::fs::{Mode, fchmod};
use tokio::net::{UnixListener, UnixSocket, UnixStream};

use crate::transport::local::{lock_file::LockFile, staging_directory::StagingDirectory};

/// The mode of the file: closed to other users.
const MODE: u32 = 0o600;

/// How many connections may wait to be accepted: as many as the system allows.
const BACKLOG: u32 = i32::MAX.unsigned_abs();

/// How often to try to bind a path that was free and then wasn't, because programs that don't take
/// the lock bind there.
const TRIES: usize = 16;

/// Whether a socket can get its mode before it has a file, so that it can be bound in its final
/// place. On other systems it is bound on a [stage](super::staging_directory).
const BINDS_IN_PLACE: bool = cfg!(any(target_os = "linux", target_os = "android"));

/// Checks that a path fits into a socket's address.
pub(super) fn check_length(path: &Path) -> io::Result<()> {
    check_room(path, 0)
}

/// Like `check_length`, for a path to bind. Binding may need a longer path.
fn check_length_to_bind(path: &Path) -> io::Result<()> {
    check_room(path, if BINDS_IN_PLACE { 0 } else { StagingDirectory::NEEDS })
}

fn check_room(path: &Path, more: usize) -> io::Result<()> {
    let own = path.as_os_str().len();
    let fits = |length: usize| SocketAddr::from_pathname("x".repeat(length)).is_ok();
    if fits(own + more) {
        return Ok(());
    }
    let longest = (1..own + more).rev().find(|&length| fits(length)).unwrap_or_default();
    let (path, longest) = (path.display(), longest.saturating_sub(more));
    Err(io::Error::new(
        io::ErrorKind::InvalidInput,
        format!(
            "the path {path} has {own} bytes, and a Unix socket's can have {longest} here: use a \
             shorter one"
        ),
    ))
}

/// The file of a listening socket. Dropping this removes the file.
#[derive(Debug)]
pub(super) struct SocketFile {
    path: PathBuf,
    identity: Identity,
}

impl SocketFile {
    /// Binds a socket and listens. Removes what a dead backend has left there.
    pub(super) async fn listen(path: &Path) -> io::Result<(Self, UnixListener)> {
        check_length_to_bind(path)?;
        let _lock = LockFile::take(path).await?;
        for _ in 0..TRIES {
            match Self::bind(path) {
                Err(error) if is_taken(&error) => clear(path).await?,
                Err(error) => {
                    let message = format!("can't bind {}: {error}", path.display());
                    return Err(io::Error::new(error.kind(), message));
                }
                bound => return bound,
            }
        }
        Err(in_use(path))
    }

    /// Fails with `AddrInUse` or `AlreadyExists` if the path exists.
    fn bind(path: &Path) -> io::Result<(Self, UnixListener)> {
        let socket = UnixSocket::new_stream()?;
        if BINDS_IN_PLACE && fchmod(&socket, Mode::RUSR | Mode::WUSR).is_ok() {
            Self::bind_in_place(socket, path)
        } else {
            Self::bind_on_stage(socket, path)
        }
    }

    /// Binds in the final place. The file has the socket's mode from the beginning, except for bits
    /// that the umask removes.
    fn bind_in_place(socket: UnixSocket, path: &Path) -> io::Result<(Self, UnixListener)> {
        socket.bind(path)?;
        let found = fs::symlink_metadata(path)?;
        let file = Self { path: path.to_owned(), identity: Identity::from(&found) };
        if found.permissions().mode() & 0o777 != MODE {
            fs::set_permissions(path, fs::Permissions::from_mode(MODE))?;
        }
        Ok((file, socket.listen(BACKLOG)?))
    }

    fn bind_on_stage(socket: UnixSocket, path: &Path) -> io::Result<(Self, UnixListener)> {
        let stage = StagingDirectory::make(path)?;
        socket.bind(stage.socket())?;
        fs::set_permissions(stage.socket(), fs::Permissions::from_mode(MODE))?;
        let listener = socket.listen(BACKLOG)?;
        let identity = Identity::of(&stage.socket())?;
        stage.give_name(path)?;
        Ok((Self { path: path.to_owned(), identity }, listener))
    }
}

impl Drop for SocketFile {
    fn drop(&mut self) {
        // Somebody may have removed this file and bound another socket there, which must stay.
        if Identity::of(&self.path).is_ok_and(|found| found == self.identity) {
            let _ = fs::remove_file(&self.path);
        }
    }
}

fn is_taken(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::AddrInUse | io::ErrorKind::AlreadyExists)
}

/// The error for a path on which somebody listens.
fn in_use(path: &Path) -> io::Error {
    let message = format!("{} is in use: another backend listens there", path.display());
    io::Error::new(io::ErrorKind::AddrInUse, message)
}

/// Removes the socket of a dead backend. Fails if the backend is alive, or if this isn't a socket.
/// Only the holder of the lock may call this: a socket that was just bound refuses connections,
/// too.
async fn clear(path: &Path) -> io::Result<()> {
    let gone = |error: io::Error| match error.kind() {
        io::ErrorKind::NotFound => Ok(()),
        _ => Err(error),
    };
    let found = match fs::symlink_metadata(path) {
        Ok(found) => found,
        Err(error) => return gone(error),
    };
    if !found.file_type().is_socket() {
        let message = format!("{} is there already, and is no socket", path.display());
        return Err(io::Error::new(io::ErrorKind::AlreadyExists, message));
    }
    match UnixStream::connect(path).await {
        Ok(_) => return Err(in_use(path)),
        Err(error) if error.kind() == io::ErrorKind::ConnectionRefused => {}
        // A backend whose accept queue is full is alive.
        Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Err(in_use(path)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) => {
            let message =
                format!("{} is there already, and can't be probed: {error}", path.display());
            return Err(io::Error::new(error.kind(), message));
        }
    }
    if Identity::of(path).is_ok_and(|dead| dead == Identity::from(&found)) {
        tracing::debug!(path = %path.display(), "removing a stale socket");
        fs::remove_file(path).or_else(gone)?;
    }
    Ok(())
}

/// The identity of a file, whatever its name.
#[derive(Debug, PartialEq, Eq)]
struct Identity {
    device: u64,
    inode: u64,
    /// When the socket was bound, in nanoseconds. Needed since an inode may be reused.
    made: i128,
}

impl Identity {
    fn of(path: &Path) -> io::Result<Self> {
        fs::symlink_metadata(path).map(|found| Self::from(&found))
    }
}

impl From<&fs::Metadata> for Identity {
    fn from(found: &fs::Metadata) -> Self {
        let made = i128::from(found.mtime()) * 1_000_000_000 + i128::from(found.mtime_nsec());
        Self { device: found.dev(), inode: found.ino(), made }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scratch(name: &str) -> PathBuf {
        let path = std::env::temp_dir().join(format!("ipc-file-{name}-{}", std::process::id()));
        let _ = fs::remove_dir_all(&path);
        fs::create_dir(&path).unwrap();
        path
    }

    fn names(directory: &Path) -> Vec<std::ffi::OsString> {
        fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().file_name()).collect()
    }

    /// Binds as on systems that can't give a socket its mode before it is bound.
    #[tokio::test]
    async fn what_is_bound_on_a_stage_is_closed_to_others_and_has_its_name_alone() {
        let directory = scratch("stage");
        let path = directory.join("s");
        // The leftovers of a process that was killed on the stage.
        let left = StagingDirectory::make(&path).unwrap();
        UnixSocket::new_stream().unwrap().bind(left.socket()).unwrap();
        std::mem::forget(left);

        let bind = || SocketFile::bind_on_stage(UnixSocket::new_stream()?, &path);
        let (file, listener) = bind().unwrap();
        assert_eq!(fs::symlink_metadata(&path).unwrap().permissions().mode() & 0o777, MODE);
        assert_eq!(names(&directory), ["s"]);
        assert!(is_taken(&bind().unwrap_err()));
        assert!(clear(&path).await.unwrap_err().to_string().contains("in use"));
        drop(listener);
        clear(&path).await.unwrap();
        assert!(!path.exists());
        let (next, _listener) = bind().unwrap();
        drop(file);
        assert!(path.exists(), "it is another one's");
        drop(next);
        assert!(names(&directory).is_empty());
        fs::remove_dir(&directory).unwrap();
    }
}
