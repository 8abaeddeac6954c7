//! Unix sockets: where they lie, who may use them, and what is left of a backend that has died.

use std::{
    fs, io,
    os::{
        fd::OwnedFd,
        unix::{
            fs::{FileTypeExt, MetadataExt},
            net::{SocketAddr, UnixStream},
        },
    },
    path::{Path, PathBuf},
};

use interprocess::{
    local_socket::{
        ConnectOptions, GenericFilePath, ListenerOptions, ToFsName,
        tokio::{Listener as RawListener, Stream, prelude::*},
    },
    os::unix::local_socket::ListenerOptionsExt as _,
};

use super::{directory, socket::Socket};
use crate::{
    peer_info::PeerCredentials,
    transport::{CarrierConfig, Connected, Endpoint, byte_stream},
};

/// Connects to a Unix socket.
pub(crate) async fn connect(endpoint: &Endpoint, config: &CarrierConfig) -> io::Result<Connected> {
    let path = path_of(endpoint)?;
    let stream = dial(&path).await.map_err(|error| unreachable(&error, &path))?;
    let incoming = Incoming { stream, user: directory::own_uid()? };
    let (socket, credentials) = incoming.checked()?;
    let carrier = byte_stream::connect(Box::new(socket), config).await?;
    Ok(Connected { carrier, credentials: Some(credentials) })
}

/// A bound Unix socket. Its file is removed with it.
pub(crate) struct Listener {
    endpoint: Endpoint,
    listener: RawListener,
    user: u32,
    _file: SocketFile,
}

impl Listener {
    pub(crate) async fn bind(endpoint: &Endpoint) -> io::Result<Self> {
        let path = path_of(endpoint)?;
        remove_stale(&path).await?;
        let name = path.as_path().to_fs_name::<GenericFilePath>()?;
        let options = ListenerOptions::new().name(name).mode(0o600).reclaim_name(false);
        let listener = options.create_tokio().map_err(|error| {
            let message = match error.kind() {
                io::ErrorKind::AddrInUse => in_use(&path),
                _ => format!("can't bind {}: {error}", path.display()),
            };
            io::Error::new(error.kind(), message)
        })?;
        let file = SocketFile::bound(path)?;
        Ok(Self { endpoint: endpoint.clone(), listener, user: directory::own_uid()?, _file: file })
    }

    pub(crate) fn endpoint(&self) -> Endpoint {
        self.endpoint.clone()
    }

    pub(crate) async fn accept(&mut self) -> io::Result<Incoming> {
        let stream = self.listener.accept().await?;
        Ok(Incoming { stream, user: self.user })
    }
}

/// A connection, before it is known who is at its other end.
pub(crate) struct Incoming {
    stream: Stream,
    user: u32,
}

impl Incoming {
    pub(crate) async fn open(self, config: &CarrierConfig) -> io::Result<Connected> {
        let (socket, credentials) = self.checked()?;
        let carrier = byte_stream::accept(Box::new(socket), config).await?;
        Ok(Connected { carrier, credentials: Some(credentials) })
    }

    /// Refuses other users. Root may do anything to this process anyway, and is let in.
    fn checked(self) -> io::Result<(Socket, PeerCredentials)> {
        let credentials = self.stream.peer_creds()?;
        let peer = PeerCredentials { user: credentials.euid(), process: credentials.pid() };
        match peer.user {
            Some(user) if user == self.user || user == 0 => {}
            user => {
                let user = user.map_or_else(|| "an unknown user".into(), |id| format!("user {id}"));
                return Err(io::Error::new(
                    io::ErrorKind::PermissionDenied,
                    format!("the other side runs as {user}, this side as user {}", self.user),
                ));
            }
        }
        let Stream::UdSocket(stream) = self.stream;
        let stream = UnixStream::from(OwnedFd::try_from(stream)?);
        Ok((Socket::new(stream)?, peer))
    }
}

/// The path of an endpoint's socket, which is made sure to fit into a socket's address.
fn path_of(endpoint: &Endpoint) -> io::Result<PathBuf> {
    let path = match endpoint {
        Endpoint::Local(name) => directory::prepare()?.join(format!("{name}.sock")),
        Endpoint::Unix(path) => path.clone(),
        other => return Err(other.not_built_in()),
    };
    if SocketAddr::from_pathname(&path).is_err() {
        let longest = (1..path.as_os_str().len())
            .rev()
            .find(|&length| SocketAddr::from_pathname("x".repeat(length)).is_ok());
        return Err(io::Error::new(
            io::ErrorKind::InvalidInput,
            format!(
                "the path {} has {} bytes, and a Unix socket's can have {} here: use a shorter one",
                path.display(),
                path.as_os_str().len(),
                longest.unwrap_or_default(),
            ),
        ));
    }
    Ok(path)
}

async fn dial(path: &Path) -> io::Result<Stream> {
    let name = path.to_fs_name::<GenericFilePath>()?;
    ConnectOptions::new().name(name).connect_tokio().await
}

fn unreachable(error: &io::Error, path: &Path) -> io::Error {
    let path = path.display();
    let message = match error.kind() {
        io::ErrorKind::NotFound => format!("there is no socket {path}: is the backend running?"),
        io::ErrorKind::ConnectionRefused => {
            format!("nobody listens on {path} any more: the backend has ended")
        }
        _ => format!("can't connect to {path}: {error}"),
    };
    io::Error::new(error.kind(), message)
}

fn in_use(path: &Path) -> String {
    format!("{} is in use: another backend listens there", path.display())
}

/// Removes what a backend that died has left. Only a refused connect shows that nobody listens.
async fn remove_stale(path: &Path) -> io::Result<()> {
    let found = match fs::symlink_metadata(path) {
        Ok(found) => found,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(error),
    };
    if !found.file_type().is_socket() {
        return Err(io::Error::new(
            io::ErrorKind::AlreadyExists,
            format!("{} is there already, and is no socket", path.display()),
        ));
    }
    match dial(path).await {
        Err(error) if error.kind() == io::ErrorKind::ConnectionRefused => {
            // Another backend may have replaced it meanwhile: what goes is the socket that was
            // probed, and no other.
            if Identity::of(path)? == Identity::from(&found) {
                tracing::debug!(path = %path.display(), "removing a stale socket");
                fs::remove_file(path)?;
            }
            Ok(())
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Ok(_) => Err(io::Error::new(io::ErrorKind::AddrInUse, in_use(path))),
        Err(error) => Err(io::Error::new(
            error.kind(),
            format!("{} is there already, and can't be probed: {error}", path.display()),
        )),
    }
}

/// Which file it is, whatever its name.
#[derive(Debug, PartialEq, Eq)]
struct Identity {
    device: u64,
    inode: u64,
}

impl Identity {
    fn of(path: &Path) -> io::Result<Self> {
        fs::symlink_metadata(path).map(|found| Self::from(&found))
    }
}

impl From<&fs::Metadata> for Identity {
    fn from(found: &fs::Metadata) -> Self {
        Self { device: found.dev(), inode: found.ino() }
    }
}

/// The file of a bound socket.
struct SocketFile {
    path: PathBuf,
    identity: Identity,
}

impl SocketFile {
    fn bound(path: PathBuf) -> io::Result<Self> {
        let identity = Identity::of(&path)?;
        Ok(Self { path, identity })
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
