//! A backend on a local socket, and who speaks lines of JSON-RPC to it.

use std::path::PathBuf;

use ipc_runtime::Backend;
use ipc_tests::{
    EverythingHandler, EverythingService, Gates, Lines, Scratch, SlowHandler, endpoint_of,
};

/// A backend with both of the tests' interfaces.
pub(crate) struct ServedBackend {
    pub(crate) backend: Backend,
    pub(crate) gates: Gates,
    pub(crate) path: PathBuf,
    _directory: Scratch,
}

pub(crate) async fn served_backend() -> ServedBackend {
    let backend = Backend::new();
    let gates = Gates::new();
    backend.register(SlowHandler::new(gates.clone())).unwrap();
    backend.register(EverythingHandler::new(EverythingService::default())).unwrap();
    let directory = Scratch::new();
    let path = directory.socket("s");
    backend.listen(endpoint_of(&path)).await.unwrap();
    ServedBackend { backend, gates, path, _directory: directory }
}

/// It, and somebody who has connected to it.
pub(crate) async fn served_lines() -> (ServedBackend, Lines) {
    let served = served_backend().await;
    let raw = Lines::connect(&served.path).await;
    (served, raw)
}

/// A call of a method of `test.*`, its id and params as they are written.
pub(crate) fn call(id: &str, method: &str, params: &str) -> String {
    format!(r#"{{"jsonrpc":"2.0","id":{id},"method":"test.{method}","params":{params}}}"#)
}
