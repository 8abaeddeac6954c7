//! One test body on each carrier.

use std::path::PathBuf;

use ipc_runtime::{Backend, Endpoint, Frontend};

use crate::{
    local_socket::endpoint_of,
    scratch::{Scratch, unique},
};

/// Where one test's backend listens.
#[derive(Debug)]
pub struct Place {
    /// The endpoint, as it is written.
    pub endpoint: String,
    directory: Option<Scratch>,
}

impl Place {
    /// A `local:` socket.
    pub fn local() -> Self {
        Self { endpoint: format!("local:{}", unique("ipc-tests")), directory: None }
    }

    /// A `unix:` socket in a directory of its own, or a `pipe:` on Windows.
    pub fn unix() -> Self {
        let directory = Scratch::new();
        let endpoint = endpoint_of(&directory.socket("s"));
        Self { endpoint, directory: Some(directory) }
    }

    /// The socket of such a place, for raw peers.
    pub fn socket(&self) -> PathBuf {
        self.directory.as_ref().unwrap().socket("s")
    }

    /// A `ws://` port of this machine.
    pub fn web_socket() -> Self {
        Self { endpoint: "ws://127.0.0.1:0".into(), directory: None }
    }

    /// A `memory:` name.
    pub fn memory() -> Self {
        Self { endpoint: format!("memory:{}", unique("ipc-tests")), directory: None }
    }

    /// Has the backend listen here. Gives the endpoint to connect to.
    pub async fn listen(&self, backend: &Backend) -> Endpoint {
        backend.listen(&self.endpoint).await.unwrap()
    }

    /// Has the backend listen here, and connects to it.
    pub async fn connect(&self, backend: &Backend) -> Frontend {
        let endpoint = self.listen(backend).await;
        Frontend::connect(endpoint).await.unwrap()
    }
}

/// Makes a test on each carrier of each function: `async fn name(place: Place)`.
#[macro_export]
macro_rules! on_every_carrier {
    ($($name:ident),* $(,)?) => {$(
        mod $name {
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn local() {
                $crate::in_time(super::$name($crate::Place::local())).await;
            }

            #[cfg(unix)]
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn unix() {
                $crate::in_time(super::$name($crate::Place::unix())).await;
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn web_socket() {
                $crate::in_time(super::$name($crate::Place::web_socket())).await;
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn memory() {
                $crate::in_time(super::$name($crate::Place::memory())).await;
            }
        }
    )*};
}
