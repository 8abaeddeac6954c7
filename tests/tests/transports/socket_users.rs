//! Whose process is on the other side of a Unix socket: neither side talks to those of other users.
#![cfg(unix)]

use std::{
    fs,
    os::unix::fs::{MetadataExt, PermissionsExt},
};

use ipc_runtime::Frontend;
use ipc_tests::{
    Scratch, endpoint_of, eventually, in_time,
    process::{NOBODY, Process, copy_for_others, starts_as_another_user},
};
use tokio::process::Command;

use super::unix_socket::{PEER, output_of, serves_calls, slow_backend};

#[tokio::test]
async fn the_peer_is_known_by_its_credentials() {
    let directory = Scratch::new();
    let path = directory.join("s");
    let backend = slow_backend();
    backend.listen(endpoint_of(&path)).await.unwrap();
    let frontend = Frontend::connect(endpoint_of(&path)).await.unwrap();
    let credentials = frontend.peer().credentials().unwrap();
    assert_eq!(credentials.user, Some(fs::metadata(directory.path()).unwrap().uid()));
    if let Some(process) = credentials.process {
        assert_eq!(process, i32::try_from(std::process::id()).unwrap());
    }
}

#[tokio::test]
async fn another_user_is_refused_though_the_socket_lets_them_in() {
    let directory = Scratch::new();
    let peer = copy_for_others(PEER, &directory);
    let path = directory.join("s");
    let backend = slow_backend();
    backend.listen(endpoint_of(&path)).await.unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o666)).unwrap();

    let mut own = Command::new(&peer);
    own.args(["ping", &endpoint_of(&path)]);
    assert_eq!(output_of(own).await, "ok");
    let mut other = Command::new(&peer);
    other.args(["ping", &endpoint_of(&path)]).uid(NOBODY).gid(NOBODY);
    if !starts_as_another_user(&mut other, &directory) {
        return;
    }
    let refused = output_of(other).await;
    assert!(refused.starts_with("error: rpc.handshake is not allowed at "), "{refused}");
    assert!(refused.contains(&format!("you are user {NOBODY}")), "{refused}");
    // In the words of whoever speaks, whatever they have to say.
    let hello = r#"{"jsonrpc":"2.0","id":1,"method":"test.slow.ping"}"#;
    let framed = format!("Content-Length: {}\r\n\r\n{hello}", hello.len());
    for (said, begins) in [
        (format!("{hello}\n"), "{\"jsonrpc\""),
        ("[".into(), "{\"jsonrpc\""),
        (framed, "Content-Length: "),
        ("IPC\u{1}\\0".into(), "IPC\u{1}\0"),
    ] {
        let mut other = Command::new(&peer);
        other.args(["say", &endpoint_of(&path), &said]).uid(NOBODY).gid(NOBODY);
        let answer = output_of(other).await;
        assert!(answer.starts_with(begins), "{answer}");
        assert!(answer.contains("\"id\":null") && answer.contains("-32001"), "{answer}");
    }
    serves_calls(&endpoint_of(&path)).await;
    eventually("nothing is left", || backend.usage().is_zero()).await;
}

#[tokio::test]
async fn a_backend_of_another_user_is_not_talked_to() {
    let directory = Scratch::new();
    let peer = copy_for_others(PEER, &directory);
    // Unless that is root, who may do anything to this process anyway.
    let theirs = directory.join("theirs");
    fs::create_dir(&theirs).unwrap();
    let mut serve = Command::new(&peer);
    serve.args(["serve", &endpoint_of(&theirs.join("s"))]).uid(NOBODY).gid(NOBODY);
    if !starts_as_another_user(&mut serve, &directory) {
        return;
    }
    std::os::unix::fs::chown(&theirs, Some(NOBODY), Some(NOBODY)).unwrap();
    let mut process = Process::run(serve);
    assert!(process.line().await.starts_with("ready "));
    match in_time(Frontend::connect(endpoint_of(&theirs.join("s")))).await {
        Err(error) => {
            let text = error.to_string();
            assert!(text.contains(&format!("user {NOBODY}")), "{text}");
        }
        Ok(_) => panic!("it has connected to the backend of another user"),
    }
}
