//! The file of a Unix socket: its mode, what it replaces, who removes it, and that it is missed.
#![cfg(unix)]

use std::{
    collections::BTreeSet,
    fs,
    os::unix::fs::{PermissionsExt, symlink},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use ipc_runtime::{Backend, Frontend};
use ipc_tests::{Scratch, endpoint_of, eventually, process::Process};
use tokio::net::UnixListener;

use super::unix_socket::{PEER, listen_error, mode_of, serves_calls, slow_backend};

#[tokio::test]
async fn a_socket_is_made_for_this_user_alone_wherever_it_lies() {
    let directory = Scratch::new();
    let path = directory.join("s");
    let backend = slow_backend();
    backend.listen(endpoint_of(&path)).await.unwrap();
    assert_eq!(mode_of(&path), 0o600);
}

#[tokio::test]
async fn nothing_but_the_socket_is_left_beside_it() {
    let directory = Scratch::new();
    let path = directory.join("s");
    let backend = slow_backend();
    backend.listen(endpoint_of(&path)).await.unwrap();
    listen_error(&path).await;
    let names = fs::read_dir(directory.path()).unwrap();
    let names: Vec<_> = names.map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(names, ["s"]);
}

#[tokio::test]
async fn what_a_killed_backend_has_left_is_replaced() {
    let directory = Scratch::new();
    let path = directory.join("s");
    let mut process = Process::start(PEER, ["serve", &endpoint_of(&path)]);
    assert_eq!(process.line().await, format!("ready {}", endpoint_of(&path)));
    process.kill().await;
    assert!(path.exists(), "it could not clean up");
    let error = Frontend::connect(endpoint_of(&path)).await.unwrap_err().to_string();
    assert!(error.contains("the backend has ended"), "{error}");

    let backend = slow_backend();
    backend.listen(endpoint_of(&path)).await.unwrap();
    assert_eq!(mode_of(&path), 0o600);
    serves_calls(&endpoint_of(&path)).await;
}

#[tokio::test]
async fn a_live_socket_is_in_use() {
    let directory = Scratch::new();
    let path = directory.join("s");
    let mut process = Process::start(PEER, ["serve", &endpoint_of(&path)]);
    process.line().await;
    for _ in 0..3 {
        let why = listen_error(&path).await;
        assert!(why.contains("in use") && why.contains(&endpoint_of(&path)), "{why}");
    }
    serves_calls(&endpoint_of(&path)).await;

    let backend = slow_backend();
    let own = directory.join("own");
    backend.listen(endpoint_of(&own)).await.unwrap();
    let again = backend.listen(endpoint_of(&own)).await.unwrap_err().to_string();
    assert!(again.contains("in use"), "{again}");
    serves_calls(&endpoint_of(&own)).await;
}

#[tokio::test]
async fn what_is_no_socket_is_left_alone() {
    let directory = Scratch::new();
    let path = directory.join("s");
    fs::write(&path, "precious").unwrap();
    let why = listen_error(&path).await;
    assert!(why.contains("is no socket"), "{why}");
    assert_eq!(fs::read_to_string(&path).unwrap(), "precious");

    let target = directory.join("target");
    let link = directory.join("link");
    symlink(&target, &link).unwrap();
    listen_error(&link).await;
    assert!(!target.exists() && fs::symlink_metadata(&link).unwrap().is_symlink());
    listen_error(&directory.join("missing").join("s")).await;
}

#[tokio::test]
async fn nobody_there_is_told_with_the_path() {
    let directory = Scratch::new();
    let path = directory.join("s");
    let error = Frontend::connect(endpoint_of(&path)).await.unwrap_err().to_string();
    assert!(error.contains("there is no socket"), "{error}");
    assert!(error.contains(&path.display().to_string()), "{error}");
}

#[tokio::test]
async fn the_file_goes_with_its_backend() {
    let directory = Scratch::new();
    let path = directory.join("s");
    let first = slow_backend();
    first.listen(endpoint_of(&path)).await.unwrap();
    serves_calls(&endpoint_of(&path)).await;
    first.stop(Duration::ZERO).await;
    assert!(!path.exists(), "a stop has removed it when it returns");

    let second = slow_backend();
    second.listen(endpoint_of(&path)).await.unwrap();
    drop(second);
    eventually("a drop removes it too", || !path.exists()).await;
}

#[tokio::test]
async fn what_somebody_else_has_put_in_its_place_stays() {
    let directory = Scratch::new();
    let path = directory.join("s");
    for attempt in 0..20 {
        let first = slow_backend();
        first.listen(endpoint_of(&path)).await.unwrap();
        fs::remove_file(&path).unwrap();
        // Many file systems give it the inode number that has just become free.
        let other = UnixListener::bind(&path).unwrap();
        first.stop(Duration::ZERO).await;
        assert!(path.exists(), "attempt {attempt}");
        drop(other);
        fs::remove_file(&path).unwrap();
    }
}

#[tokio::test]
async fn a_file_that_was_given_another_mode_still_goes() {
    let directory = Scratch::new();
    let path = directory.join("s");
    let backend = slow_backend();
    backend.listen(endpoint_of(&path)).await.unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o666)).unwrap();
    serves_calls(&endpoint_of(&path)).await;
    backend.stop(Duration::ZERO).await;
    assert!(!path.exists());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_socket_is_closed_to_others_from_its_first_moment() {
    let directory = Scratch::new();
    let path = directory.join("s");
    let over = Arc::new(AtomicBool::new(false));
    let watcher = std::thread::spawn({
        let (path, over) = (path.clone(), over.clone());
        move || {
            let mut modes = BTreeSet::new();
            while !over.load(Ordering::Relaxed) {
                if let Ok(found) = fs::symlink_metadata(&path) {
                    modes.insert(found.permissions().mode() & 0o7777);
                }
            }
            modes
        }
    });
    for _ in 0..300 {
        let backend = Backend::new();
        backend.listen(endpoint_of(&path)).await.unwrap();
        backend.stop(Duration::ZERO).await;
    }
    over.store(true, Ordering::Relaxed);
    assert_eq!(watcher.join().unwrap(), BTreeSet::from([0o600]));
}

#[tokio::test]
async fn a_backend_whose_socket_was_removed_leaves_that_of_its_successor() {
    let directory = Scratch::new();
    let path = directory.join("s");
    let first = slow_backend();
    first.listen(endpoint_of(&path)).await.unwrap();
    fs::remove_file(&path).unwrap();
    let second = slow_backend();
    second.listen(endpoint_of(&path)).await.unwrap();
    first.stop(Duration::ZERO).await;
    serves_calls(&endpoint_of(&path)).await;
}
