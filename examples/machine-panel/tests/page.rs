//! The machine serves its page, and lets in whom it should.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

use std::{process::Stdio, time::Duration};

use ipc_runtime::{CallError, Frontend};
use machine_panel_interface::{MachineClient, MachineError, Panel, PanelHandler};
use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader},
    net::TcpStream,
    process::{Child, ChildStdout, Command},
    sync::mpsc,
    time::timeout,
};

/// Only a hang takes that long.
const PATIENCE: Duration = Duration::from_secs(45);

/// The machine with its pages.
struct Machine {
    address: String,
    /// Of the page with socket.io's client.
    socket_io_page: String,
    /// What that page connects to.
    socket_io: String,
    /// Held, so that it can go on to print.
    _output: BufReader<ChildStdout>,
    _child: Child,
}

fn command(address: &str) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_machine-panel"));
    command.args(["page", address]).stdout(Stdio::piped()).kill_on_drop(true);
    command
}

async fn machine() -> Machine {
    let mut child = command("127.0.0.1:0").spawn().unwrap();
    let mut output = BufReader::new(child.stdout.take().unwrap());
    let mut lines = Vec::new();
    while lines.len() < 4 {
        let mut line = String::new();
        assert!(timeout(PATIENCE, output.read_line(&mut line)).await.unwrap().unwrap() > 0);
        lines.push(line);
    }
    let address =
        |line: &str| line.split("http://").nth(1).unwrap().split('/').next().unwrap().to_owned();
    let port = lines[3].trim().rsplit(' ').next().unwrap();
    Machine {
        address: address(&lines[0]),
        socket_io_page: address(&lines[2]),
        socket_io: format!("127.0.0.1:{port}"),
        _output: output,
        _child: child,
    }
}

/// The head of an answer, in lower case, and what of its body was read.
struct Answer {
    head: String,
    body: Vec<u8>,
    rest: TcpStream,
}

impl Answer {
    fn header(&self, name: &str) -> Option<&str> {
        let mut values =
            self.head.lines().filter_map(|line| line.strip_prefix(name)?.strip_prefix(": "));
        let value = values.next();
        assert!(values.next().is_none(), "{name} is there twice: {}", self.head);
        value
    }

    /// The whole body of a file.
    async fn body(mut self) -> Vec<u8> {
        let length = self.header("content-length").unwrap().parse().unwrap();
        let missing = length - self.body.len();
        let start = self.body.len();
        self.body.resize(length, 0);
        let reading = self.rest.read_exact(&mut self.body[start..]);
        assert_eq!(timeout(PATIENCE, reading).await.unwrap().unwrap(), missing);
        self.body
    }
}

async fn ask(address: &str, path: &str, headers: &str) -> Answer {
    let mut rest = TcpStream::connect(address).await.unwrap();
    let request = format!("GET {path} HTTP/1.1\r\nHost: {address}\r\n{headers}\r\n");
    rest.write_all(request.as_bytes()).await.unwrap();
    let mut read = Vec::new();
    loop {
        if let Some(end) = read.windows(4).position(|four| four == b"\r\n\r\n") {
            let head = String::from_utf8(read[..end].to_vec()).unwrap().to_ascii_lowercase();
            return Answer { head, body: read.split_off(end + 4), rest };
        }
        let count = timeout(PATIENCE, rest.read_buf(&mut read)).await.unwrap().unwrap();
        assert!(count > 0, "{}", String::from_utf8_lossy(&read));
    }
}

fn upgrade(origin: &str) -> String {
    format!(
        "Origin: {origin}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n\
         Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Protocol: ipc.v1.json\r\n"
    )
}

#[tokio::test]
async fn each_file_of_the_page_has_its_type_and_the_rules_for_browsers() {
    let machine = machine().await;
    let files = [
        ("/", "index.html", "text/html; charset=utf-8"),
        ("/page.js", "page.js", "text/javascript; charset=utf-8"),
        ("/style.css", "style.css", "text/css; charset=utf-8"),
        ("/icon.svg", "icon.svg", "image/svg+xml"),
        ("/licences.txt", "licences.txt", "text/plain; charset=utf-8"),
    ];
    for (address, page, count) in
        [(&machine.address, "page", 4), (&machine.socket_io_page, "socket-io-page", 5)]
    {
        for (path, file, kind) in &files[..count] {
            let answer = ask(address, path, "").await;
            assert!(answer.head.starts_with("http/1.1 200"), "{path}: {}", answer.head);
            assert_eq!(answer.header("content-type"), Some(*kind), "{path}");
            let policy = answer.header("content-security-policy").unwrap();
            assert!(policy.starts_with("default-src 'self';"), "{path}: {policy}");
            assert!(policy.contains("frame-ancestors 'none'"), "{path}: {policy}");
            assert!(!policy.contains("unsafe"), "{path}: {policy}");
            assert_eq!(answer.header("x-content-type-options"), Some("nosniff"), "{path}");
            assert_eq!(answer.header("cache-control"), Some("no-cache"), "{path}");
            let built = format!("{}/{page}/dist/{file}", env!("CARGO_MANIFEST_DIR"));
            let built = std::fs::read_to_string(built).unwrap();
            let port = machine.socket_io.rsplit(':').next().unwrap();
            let built = built.replace("data-port=\"7302\"", &format!("data-port=\"{port}\""));
            assert!(answer.body().await == built.into_bytes(), "{path}");
        }
        let answer = ask(address, "/Cargo.toml", "").await;
        assert!(answer.head.starts_with("http/1.1 404"), "{}", answer.head);
    }
}

