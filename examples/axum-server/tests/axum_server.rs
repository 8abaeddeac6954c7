//! The example does what it says, and lets in whom it should.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

use std::{process::Stdio, time::Duration};

use ipc_runtime::{ConnectError, ErrorKind, Frontend};
use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader},
    net::TcpStream,
    process::{Child, ChildStdout, Command},
    time::timeout,
};

/// Only a hang takes that long.
const PATIENCE: Duration = Duration::from_secs(45);

fn command() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_axum-server"));
    command.stdout(Stdio::piped()).kill_on_drop(true);
    command
}

#[tokio::test]
async fn it_calls_itself_and_ends() {
    let output = timeout(PATIENCE, command().output()).await.unwrap().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success(), "{text}");
    assert!(text.contains(r#"greet("axum") gives "Hello, axum!""#), "{text}");
}

/// The example as a server.
struct Server {
    address: String,
    /// Held, so that it can go on to print.
    _output: BufReader<ChildStdout>,
    _child: Child,
}

async fn serving() -> Server {
    let mut child = command().arg("--serve").spawn().unwrap();
    let mut output = BufReader::new(child.stdout.take().unwrap());
    let mut line = String::new();
    timeout(PATIENCE, output.read_line(&mut line)).await.unwrap().unwrap();
    let address = line.split("http://").nth(1).unwrap().split('/').next().unwrap();
    Server { address: address.to_owned(), _output: output, _child: child }
}

/// The head of the answer to a request with these headers, and what of its body came with it.
async fn ask(address: &str, path: &str, headers: &str) -> (TcpStream, String) {
    let mut stream = TcpStream::connect(address).await.unwrap();
    let request = format!("GET {path} HTTP/1.1\r\nHost: {address}\r\n{headers}\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    while !answer.contains("\r\n\r\n") {
        let mut bytes = [0; 4096];
        let read = timeout(PATIENCE, stream.read(&mut bytes)).await.unwrap().unwrap();
        assert!(read > 0, "{answer}");
        answer.push_str(&String::from_utf8_lossy(&bytes[..read]));
    }
    (stream, answer)
}

fn upgrade(origin: Option<&str>) -> String {
    let origin = origin.map(|origin| format!("Origin: {origin}\r\n")).unwrap_or_default();
    format!(
        "{origin}Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n\
         Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Protocol: ipc.v1.json\r\n"
    )
}

#[tokio::test]
async fn the_page_and_its_web_socket_share_a_port() {
    let server = serving().await;
    let address = &server.address;
    let (_, page) = ask(address, "/", "").await;
    assert!(page.starts_with("HTTP/1.1 200"), "{page}");
    let cookie = page.lines().find_map(|line| line.strip_prefix("set-cookie: ")).unwrap();
    let (cookie, attributes) = cookie.split_once("; ").unwrap();
    assert_eq!(attributes, "Path=/; HttpOnly; SameSite=Strict");

    let own = format!("http://{address}");
    let as_a_browser = format!("Cookie: {cookie}\r\n{}", upgrade(Some(&own)));
    let (_stream, answer) = ask(address, "/ipc", &as_a_browser).await;
    assert!(answer.starts_with("HTTP/1.1 101"), "{answer}");
    let answer = answer.to_ascii_lowercase();
    assert!(answer.contains("sec-websocket-protocol: ipc.v1.json"), "{answer}");

    let (_, token) = cookie.split_once('=').unwrap();
    let frontend = Frontend::builder().token(token.parse().unwrap());
    let frontend = frontend.connect(format!("ws://{address}/ipc")).await.unwrap();
    let greeting = frontend.call::<String>("demo.greeter.greet", &["test"]).await.unwrap();
    assert_eq!(greeting, "Hello, test!");
}

#[tokio::test]
async fn whoever_has_not_loaded_the_page_is_refused() {
    let server = serving().await;
    let address = &server.address;
    let stale = format!("Cookie: axum-server=of-another-launch\r\n{}", upgrade(None));
    let (_, answer) = ask(address, "/ipc", &stale).await;
    assert!(answer.starts_with("HTTP/1.1 401"), "{answer}");
    match Frontend::connect(format!("ws://{address}/ipc")).await {
        Err(ConnectError::Handshake(error)) if error.kind() == ErrorKind::Unauthorized => {}
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_foreign_origin_is_refused() {
    let server = serving().await;
    let address = &server.address;
    for origin in ["http://evil.example", "null"] {
        let (_, answer) = ask(address, "/ipc", &upgrade(Some(origin))).await;
        assert!(answer.starts_with("HTTP/1.1 403"), "{origin}: {answer}");
    }
    // A page of this machine is told so, on the WebSocket.
    let local = "http://127.0.0.1:1";
    let (mut stream, mut answer) = ask(address, "/ipc", &upgrade(Some(local))).await;
    assert!(answer.starts_with("HTTP/1.1 101"), "{answer}");
    let mut rest = Vec::new();
    timeout(PATIENCE, stream.read_to_end(&mut rest)).await.unwrap().unwrap();
    answer.push_str(&String::from_utf8_lossy(&rest));
    assert!(answer.contains("OriginPolicy::allow") && answer.contains(local), "{answer}");
    let (_, answer) = ask(address, "/ipc", "").await;
    assert!(answer.starts_with("HTTP/1.1 426"), "no upgrade was asked for: {answer}");
}

#[tokio::test]
async fn stock_socket_io_clients_are_served_on_the_same_port() {
    let server = serving().await;
    let address = &server.address;
    let (_, page) = ask(address, "/", "").await;
    let cookie = page.lines().find_map(|line| line.strip_prefix("set-cookie: ")).unwrap();
    let (cookie, _) = cookie.split_once("; ").unwrap();
    let cookie = format!("Cookie: {cookie}\r\n");
    let polling = "/socket.io/?EIO=4&transport=polling";
    let (_, opened) = ask(address, polling, &cookie).await;
    assert!(opened.starts_with("HTTP/1.1 200"), "{opened}");
    let sid = opened.split("0{\"sid\":\"").nth(1).unwrap().split('"').next().unwrap();
    let websocket = format!("/socket.io/?EIO=4&transport=websocket&sid={sid}");
    let own = upgrade(Some(&format!("http://{address}")));
    let (_stream, upgraded) = ask(address, &websocket, &format!("{cookie}{own}")).await;
    assert!(upgraded.starts_with("HTTP/1.1 101"), "{upgraded}");
    let (_, refused) = ask(address, polling, "Cookie: axum-server=of-another-launch\r\n").await;
    assert!(refused.starts_with("HTTP/1.1 401"), "{refused}");
}
