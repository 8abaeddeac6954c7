//! Backends that want the same path: one gets it, by a file that is locked while it binds.
#![cfg(unix)]

use std::{
    fs,
    os::unix::fs::symlink,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use ipc_runtime::{Backend, Frontend};
use ipc_tests::{Scratch, endpoint_of, in_time, poll_once};
use rustix::fs::{FlockOperation, flock};
use tokio::{
    net::{UnixListener, UnixSocket, UnixStream},
    sync::Barrier,
};

use super::unix_socket::{listen_error, serves_calls, slow_backend};

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_many_that_replace_a_stale_socket_one_wins() {
    const CONTENDERS: usize = 8;

    let directory = Scratch::new();
    let path = directory.join("s");
    for round in 0..50 {
        drop(UnixListener::bind(&path).unwrap());
        let start = Arc::new(Barrier::new(CONTENDERS));
        let contenders: Vec<_> = (0..CONTENDERS)
            .map(|_| {
                let (start, endpoint) = (start.clone(), endpoint_of(&path));
                tokio::spawn(async move {
                    let backend = slow_backend();
                    start.wait().await;
                    let won = backend.listen(endpoint).await.is_ok();
                    (won, backend)
                })
            })
            .collect();
        let mut ended = Vec::new();
        for contender in contenders {
            ended.push(in_time(contender).await.unwrap());
        }
        let winners = ended.iter().filter(|(won, _)| *won).count();
        assert_eq!(winners, 1, "round {round}: so many believe to be listening there");
        serves_calls(&endpoint_of(&path)).await;
        for (_, backend) in ended {
            backend.stop(Duration::ZERO).await;
        }
        assert!(!path.exists());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_backend_that_goes_leaves_its_successor_alone() {
    let directory = Scratch::new();
    let path = directory.join("s");
    let listens = async |backend: &Backend| {
        while backend.listen(endpoint_of(&path)).await.is_err() {
            tokio::task::yield_now().await;
        }
    };
    let mut old = Backend::new();
    listens(&old).await;
    for round in 0..500 {
        let next = Backend::new();
        let stop = tokio::spawn(async move { old.stop(Duration::ZERO).await });
        in_time(listens(&next)).await;
        in_time(stop).await.unwrap();
        assert!(path.exists(), "round {round}");
        old = next;
    }
    in_time(Frontend::connect(endpoint_of(&path))).await.unwrap();
}

/// The file that a backend locks while it binds.
fn lock_file_of(path: &Path) -> PathBuf {
    path.with_file_name(format!(".{}.lock", path.file_name().unwrap().to_str().unwrap()))
}

fn hold_lock(path: &Path) -> fs::File {
    let file = fs::File::create(lock_file_of(path)).unwrap();
    flock(&file, FlockOperation::NonBlockingLockExclusive).unwrap();
    file
}

#[tokio::test]
async fn what_a_backend_leaves_that_was_killed_during_listen_is_in_nobodys_way() {
    let directory = Scratch::new();
    let path = directory.join("s");
    for is_bound in [false, true] {
        // The lock went with its process, its file didn't.
        drop(hold_lock(&path));
        if is_bound {
            let socket = UnixSocket::new_stream().unwrap();
            socket.bind(&path).unwrap();
        }
        let backend = slow_backend();
        backend.listen(endpoint_of(&path)).await.unwrap();
        serves_calls(&endpoint_of(&path)).await;
        let names = fs::read_dir(directory.path()).unwrap();
        let names: Vec<_> = names.map(|entry| entry.unwrap().file_name()).collect();
        assert_eq!(names, ["s"], "all of it was cleared away");
        backend.stop(Duration::ZERO).await;
    }
}

#[tokio::test]
async fn a_socket_that_does_not_listen_yet_is_not_taken_for_a_dead_one() {
    let directory = Scratch::new();
    let path = directory.join("s");
    let lock = hold_lock(&path);
    let socket = UnixSocket::new_stream().unwrap();
    socket.bind(&path).unwrap();
    let backend = slow_backend();
    let mut listening = Box::pin(backend.listen(endpoint_of(&path)));
    assert!(poll_once(&mut listening).await.is_none(), "it waits for the one who has the lock");
    let _listener = socket.listen(1).unwrap();
    drop(lock);
    let why = in_time(listening).await.unwrap_err().to_string();
    assert!(why.contains("in use"), "{why}");
    UnixStream::connect(&path).await.unwrap();
}

#[tokio::test]
async fn a_lock_file_that_was_removed_locks_nothing() {
    let directory = Scratch::new();
    let path = directory.join("s");
    let lock = hold_lock(&path);
    let first = slow_backend();
    let mut waiting = Box::pin(first.listen(endpoint_of(&path)));
    assert!(poll_once(&mut waiting).await.is_none());
    // As is done with old files in a directory for temporary ones.
    fs::remove_file(lock_file_of(&path)).unwrap();
    let successor = hold_lock(&path);
    drop(lock);
    let yet = tokio::time::timeout(Duration::from_millis(100), &mut waiting).await;
    assert!(yet.is_err(), "another file has that name, and is locked: {yet:?}");
    drop(successor);
    in_time(waiting).await.unwrap();
    serves_calls(&endpoint_of(&path)).await;
}

#[tokio::test]
async fn a_lock_that_somebody_keeps_is_told() {
    let directory = Scratch::new();
    let path = directory.join("s");
    let _lock = hold_lock(&path);
    let why = in_time(listen_error(&path)).await;
    assert!(why.contains(lock_file_of(&path).to_str().unwrap()) && why.contains("frozen"), "{why}");
}

#[tokio::test]
async fn a_lock_file_is_no_link_that_is_followed() {
    let directory = Scratch::new();
    let (path, target) = (directory.join("s"), directory.join("target"));
    symlink(&target, lock_file_of(&path)).unwrap();
    let why = listen_error(&path).await;
    assert!(why.contains(lock_file_of(&path).to_str().unwrap()), "{why}");
    assert!(!target.exists());
}
