//! One test body on each carrier.

use ipc_runtime::{Backend, Endpoint, Frontend};

use crate::scratch::{Scratch, unique};

/// Where one test's backend listens.
#[derive(Debug)]
pub struct Place {
    /// The endpoint, as it is written.
    pub endpoint: String,
    _directory: Option<Scratch>,
}

impl Place {
    /// A `local:` socket.
    pub fn local() -> Self {
        Self { endpoint: format!("local:{}", unique("ipc-tests")), _directory: None }
    }

    /// A `unix:` socket in a directory of its own.
    pub fn unix() -> Self {
        let directory = Scratch::new();
        let endpoint = format!("unix:{}", directory.join("s").display());
        Self { endpoint, _directory: Some(directory) }
    }

    /// A `ws://` port of this machine.
    pub fn web_socket() -> Self {
        Self { endpoint: "ws://127.0.0.1:0".into(), _directory: None }
    }

    /// A `memory:` name.
    pub fn memory() -> Self {
        Self { endpoint: format!("memory:{}", unique("ipc-tests")), _directory: None }
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
