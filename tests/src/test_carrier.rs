//! The carriers that one test body is run on.

use std::path::PathBuf;

use ipc_runtime::{Backend, Encoding, Endpoint, Frontend, FrontendBuilder};

use crate::{
    local_socket::endpoint_of,
    scratch::{Scratch, unique},
};

/// What one test's backend and frontends are connected by, and where the backend listens.
#[derive(Debug)]
pub struct TestCarrier {
    /// The endpoint, as it is written.
    pub endpoint: String,
    /// What its frontends ask for.
    pub encoding: Encoding,
    directory: Option<Scratch>,
}

impl TestCarrier {
    fn at(endpoint: impl Into<String>) -> Self {
        Self { endpoint: endpoint.into(), encoding: Encoding::Json, directory: None }
    }

    /// The same, whose frontends speak MessagePack.
    pub fn message_pack(self) -> Self {
        Self { encoding: Encoding::MessagePack, ..self }
    }

    /// A frontend that speaks as it is spoken here.
    pub fn builder(&self) -> FrontendBuilder {
        Frontend::builder().encoding(self.encoding)
    }

    /// A `local:` socket.
    pub fn local() -> Self {
        Self::at(format!("local:{}", unique("ipc-tests")))
    }

    /// A `unix:` socket in a directory of its own, or a `pipe:` on Windows.
    pub fn unix() -> Self {
        let directory = Scratch::new();
        let endpoint = endpoint_of(&directory.socket("s"));
        Self { directory: Some(directory), ..Self::at(endpoint) }
    }

    /// The socket of [`TestCarrier::unix`], for raw peers.
    pub fn socket(&self) -> PathBuf {
        self.directory.as_ref().unwrap().socket("s")
    }

    /// A `ws://` port of this machine.
    pub fn web_socket() -> Self {
        Self::at("ws://127.0.0.1:0")
    }

    /// A `memory:` name.
    pub fn memory() -> Self {
        Self::at(format!("memory:{}", unique("ipc-tests")))
    }

    /// Has the backend listen here. Gives the endpoint to connect to.
    pub async fn listen(&self, backend: &Backend) -> Endpoint {
        backend.listen(&self.endpoint).await.unwrap()
    }

    /// Has the backend listen here, and connects to it.
    pub async fn connect(&self, backend: &Backend) -> Frontend {
        let endpoint = self.listen(backend).await;
        self.builder().connect(endpoint).await.unwrap()
    }
}

/// Makes a test on each carrier, and in each encoding, of each function:
/// `async fn name(carrier: TestCarrier)`.
#[macro_export]
macro_rules! on_every_carrier {
    ($($name:ident),* $(,)?) => {$(
        mod $name {
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn local() {
                $crate::waiting::whole_test(super::$name($crate::TestCarrier::local())).await;
            }

            #[cfg(unix)]
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn unix() {
                $crate::waiting::whole_test(super::$name($crate::TestCarrier::unix())).await;
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn web_socket() {
                $crate::waiting::whole_test(super::$name($crate::TestCarrier::web_socket())).await;
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn memory() {
                $crate::waiting::whole_test(super::$name($crate::TestCarrier::memory())).await;
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn local_message_pack() {
                $crate::waiting::whole_test(super::$name($crate::TestCarrier::local().message_pack())).await;
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn web_socket_message_pack() {
                $crate::waiting::whole_test(super::$name($crate::TestCarrier::web_socket().message_pack())).await;
            }
        }
    )*};
}
