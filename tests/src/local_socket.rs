//! Local sockets as the raw peers use them, without the library: Unix sockets, and named pipes on
//! Windows.

#[cfg(windows)]
mod named_pipe;

use std::path::Path;

#[cfg(windows)]
pub use named_pipe::{LocalListener, LocalStream};
#[cfg(unix)]
pub use unix::{LocalListener, LocalStream};

/// How the library's endpoints name a socket that a [`Scratch`](crate::Scratch) gave.
pub fn endpoint_of(socket: &Path) -> String {
    let path = socket.display().to_string();
    match path.strip_prefix(PIPES) {
        Some(name) => format!("pipe:{name}"),
        None => format!("unix:{path}"),
    }
}

/// Where all named pipes are.
pub(crate) const PIPES: &str = r"\\.\pipe\";

#[cfg(unix)]
mod unix {
    use std::{io, path::Path};

    use tokio::net::{UnixListener, UnixStream};

    /// A connection.
    pub type LocalStream = UnixStream;

    /// A place to connect to.
    #[derive(Debug)]
    pub struct LocalListener(UnixListener);

    impl LocalListener {
        /// Makes it.
        pub fn bind(socket: impl AsRef<Path>) -> io::Result<Self> {
            UnixListener::bind(socket).map(Self)
        }

        /// Waits for the next connection.
        pub async fn accept(&self) -> io::Result<LocalStream> {
            self.0.accept().await.map(|(stream, _)| stream)
        }
    }
}
