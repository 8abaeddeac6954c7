//! A backend on a Unix socket, as the suites of sockets make and look at it.
#![cfg(unix)]

use std::{fs, os::unix::fs::PermissionsExt, path::Path};

use ipc_runtime::{Backend, Frontend, error::ListenError};
use ipc_tests::{Gates, SlowClient, SlowHandler, endpoint_of, in_time, process::Process};
use tokio::process::Command;

/// The program that is the other process.
pub(crate) const PEER: &str = env!("CARGO_BIN_EXE_ipc-test-peer");

/// A backend with slow methods, which listens nowhere yet.
pub(crate) fn slow_backend() -> Backend {
    let backend = Backend::new();
    backend.register(SlowHandler::new(Gates::new())).unwrap();
    backend
}

/// The permissions of a file, links not followed.
pub(crate) fn mode_of(path: &Path) -> u32 {
    fs::symlink_metadata(path).unwrap().permissions().mode() & 0o7777
}

/// Why a backend can't listen there.
pub(crate) async fn listen_error(path: &Path) -> String {
    match Backend::new().listen(endpoint_of(path)).await {
        Err(error @ ListenError::Io { .. }) => error.to_string(),
        other => panic!("{other:?}"),
    }
}

/// A slow backend answers at this endpoint.
pub(crate) async fn serves_calls(endpoint: &str) {
    let frontend = in_time(Frontend::connect(endpoint)).await.unwrap();
    let slow: SlowClient = in_time(frontend.open()).await.unwrap();
    assert_eq!(in_time(slow.ping()).await.unwrap(), 7);
}

/// All that a process prints.
pub(crate) async fn output_of(command: Command) -> String {
    Process::run(command).rest().await
}
