//! Unix sockets: where they lie and who may use them.

use std::{
    fs, io,
    os::{
        fd::OwnedFd,
        unix::{fs::PermissionsExt, net::UnixStream},
    },
    path::{Path, PathBuf},
};

use interprocess::local_socket::{
    ConnectOptions, GenericFilePath, ListenerOptions, ToFsName,
    tokio::{Listener as RawListener, Stream, prelude::*},
};

use super::{
    directory,
    socket::Socket,
    socket_file::{SocketFile, Workplace, check_length},
};
use crate::{
    peer_info::PeerCredentials,
    transport::{CarrierConfig, Connected, Endpoint, byte_stream},
};

/// Connects to a Unix socket.
pub(crate) async fn connect(endpoint: &Endpoint, config: &CarrierConfig) -> io::Result<Connected> {
    let path = path_of(endpoint)?;
    let stream = dial(&path).await.map_err(|error| unreachable(&error, &path))?;
    let incoming = Incoming { stream, user: directory::own_uid()? };
    let Known { socket, credentials, stranger } = incoming.known()?;
    if let Some(user) = stranger {
        return Err(io::Error::new(
            io::ErrorKind::PermissionDenied,
            format!("the other side runs as {user}, this side as user {}", directory::own_uid()?),
        ));
    }
    let carrier = byte_stream::connect(Box::new(socket), config).await?;
    Ok(Connected { carrier, credentials: Some(credentials) })
}

/// A bound Unix socket. Its file is removed with it.
pub(crate) struct Listener {
    endpoint: Endpoint,
    /// Dropped ahead of the listener: as long as that is there, nobody takes the file for a dead
    /// backend's and puts their own in its place, which would be removed instead.
    _file: SocketFile,
    listener: RawListener,
    user: u32,
}

impl Listener {
    pub(crate) async fn bind(endpoint: &Endpoint) -> io::Result<Self> {
        let path = path_of(endpoint)?;
        let beside = |error: io::Error| {
            let message = format!("can't bind a socket beside {}: {error}", path.display());
            io::Error::new(error.kind(), message)
        };
        let workplace = Workplace::make(&path).map_err(beside)?;
        let working = workplace.socket();
        let name = working.as_path().to_fs_name::<GenericFilePath>()?;
        let options = ListenerOptions::new().name(name).reclaim_name(false);
        let listener = options.create_tokio().map_err(beside)?;
        // A mode that is given before it is bound would need no closed directory, but most systems
        // have none for sockets.
        fs::set_permissions(&working, fs::Permissions::from_mode(0o600)).map_err(beside)?;
        let file = SocketFile::publish(&working, path).await?;
        Ok(Self { endpoint: endpoint.clone(), _file: file, listener, user: directory::own_uid()? })
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
        let own = self.user;
        let Known { socket, credentials, stranger } = self.known()?;
        if let Some(user) = stranger {
            tracing::warn!(%user, own, "refused a connection of another user");
            let why = format!("only user {own} is served here, and you are {user}");
            byte_stream::refuse(Box::new(socket), config, &why).await?;
            return Err(io::Error::new(io::ErrorKind::PermissionDenied, why));
        }
        let carrier = byte_stream::accept(Box::new(socket), config).await?;
        Ok(Connected { carrier, credentials: Some(credentials) })
    }

    /// Asks the operating system who it is. Root may do anything to this process anyway, and is
    /// let in.
    fn known(self) -> io::Result<Known> {
        let credentials = self.stream.peer_creds()?;
        let peer = PeerCredentials { user: credentials.euid(), process: credentials.pid() };
        let stranger = match peer.user {
            Some(user) if user == self.user || user == 0 => None,
            Some(user) => Some(format!("user {user}")),
            None => Some("an unknown user".to_owned()),
        };
        let Stream::UdSocket(stream) = self.stream;
        let stream = UnixStream::from(OwnedFd::try_from(stream)?);
        Ok(Known { socket: Socket::new(stream)?, credentials: peer, stranger })
    }
}

/// A connection whose other end is known.
struct Known {
    socket: Socket,
    credentials: PeerCredentials,
    /// The user at the other end, if it is one who isn't talked to.
    stranger: Option<String>,
}

/// The path of an endpoint's socket, which is made sure to fit into a socket's address.
fn path_of(endpoint: &Endpoint) -> io::Result<PathBuf> {
    let path = match endpoint {
        Endpoint::Local(name) => directory::prepare()?.join(format!("{name}.sock")),
        Endpoint::Unix(path) => path.clone(),
        other => return Err(other.not_built_in()),
    };
    check_length(&path)?;
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
