//! Connections of a process that has no free descriptor.
#![cfg(unix)]

use ipc_tests::{EverythingHandler, EverythingService, Scratch, endpoint_of};
use tokio::process::Command;

use super::unix_socket::{PEER, output_of, slow_backend};

#[tokio::test]
async fn an_open_connection_needs_no_more_descriptors() {
    let directory = Scratch::new();
    let path = directory.join("s");
    let backend = slow_backend();
    backend.register(EverythingHandler::new(EverythingService::default())).unwrap();
    backend.listen(endpoint_of(&path)).await.unwrap();
    let mut exhausted = Command::new("sh");
    exhausted.args(["-c", r#"ulimit -n 40; exec "$0" exhausted "$1""#, PEER, &endpoint_of(&path)]);
    assert_eq!(output_of(exhausted).await, "ok");
}
