//! The file of a listening Unix socket: how it gets its name, and what is left of a backend that
//! has died.
//!
//! Several backends may try for one name at once. A socket is bound and listens in a directory of its
//! own first, which is closed to others until the socket is, and is then linked to the real name,
//! which fails if that exists: so whatever has the real name either listens or is dead. Only a refused
//! connect shows that it is dead. The right to remove it goes to whoever is first to make a link that
//! is named after that very file.
//!
//! Where sockets can't be linked they are moved instead, and a dead one is removed without that right:
//! of two backends that try at the same moment one may then take the name from the other.

use std::{
    fs::{self, DirBuilder},
    io,
    os::unix::{
        fs::{DirBuilderExt, FileTypeExt, MetadataExt},
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

/// Makes sure that a path, and the working name beside it, fit into a socket's address.
pub(super) fn check_length(path: &Path) -> io::Result<()> {
    let working = Workplace::socket_in(&Workplace::name(path));
    let (own, working) = (path.as_os_str().len(), working.as_os_str().len());
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
    /// Gives a socket that listens under another name the real one.
    pub(super) async fn publish(working: &Path, path: PathBuf) -> io::Result<Self> {
        let identity = Identity::of(working)?;
        let mut give_up = Instant::now() + REMOVAL;
        loop {
            match give_name(working, &path) {
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
                        remove_claim(&claim, &path)?;
                        give_up = Instant::now() + REMOVAL;
                    }
                    sleep(BETWEEN_LOOKS).await;
                }
            }
        }
    }
}

/// Fails with `AlreadyExists` where there is something of that name.
fn give_name(working: &Path, path: &Path) -> io::Result<()> {
    match fs::hard_link(working, path) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => {}
        linked => return linked,
    }
    // Systems have many words for that there are no links.
    match fs::symlink_metadata(path) {
        Ok(_) => Err(io::ErrorKind::AlreadyExists.into()),
        Err(_) => fs::rename(working, path),
    }
}

/// Takes the right to remove a dead socket from somebody who hasn't made use of it.
fn remove_claim(claim: &Path, path: &Path) -> io::Result<()> {
    match fs::remove_file(claim) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            let (path, claim) = (path.display(), claim.display());
            let message = format!(
                "{path} is a dead backend's, and somebody has left {claim} who was about to remove \
                 it; that can't be removed: {error}. Remove both"
            );
            Err(io::Error::new(error.kind(), message))
        }
        _ => Ok(()),
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

/// A directory beside a path, closed to others, in which a socket is bound before it gets that path.
/// It is removed with this.
#[derive(Debug)]
pub(super) struct Workplace(PathBuf);

impl Workplace {
    pub(super) fn make(path: &Path) -> io::Result<Self> {
        loop {
            let directory = Self::name(path);
            match DirBuilder::new().mode(0o700).create(&directory) {
                Ok(()) => return Ok(Self(directory)),
                // Left by a process that had the same number, and was killed.
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                Err(error) => return Err(error),
            }
        }
    }

    fn name(path: &Path) -> PathBuf {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        path.with_file_name(format!(".{:x}-{number:x}", std::process::id()))
    }

    fn socket_in(directory: &Path) -> PathBuf {
        directory.join("s")
    }

    pub(super) fn socket(&self) -> PathBuf {
        Self::socket_in(&self.0)
    }
}

impl Drop for Workplace {
    fn drop(&mut self) {
        let _ = fs::remove_file(self.socket());
        let _ = fs::remove_dir(&self.0);
    }
}

/// The right to remove a dead socket, as long as this is there.
struct Claim(PathBuf);

impl Drop for Claim {
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
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Cleared::Gone),
        Err(_) => {
            if Identity::of(path).is_ok_and(|found| found == dead) {
                fs::remove_file(path).or_else(|error| gone(error).map(|_| ()))?;
            }
            return Ok(Cleared::Gone);
        }
    }
    let claim = Claim(claim);
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