#[tokio::test]
async fn the_html_names_nothing_that_is_not_served() {
    let machine = machine().await;
    for address in [&machine.address, &machine.socket_io_page] {
        let html = String::from_utf8(ask(address, "/", "").await.body().await).unwrap();
        let named = html.split(['"', '\'']).filter(|text| {
            [".js", ".css", ".svg", ".png", ".ico"].iter().any(|ending| text.ends_with(ending))
        });
        let mut count = 0;
        for name in named {
            let answer = ask(address, &format!("/{name}"), "").await;
            assert!(answer.head.starts_with("http/1.1 200"), "{name}: {}", answer.head);
            count += 1;
        }
        assert_eq!(count, 3);
        // Its policy forbids both.
        assert!(!html.contains("<style") && !html.contains("style="), "{html}");
        let scripts = html.matches("<script").count();
        assert_eq!(scripts, html.matches("src=\"page.js\"").count(), "{html}");
    }
}

/// A panel that passes on what it is told.
struct Told(mpsc::UnboundedSender<String>);

impl Panel for Told {
    fn stopped(&self, reason: String) {
        self.0.send(reason).unwrap();
    }
}

#[tokio::test]
async fn panels_connect_at_the_page_s_own_port() {
    let machine = machine().await;
    let (told, mut stops) = mpsc::unbounded_channel();
    let panel = Frontend::builder().register(PanelHandler::new(Told(told))).unwrap();
    let panel = panel.connect(format!("ws://{}/ipc", machine.address)).await.unwrap();
    let client: MachineClient = panel.open().await.unwrap();
    let first = client.newest().window(1).await.unwrap().next().await.unwrap().unwrap();
    assert!(first.number > 0);

    let mut reasons = client.stop_reason().await.unwrap();
    assert_eq!(reasons.next().await.unwrap().unwrap(), None);
    let (began, mut beginning) = mpsc::unbounded_channel();
    let home = client.home(1).with_progress(move |way| _ = began.send(way.percent));
    let home = tokio::spawn(home);
    assert_eq!(timeout(PATIENCE, beginning.recv()).await.unwrap(), Some(0));
    let busy = client.home(100).await.unwrap_err();
    assert!(matches!(&busy, CallError::Method(MachineError::Busy)), "{busy}");

    client.emergency_stop("a test".into()).await.unwrap();
    assert_eq!(timeout(PATIENCE, stops.recv()).await.unwrap().unwrap(), "a test");
    assert_eq!(reasons.next().await.unwrap().unwrap().as_deref(), Some("a test"));
    for outcome in [home.await.unwrap(), client.home(100).await] {
        match outcome {
            Err(CallError::Method(MachineError::Stopped(reason))) => assert_eq!(reason, "a test"),
            other => panic!("{other:?}"),
        }
    }

    client.release().await.unwrap();
    assert_eq!(reasons.next().await.unwrap().unwrap(), None);
    client.home(100).await.unwrap();
}

#[tokio::test]
async fn a_page_of_another_origin_is_refused() {
    let machine = machine().await;
    let address = &machine.address;
    let own = ask(address, "/ipc", &upgrade(&format!("http://{address}"))).await;
    assert!(own.head.starts_with("http/1.1 101"), "{}", own.head);
    for origin in ["http://evil.example", "null"] {
        let other = ask(address, "/ipc", &upgrade(origin)).await;
        assert!(other.head.starts_with("http/1.1 403"), "{origin}: {}", other.head);
    }
    let none = ask(address, "/ipc", "").await;
    assert!(none.head.starts_with("http/1.1 426"), "no upgrade was asked for: {}", none.head);
}

#[tokio::test]
async fn of_other_origins_only_the_page_s_own_may_speak_socket_io() {
    let machine = machine().await;
    let port = machine.socket_io_page.rsplit(':').next().unwrap();
    let path = "/socket.io/?EIO=4&transport=polling";
    for origin in [format!("http://127.0.0.1:{port}"), format!("http://localhost:{port}")] {
        let own = ask(&machine.socket_io, path, &format!("Origin: {origin}\r\n")).await;
        assert!(own.head.starts_with("http/1.1 200"), "{}", own.head);
        assert_eq!(own.header("access-control-allow-origin"), Some(origin.as_str()));
    }
    for origin in ["http://evil.example", "null"] {
        let other = ask(&machine.socket_io, path, &format!("Origin: {origin}\r\n")).await;
        assert!(other.head.starts_with("http/1.1 403"), "{origin}: {}", other.head);
    }
}

#[tokio::test]
async fn an_address_that_others_reach_is_refused() {
    let own = "127.0.0.1:0";
    for (page, others) in [
        ("0.0.0.0:0", [].as_slice()),
        (own, ["0.0.0.0:0", own].as_slice()),
        (own, [own, "0.0.0.0:0"].as_slice()),
    ] {
        let mut command = command(page);
        let output = command.args(others).stderr(Stdio::piped()).output();
        let output = timeout(PATIENCE, output).await.unwrap().unwrap();
        assert!(!output.status.success());
        let told = String::from_utf8(output.stderr).unwrap();
        assert!(told.contains("it has to be 127.0.0.1"), "{told}");
    }
}
