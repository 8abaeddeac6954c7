//! A frontend of a language server, or of what the tests have in its place: a JSON-RPC server made
//! with vscode-jsonrpc.
//!
//! `ipc-test-language-client ENDPOINT` connects to it,
//! `ipc-test-language-client spawn PROGRAM ARGUMENT…` starts it. It says what a client of a
//! language server says, checks the answers, and ends with 0 if all of them are right. On its
//! output it names what it has seen to work, or `not FEATURE`.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "it is a test in a process of its own, and fails by panicking"
)]

use std::{io::Write, time::Duration};

use futures_util::future::join_all;
use ipc_runtime::{
    ErrorKind, Frontend, IpcError, Reconnect, config::Framing, ipc_interface, ipc_type,
    peer::ConnectionState,
};
use ipc_tests::in_time;
use serde_json::{Value, json};
use tokio::{process::Command, sync::mpsc};

/// What the server has that can be described by a trait.
#[ipc_interface(channel = "calc", version = "1.0.0")]
trait Calc {
    /// Adds.
    async fn add(&self, a: i64, b: i64) -> i64;
}

#[ipc_type]
struct Asked {
    items: Vec<Value>,
}

#[ipc_type]
#[derive(Debug, PartialEq, Eq)]
struct Counts {
    initialized: u32,
    waited: u32,
    cancelled: u32,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let endpoint = arguments.next().ok_or("an endpoint to connect to, or `spawn`")?;
    let (tell, mut told) = mpsc::unbounded_channel();
    let progress = tell.clone();
    let builder = Frontend::builder()
        .plain_json_rpc(Framing::ContentLength)
        .expose("workspace/configuration", async |asked: Asked| {
            asked.items.into_iter().map(|item| json!({ "of": item["section"] })).collect::<Vec<_>>()
        })?
        .on("window/logMessage", move |_, logged: Value| {
            tell.send(logged["message"].clone()).unwrap();
        })?
        .on("$/progress", move |_, report: Value| {
            progress.send(report["value"].clone()).unwrap()
        })?;
    let builder = builder.reconnect(Reconnect::default());
    let is_child = endpoint == "spawn";
    let server = if is_child {
        let mut command = Command::new(arguments.next().ok_or("a program to start")?);
        command.args(arguments);
        builder.spawn(command).await?
    } else {
        builder.connect(endpoint).await?
    };
    in_time(converse(&server)).await?;
    assert_eq!(told.recv().await.unwrap(), "Grüße, 世界 😀");
    worked("notified")?;
    assert_eq!(told.recv().await.unwrap(), 50);
    worked("progress")?;

    if !is_child {
        in_time(come_back(&server)).await?;
        worked("reconnect")?;
    }

    server.call::<()>("shutdown", &()).await?;
    server.notify("exit", &()).await?;
    if is_child {
        // It isn't started anew.
        in_time(server.closed()).await;
        worked("not reconnect")?;
    } else {
        in_time(server.close()).await;
    }
    Ok(())
}

/// Tells the test what works.
fn worked(feature: &str) -> std::io::Result<()> {
    writeln!(std::io::stdout(), "{feature}")
}

/// Has the server cut the connection, and goes on with the next one.
async fn come_back(server: &Frontend) -> Result<(), IpcError> {
    let mut states = server.state();
    server.notify("cut", &()).await?;
    let is_lost = |state: &ConnectionState| !matches!(state, ConnectionState::Connected { .. });
    let _ = states.wait_for(is_lost).await;
    let is_there = |state: &ConnectionState| matches!(state, ConnectionState::Connected { .. });
    let _ = states.wait_for(is_there).await;
    let sum: i64 = server.call("calc.add", &(1, 2)).await?;
    assert_eq!(sum, 3);
    Ok(())
}

async fn converse(server: &Frontend) -> Result<(), Box<dyn std::error::Error>> {
    let client = json!({ "processId": 7, "rootUri": null, "capabilities": {} });
    let answer: Value = server.call("initialize", &client).await?;
    let capabilities = json!({ "hoverProvider": true });
    let configuration = json!({ "of": "rust" });
    let expected = json!({
        "capabilities": capabilities, "configuration": configuration, "processId": 7,
    });
    assert_eq!(answer, expected);
    worked("called")?;
    server.notify("initialized", &json!({})).await?;

    let at = json!({ "textDocument": { "uri": "file:///a.rs" }, "position": { "line": 3 } });
    let hover: Value = server.call("textDocument/hover", &at).await?;
    assert_eq!(hover["contents"], "file:///a.rs:3");

    let sum: i64 = server.call("calc.add", &(2, 3)).await?;
    assert_eq!(sum, 5);
    worked("calls")?;

    let widest: u64 = server.call("same", &(u64::MAX,)).await?;
    assert_eq!(widest, u64::MAX);
    worked("integers")?;

    let calc: CalcClient = server.open().await?;
    let sums = join_all((0..1000).map(|number| calc.add(number, 1))).await;
    for (number, sum) in (0_i64..).zip(sums) {
        assert_eq!(sum?, number + 1);
    }
    for number in 0..300 {
        assert_eq!(calc.add(number, -1).await?, number - 1);
    }

    worked("interface")?;

    let error = server.call::<()>("no/such", &()).await.unwrap_err();
    assert!(error.kind() == ErrorKind::NotFound, "{error}");
    let failed = server.call::<()>("fail", &()).await.unwrap_err();
    assert_eq!(failed.kind(), ErrorKind::Remote, "{failed}");
    let error = failed.error_object().unwrap();
    assert_eq!((error.code, &*error.message), (-32803, "it failed"));
    assert_eq!(error.data.as_ref().unwrap().get(), r#"{"at":7}"#);

    worked("errors")?;

    // By its deadline, which is so long that the server has begun, and by being dropped.
    let late = server.call::<()>("wait", &()).timeout(Duration::from_secs(1)).await;
    assert!(matches!(&late, Err(error) if error.kind() == ErrorKind::DeadlineExceeded), "{late:?}");
    let waiting = tokio::spawn(server.call::<()>("wait", &()));
    counts(server, |counts| counts.waited == 2).await?;
    waiting.abort();
    let counts = counts(server, |counts| counts.cancelled == 2).await?;
    worked("cancel")?;
    assert_eq!(counts.initialized, 1);
    worked("notify")?;
    let strange: Vec<String> = server.call("strange", &()).await?;
    assert!(strange.is_empty(), "the server was told what it doesn't know: {strange:?}");
    worked("silence")?;
    Ok(())
}

/// What the server has counted, once it is so.
async fn counts(server: &Frontend, so: impl Fn(&Counts) -> bool) -> Result<Counts, IpcError> {
    loop {
        let counts: Counts = server.call("counts", &()).await?;
        if so(&counts) {
            return Ok(counts);
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}
