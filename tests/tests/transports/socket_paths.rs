//! Paths of Unix sockets: what the system takes is taken however long it is, what it does not take
//! is told, and the system knows a socket by its path.
#![cfg(unix)]

use std::{fs, os::unix::net::SocketAddr, path::PathBuf};

use ipc_runtime::{ConnectError, Frontend};
use ipc_tests::{Scratch, endpoint_of};
use tokio::net::UnixListener;

use super::unix_socket::{listen_error, serves_calls, slow_backend};

/// A path in a directory, of so many bytes.
fn path_of_length(directory: &Scratch, length: usize) -> PathBuf {
    let rest = length - directory.path().as_os_str().len() - 1;
    directory.join(&"x".repeat(rest))
}

/// A path of so many bytes, most of which are its directory's, which is made.
fn deep_path(directory: &Scratch, length: usize) -> PathBuf {
    let below = path_of_length(directory, length - "/s".len());
    fs::create_dir(&below).unwrap();
    below.join("s")
}

/// How many bytes a path may have here, for the system.
fn longest_path() -> usize {
    let fits = |length: &usize| SocketAddr::from_pathname("x".repeat(*length)).is_ok();
    (1..1000).take_while(fits).last().unwrap()
}

#[tokio::test]
async fn a_path_that_is_too_long_is_told_before_anything_is_bound() {
    let directory = Scratch::new();
    let long = path_of_length(&directory, 150);
    let why = listen_error(&long).await;
    assert!(why.contains("150 bytes") && why.contains("shorter"), "{why}");
    match Frontend::connect(endpoint_of(&long)).await {
        Err(ConnectError::Io { error, .. }) => {
            let error = error.to_string();
            assert!(error.contains("150 bytes"), "{error}");
            assert!(error.contains(&format!("can have {}", longest_path())), "{error}");
        }
        other => panic!("{other:?}"),
    }
    // The longest one that `listen` names really is.
    let longest: usize = why
        .split("can have ")
        .nth(1)
        .and_then(|rest| rest.split(' ').next())
        .and_then(|number| number.parse().ok())
        .unwrap_or_else(|| panic!("{why}"));
    listen_error(&path_of_length(&directory, longest + 1)).await;
    let backend = slow_backend();
    backend.listen(endpoint_of(&path_of_length(&directory, longest))).await.unwrap();
    serves_calls(&endpoint_of(&path_of_length(&directory, longest))).await;
}

#[tokio::test]
async fn connect_takes_the_longest_path_of_the_system_however_often() {
    let directory = Scratch::new();
    let path = deep_path(&directory, longest_path());
    let listener = UnixListener::bind(&path).unwrap();
    let backend = slow_backend();
    let accepting = tokio::spawn(async move {
        loop {
            backend.accept(listener.accept().await.unwrap().0);
        }
    });
    for _ in 0..40 {
        serves_calls(&endpoint_of(&path)).await;
    }
    accepting.abort();
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn listen_takes_the_longest_path_of_the_system_however_often() {
    let directory = Scratch::new();
    let path = deep_path(&directory, longest_path());
    for _ in 0..40 {
        let backend = slow_backend();
        backend.listen(endpoint_of(&path)).await.unwrap();
        serves_calls(&endpoint_of(&path)).await;
        backend.stop(std::time::Duration::ZERO).await;
    }
}

/// What takes a socket for a dead one that it doesn't find there removes it.
#[cfg(target_os = "linux")]
#[tokio::test]
async fn the_kernel_knows_a_socket_by_its_path() {
    let directory = Scratch::new();
    let path = directory.join("s");
    let backend = slow_backend();
    backend.listen(endpoint_of(&path)).await.unwrap();
    let sockets = fs::read_to_string("/proc/net/unix").unwrap();
    let paths = sockets.lines().filter_map(|line| line.split(' ').next_back());
    let own: Vec<_> =
        paths.filter(|known| std::path::Path::new(known).starts_with(directory.path())).collect();
    assert_eq!(own, [path.to_str().unwrap()]);
}
