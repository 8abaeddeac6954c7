//! The file of a listening Unix socket: how it gets its name, and what is left of a backend that
//! has died.
//!
//! Several backends may try for one name at once. A socket is bound and listens under a name of its
//! own first, and is then linked to the real one, which fails if that exists: so whatever has the
//! real name either listens or is dead. Only a refused connect shows that it is dead. The right to
//! remove it goes to whoever is first to make a link that is named after that very file.

use std::{
    fs, io,
    os::unix::{
        fs::{FileTypeExt, MetadataExt},
        net::SocketAddr,
    },
    path::{Path, PathBuf},
    sync::atomic::{AtomicU64, Ordering},
    time::Duration,
};

use tokio::{
    net::UnixStream,
    time::{Instant, sleep},
};

/// How long somebody else may take to remove a dead socket. It takes them microseconds, unless
/// they have died over it.
const REMOVAL: Duration = Duration::from_secs(2);

const BETWEEN_LOOKS: Duration = Duration::from_millis(2);

/// A name under which a socket can be bound before it gets the real one.
pub(super) fn working_name(path: &Path) -> PathBuf {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    path.with_file_name(format!(".{:x}-{number:x}", std::process::id()))
}

/// Makes sure that a path, and the working name beside it, fit into a socket's address.
pub(super) fn check_length(path: &Path) -> io::Result<()> {
    let (own, working) = (path.as_os_str().len(), working_name(path).as_os_str().len());
    let needed = own.max(working);
    if SocketAddr::from_pathname("x".repeat(needed)).is_ok() {
        return Ok(());
    }
    let fits = |&length: &usize| SocketAddr::from_pathname("x".repeat(length)).is_ok();
    let longest = (1..needed).rev().find(fits).unwrap_or_default();
    let path = path.display();
    Err(io::Error::new(
        io::ErrorKind::InvalidInput,
        format!(
            "the path {path} has {own} bytes, and a Unix socket's can have {} here: use a shorter \
             one",
            longest - (needed - own),
        ),
    ))
}

/// Tells that somebody listens on a path.
fn in_use(path: &Path) -> io::Error {
    let message = format!("{} is in use: another backend listens there", path.display());
    io::Error::new(io::ErrorKind::AddrInUse, message)
}

/// The file of a socket that listens. It is removed with this.
#[derive(Debug)]
pub(super) struct SocketFile {
    path: PathBuf,
    identity: Identity,
}

impl SocketFile {
    /// Gives a socket that listens under its working name the real one.
    pub(super) async fn publish(working: WorkingFile, path: PathBuf) -> io::Result<Self> {
        let identity = Identity::of(&working.0)?;
        let mut give_up = Instant::now() + REMOVAL;
        loop {
            match fs::hard_link(&working.0, &path) {
                Ok(()) => return Ok(Self { path, identity }),
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                Err(error) => {
                    let message = format!("can't make {}: {error}", path.display());
                    return Err(io::Error::new(error.kind(), message));
                }
            }
            match clear(&path).await? {
                Cleared::Gone => {}
                Cleared::BySomebodyElse(claim) => {
                    if Instant::now() > give_up {
                        tracing::warn!(path = %path.display(), "somebody died removing a socket");
                        let _ = fs::remove_file(claim);
                        give_up = Instant::now() + REMOVAL;
                    }
                    sleep(BETWEEN_LOOKS).await;
                }
            }
        }
    }
}

impl Drop for SocketFile {
    fn drop(&mut self) {
        // Somebody may have removed ours and bound another one: that isn't ours to remove.
        if Identity::of(&self.path).is_ok_and(|found| found == self.identity) {
            let _ = fs::remove_file(&self.path);
        }
    }
}

/// The file of a socket under its working name. It is removed with this.
#[derive(Debug)]
pub(super) struct WorkingFile(pub(super) PathBuf);

impl Drop for WorkingFile {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.0);
    }
}

enum Cleared {
    /// It may be tried again.
    Gone,
    /// Somebody has the right to remove it, by this link.
    BySomebodyElse(PathBuf),
}

/// Removes the socket of a backend that has died. `Err` when it is alive, or no socket.
async fn clear(path: &Path) -> io::Result<Cleared> {
    let gone = |error: io::Error| match error.kind() {
        io::ErrorKind::NotFound => Ok(Cleared::Gone),
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
        // Whose queue of connections is full is alive.
        Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Err(in_use(path)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Cleared::Gone),
        Err(error) => {
            let message =
                format!("{} is there already, and can't be probed: {error}", path.display());
            return Err(io::Error::new(error.kind(), message));
        }
    }
    let dead = Identity::from(&found);
    let claim = path.with_file_name(format!(".dead-{:x}-{:x}", dead.inode, dead.made));
    match fs::hard_link(path, &claim) {
        Ok(()) => {}
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            return Ok(Cleared::BySomebodyElse(claim));
        }
        Err(error) => return gone(error),
    }
    let claim = WorkingFile(claim);
    // While the link is there, the dead file's inode can't become another file's. If the real name
    // led to it when the link was made, it still does: nobody else may remove it.
    if Identity::of(&claim.0).is_ok_and(|claimed| claimed == dead) {
        tracing::debug!(path = %path.display(), "removing a stale socket");
        fs::remove_file(path).or_else(|error| gone(error).map(|_| ()))?;
    }
    Ok(Cleared::Gone)
}

/// Which file it is, whatever its name.
#[derive(Debug, PartialEq, Eq)]
struct Identity {
    device: u64,
    inode: u64,
    /// When it was bound, in nanoseconds: an inode may be used again.
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
