//! Unix sockets: where they lie and who may use them.

use std::{
    fs, io,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
};

use tokio::net::{UnixListener, UnixStream};

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
    let stream = UnixStream::connect(&path).await.map_err(|error| unreachable(&error, &path))?;
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
    listener: UnixListener,
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
        let listener = UnixListener::bind(&working).map_err(beside)?;
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
        let (stream, _) = self.listener.accept().await?;
        Ok(Incoming { stream, user: self.user })
    }
}

/// A connection, before it is known who is at its other end.
pub(crate) struct Incoming {
    stream: UnixStream,
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
        let credentials = self.stream.peer_cred()?;
        let user = credentials.uid();
        let stranger = (user != self.user && user != 0).then(|| format!("user {user}"));
        let credentials = PeerCredentials { user: Some(user), process: credentials.pid() };
        Ok(Known { socket: Socket::new(self.stream.into_std()?)?, credentials, stranger })
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
