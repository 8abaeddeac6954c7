//! The directories that `local:` sockets lie in: whose they are, and which are refused or passed
//! over.
#![cfg(unix)]

use std::{
    fs,
    os::unix::fs::{FileTypeExt, MetadataExt, PermissionsExt, symlink},
    path::Path,
};

use ipc_tests::{
    Scratch, endpoint_of,
    process::{NOBODY, Process},
};
use tokio::process::Command;

use super::unix_socket::{PEER, mode_of, output_of, serves_calls};

/// The peer, with its local sockets in a directory of the test's.
fn with_runtime_directory(directory: &Path, arguments: [&str; 2]) -> Command {
    let mut command = Command::new(PEER);
    command.args(arguments).env("XDG_RUNTIME_DIR", directory);
    command
}

#[tokio::test]
async fn a_local_socket_and_its_directory_are_closed_to_others() {
    let runtime = Scratch::new();
    fs::set_permissions(runtime.path(), fs::Permissions::from_mode(0o755)).unwrap();
    let serve = with_runtime_directory(runtime.path(), ["serve", "local:closed"]);
    let mut process = Process::run(serve);
    assert_eq!(process.line().await, "ready local:closed");
    let directory = runtime.join("ipc-runtime");
    assert_eq!(mode_of(&directory), 0o700);
    assert!(fs::symlink_metadata(&directory).unwrap().is_dir());
    let socket = directory.join("closed.sock");
    assert!(fs::symlink_metadata(&socket).unwrap().file_type().is_socket());
    assert_eq!(mode_of(&socket), 0o600);
    let ping = with_runtime_directory(runtime.path(), ["ping", "local:closed"]);
    assert_eq!(output_of(ping).await, "ok");
    serves_calls(&endpoint_of(&socket)).await;
}

#[tokio::test]
async fn a_directory_that_others_could_have_made_is_refused() {
    let runtime = Scratch::new();
    let directory = runtime.join("ipc-runtime");
    let listen = || output_of(with_runtime_directory(runtime.path(), ["listen", "local:x"]));
    let ping = || output_of(with_runtime_directory(runtime.path(), ["ping", "local:x"]));

    let elsewhere = runtime.join("elsewhere");
    fs::create_dir(&elsewhere).unwrap();
    fs::set_permissions(&elsewhere, fs::Permissions::from_mode(0o700)).unwrap();
    symlink(&elsewhere, &directory).unwrap();
    for told in [listen().await, ping().await] {
        assert!(told.starts_with("error: ") && told.contains("symbolic link"), "{told}");
    }
    fs::remove_file(&directory).unwrap();

    fs::write(&directory, "").unwrap();
    let told = listen().await;
    assert!(told.starts_with("error: ") && told.contains("no directory"), "{told}");
    fs::remove_file(&directory).unwrap();

    fs::create_dir(&directory).unwrap();
    for open in [0o701, 0o710, 0o750, 0o755, 0o777, 0o1777] {
        fs::set_permissions(&directory, fs::Permissions::from_mode(open)).unwrap();
        for told in [listen().await, ping().await] {
            assert!(told.starts_with("error: "), "{open:o}: {told}");
            assert!(told.contains("chmod 700"), "{open:o}: {told}");
        }
    }
    fs::set_permissions(&directory, fs::Permissions::from_mode(0o700)).unwrap();
    assert_eq!(listen().await, "ok local:x");
    assert!(fs::read_dir(&elsewhere).unwrap().next().is_none(), "nothing was made there");
}

#[tokio::test]
async fn a_runtime_directory_that_is_none_is_passed_over_by_both_sides() {
    let (runtime, temporary) = (Scratch::new(), Scratch::new());
    let user = fs::metadata(temporary.path()).unwrap().uid();
    let file = runtime.join("file");
    fs::write(&file, "").unwrap();
    for none in [runtime.join("missing"), file.clone(), file.join("below")] {
        let with_both = |arguments: [&str; 2]| {
            let mut command = with_runtime_directory(&none, arguments);
            command.env("TMPDIR", temporary.path());
            command
        };
        let mut process = Process::run(with_both(["serve", "local:own"]));
        assert_eq!(process.line().await, "ready local:own", "{none:?}");
        assert_eq!(output_of(with_both(["ping", "local:own"])).await, "ok", "{none:?}");
        let socket = temporary.join(&format!("ipc-runtime-{user}")).join("own.sock");
        serves_calls(&endpoint_of(&socket)).await;
        process.kill().await;
    }
    assert_eq!(fs::read_dir(runtime.path()).unwrap().count(), 1, "nothing was made there");
}

#[tokio::test]
async fn without_a_runtime_directory_the_sockets_lie_in_one_for_each_user() {
    let temporary = Scratch::new();
    fs::set_permissions(temporary.path(), fs::Permissions::from_mode(0o755)).unwrap();
    let mut serve = Command::new(PEER);
    serve.args(["serve", "local:own"]).env_remove("XDG_RUNTIME_DIR");
    serve.env("TMPDIR", temporary.path());
    let mut process = Process::run(serve);
    assert_eq!(process.line().await, "ready local:own");
    let user = fs::metadata(temporary.path()).unwrap().uid();
    let directory = temporary.join(&format!("ipc-runtime-{user}"));
    assert_eq!(mode_of(&directory), 0o700);
    serves_calls(&endpoint_of(&directory.join("own.sock"))).await;
}

#[tokio::test]
async fn the_runtime_directory_of_another_user_is_left_alone() {
    let (runtime, temporary) = (Scratch::new(), Scratch::new());
    let user = fs::metadata(temporary.path()).unwrap().uid();
    if std::os::unix::fs::chown(runtime.path(), Some(NOBODY), Some(NOBODY)).is_err() {
        // Only root may, who meets this by `su` and `sudo`.
        return;
    }
    let mut serve = with_runtime_directory(runtime.path(), ["serve", "local:own"]);
    serve.env("TMPDIR", temporary.path());
    let mut process = Process::run(serve);
    assert_eq!(process.line().await, "ready local:own");
    serves_calls(&endpoint_of(&temporary.join(&format!("ipc-runtime-{user}")).join("own.sock")))
        .await;
    assert!(fs::read_dir(runtime.path()).unwrap().next().is_none(), "nothing was made there");
}
