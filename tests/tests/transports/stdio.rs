//! `stdio:`: a backend in a child process, by its standard input and output.
//!
//! What looks at processes from outside, or runs a shell, does so by the programs of Unix.

#![cfg_attr(windows, allow(unused, reason = "several tests are for Unix alone"))]

use std::{path::Path, process::Stdio, sync::Arc};

use ipc_runtime::{Backend, ConnectError, ErrorKind, Frontend, error::DisconnectReason};
use ipc_tests::{
    EverythingClient, EverythingHandler, EverythingService, Framing, SlowClient, eventually,
    in_time,
};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    process::Command,
};

fn backend() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_ipc-test-backend"));
    command.arg("stdio:");
    command
}

/// The child's process.
#[cfg(unix)]
fn process(frontend: &Frontend) -> i32 {
    frontend.peer().credentials().unwrap().process.unwrap()
}

#[cfg(unix)]
async fn is_gone(process: i32) {
    let alive = || {
        let kill = std::process::Command::new("kill")
            .args(["-0", &process.to_string()])
            .stderr(Stdio::null())
            .status();
        kill.unwrap().success()
    };
    eventually("the child is gone", || !alive()).await;
}

#[cfg(unix)]
fn kill(process: i32) {
    let kill = std::process::Command::new("kill").args(["-9", &process.to_string()]).status();
    assert!(kill.unwrap().success());
}

#[tokio::test]
async fn a_spawned_backend_is_called() {
    let frontend = in_time(Frontend::spawn(backend())).await.unwrap();
    assert_eq!(&**frontend.peer().endpoint(), "stdio:");
    let all: EverythingClient = frontend.open().await.unwrap();
    assert_eq!(all.add(1, 2).await.unwrap(), 3);
    let long = "ß".repeat(1 << 20);
    assert_eq!(in_time(all.echo(long.clone())).await.unwrap(), long);
    all.mark(5).await.unwrap();
    assert_eq!(all.noted().await.unwrap(), ["5"]);
    let calls: Vec<_> = (0..500).map(|number| tokio::spawn(all.add(number, 1))).collect();
    for (number, call) in (1..).zip(calls) {
        assert_eq!(in_time(call).await.unwrap().unwrap(), number);
    }
    assert!(all.list("/none").await.is_err());
}

#[tokio::test]
async fn notifications_that_were_awaited_arrive_though_the_process_ends_at_once() {
    let mut command = Command::new(env!("CARGO_BIN_EXE_ipc-test-peer"));
    command.args(["notify-back", "stdio:", "500"]);
    let all = Arc::new(EverythingService::default());
    let builder = Frontend::builder().register(EverythingHandler::new(all.clone())).unwrap();
    let frontend = in_time(builder.spawn(command)).await.unwrap();
    in_time(frontend.closed()).await;
    let expected: Vec<_> = (0..500).map(|number| number.to_string()).collect();
    assert_eq!(*all.noted.lock().unwrap(), expected);
}

#[tokio::test]
async fn a_call_to_it_can_be_cancelled() {
    let frontend = in_time(Frontend::spawn(backend())).await.unwrap();
    let slow: SlowClient = frontend.open().await.unwrap();
    let waiting = tokio::spawn(slow.wait(1));
    let () = in_time(frontend.call("test.endings.began", &[1])).await.unwrap();
    waiting.abort();
    let ended = in_time(frontend.call::<String>("test.endings.ended", &[1])).await.unwrap();
    assert_eq!(ended, "dropped");
}

#[tokio::test]
#[cfg(unix)]
async fn the_child_ends_when_its_frontend_goes() {
    let frontend = in_time(Frontend::spawn(backend())).await.unwrap();
    let child = process(&frontend);
    let client: SlowClient = frontend.open().await.unwrap();
    drop(frontend);
    assert_eq!(client.ping().await.unwrap(), 7, "a client keeps it");
    drop(client);
    is_gone(child).await;
}

#[tokio::test]
#[cfg(unix)]
async fn the_child_ends_when_its_frontend_is_closed() {
    let frontend = in_time(Frontend::spawn(backend())).await.unwrap();
    let child = process(&frontend);
    in_time(frontend.close()).await;
    is_gone(child).await;
    let failed = frontend.call::<u32>("test.slow.ping", &()).await;
    assert!(
        matches!(&failed, Err(error) if error.kind() == ErrorKind::Disconnected && !error.may_have_run()),
        "{failed:?}"
    );
}

#[tokio::test]
#[cfg(unix)]
async fn a_child_that_does_not_end_is_killed() {
    let mut command = backend();
    command.arg("stay");
    let frontend = in_time(Frontend::spawn(command)).await.unwrap();
    let child = process(&frontend);
    assert_eq!(frontend.call::<u32>("test.slow.ping", &()).await.unwrap(), 7);
    drop(frontend);
    is_gone(child).await;
}

#[test]
#[cfg(unix)]
fn the_child_ends_with_the_runtime() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let mut command = backend();
    command.arg("stay");
    let frontend = runtime.block_on(in_time(Frontend::spawn(command))).unwrap();
    let child = process(&frontend);
    drop(runtime);
    assert!(!frontend.is_connected());
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(is_gone(child));
}

#[tokio::test]
#[cfg(unix)]
async fn a_child_that_is_killed_fails_its_calls() {
    let frontend = in_time(Frontend::spawn(backend())).await.unwrap();
    let child = process(&frontend);
    let slow: SlowClient = frontend.open().await.unwrap();
    let calls: Vec<_> = (0..100).map(|call| tokio::spawn(slow.patient(call))).collect();
    let () = in_time(frontend.call("test.endings.began", &[99])).await.unwrap();
    kill(child);
    for call in calls {
        match in_time(call).await.unwrap() {
            Err(error) if error.kind() == ErrorKind::Disconnected && error.may_have_run() => {
                let reason = error.reason().unwrap();
                assert!(matches!(reason, DisconnectReason::ClosedByPeer(None)), "{reason:?}");
            }
            other => panic!("{other:?}"),
        }
    }
    in_time(frontend.closed()).await;
    is_gone(child).await;
}

async fn fails(command: Command) -> String {
    match in_time(Frontend::spawn(command)).await {
        Err(error @ ConnectError::Io { .. }) => error.to_string(),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
#[cfg(unix)]
async fn a_program_that_is_missing_is_told() {
    let error = fails(Command::new("/nowhere/is/this-program")).await;
    assert!(error.contains("/nowhere/is/this-program can't be started"), "{error}");
    assert!(error.contains("stdio:"), "{error}");
    let error = fails(Command::new(env!("CARGO_MANIFEST_DIR"))).await;
    assert!(error.contains("can't be started"), "{error}");
}

#[tokio::test]
#[cfg(unix)]
async fn a_program_that_is_no_backend_is_told() {
    let error = fails(Command::new("true")).await;
    assert!(error.contains("ended before it said anything: exit status: 0"), "{error}");
    let mut echo = Command::new("echo");
    let error = fails({
        echo.arg("hello");
        echo
    })
    .await;
    assert!(error.contains("standard output: `hello`"), "{error}");
    let mut talks = Command::new("sh");
    talks.args(["-c", "echo hello; exec cat >/dev/null"]);
    let error = fails(talks).await;
    assert!(error.contains("standard output: `hello`"), "{error}");
}

#[tokio::test]
#[cfg(unix)]
async fn a_program_that_says_nothing_is_given_up_and_killed() {
    let directory = ipc_tests::Scratch::new();
    let told = directory.join("pid");
    let mut silent = Command::new("sh");
    silent.args(["-c", &format!("echo $$ > {}; exec sleep 1000", told.display())]);
    let mut limits = ipc_runtime::Limits::default();
    limits.handshake_timeout = std::time::Duration::from_millis(500);
    let spawned = in_time(Frontend::builder().limits(limits).spawn(silent)).await;
    let error = spawned.unwrap_err().to_string();
    assert!(error.contains("said nothing within"), "{error}");
    if let Ok(child) = std::fs::read_to_string(&told) {
        is_gone(child.trim().parse().unwrap()).await;
    }
}

#[tokio::test]
#[cfg(unix)]
async fn the_childs_environment_and_directory_are_the_commands() {
    let directory = ipc_tests::Scratch::new();
    let told = directory.join("told");
    let mut command = Command::new("sh");
    let script = format!("pwd > told; echo $WHAT >> told; exec {}", backend_path());
    command.args(["-c", &format!("{script} stdio:")]);
    command.current_dir(directory.path()).env("WHAT", "this");
    let frontend = in_time(Frontend::spawn(command)).await.unwrap();
    assert_eq!(frontend.call::<u32>("test.slow.ping", &()).await.unwrap(), 7);
    let told = std::fs::read_to_string(told).unwrap();
    let lines: Vec<_> = told.lines().collect();
    assert_eq!(
        Path::new(lines[0]).canonicalize().unwrap(),
        directory.path().canonicalize().unwrap()
    );
    assert_eq!(lines[1], "this");
}

fn backend_path() -> &'static str {
    env!("CARGO_BIN_EXE_ipc-test-backend")
}

#[tokio::test]
async fn a_standard_command_will_do() {
    let mut command = std::process::Command::new(backend_path());
    command.arg("stdio:");
    let frontend = in_time(Frontend::spawn(command)).await.unwrap();
    assert_eq!(frontend.call::<u32>("test.slow.ping", &()).await.unwrap(), 7);
}

/// What the backend writes, when it reads this and then the end.
async fn says(input: &[u8]) -> Vec<u8> {
    let mut command = backend();
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).kill_on_drop(true);
    let mut child = command.spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    in_time(stdin.write_all(input)).await.unwrap();
    drop(stdin);
    let mut output = Vec::new();
    let mut stdout = child.stdout.take().unwrap();
    in_time(stdout.read_to_end(&mut output)).await.unwrap();
    assert!(in_time(child.wait()).await.unwrap().success(), "it ends by itself");
    output
}

#[tokio::test]
async fn lines_are_answered_and_then_it_ends() {
    let ping = |id: u32| format!(r#"{{"jsonrpc":"2.0","id":{id},"method":"test.slow.ping"}}"#);
    let echo = r#"{"jsonrpc":"2.0","id":3,"method":"test.everything.echo","params":["x"]}"#;
    let input = format!("{}\n{}{echo}\n", ping(1), ping(2));
    let output = String::from_utf8(says(input.as_bytes()).await).unwrap();
    let answers: Vec<Value> =
        output.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(answers.len(), 3, "{output}");
    assert_eq!(answers[2], json!({ "jsonrpc": "2.0", "id": 3, "result": "x" }));
}

#[tokio::test]
async fn bad_lines_are_told_and_then_it_ends() {
    let output = String::from_utf8(says(b"{]\n{\"jsonrpc\":").await).unwrap();
    let codes: Vec<_> = output
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap()["error"]["code"].clone())
        .collect();
    assert_eq!(codes, [-32700, -32700]);
    let output = String::from_utf8(says(b"hello\n").await).unwrap();
    assert!(output.contains("-32700"), "{output}");
}

#[tokio::test]
async fn content_length_is_spoken_as_editors_do() {
    let mut command = backend();
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).kill_on_drop(true);
    let mut child = command.spawn().unwrap();
    let (mut stdin, mut stdout) = (child.stdin.take().unwrap(), child.stdout.take().unwrap());
    let ping = r#"{"jsonrpc":"2.0","id":1,"method":"test.slow.ping"}"#;
    for _ in 0..3 {
        in_time(stdin.write_all(&Framing::ContentLength.frame(ping))).await.unwrap();
        let expected = Framing::ContentLength.frame(r#"{"jsonrpc":"2.0","id":1,"result":7}"#);
        let mut answer = vec![0; expected.len()];
        in_time(stdout.read_exact(&mut answer)).await.unwrap();
        assert_eq!(String::from_utf8(answer), String::from_utf8(expected));
    }
    drop(stdin);
    assert!(in_time(child.wait()).await.unwrap().success());
}

#[tokio::test]
async fn it_ends_when_its_input_ends_before_it_said_anything() {
    assert!(says(b"").await.is_empty());
}

#[tokio::test]
async fn a_process_has_one_standard_input() {
    // This test's own: nothing is read from it before the first bytes are waited for.
    let error = {
        let first = Backend::new();
        let _first = first.listen("stdio:").await.unwrap();
        Backend::new().listen("stdio:").await.unwrap_err().to_string()
    };
    assert!(error.contains("in use in this process"), "{error}");
}
