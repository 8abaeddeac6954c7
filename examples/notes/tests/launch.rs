//! One launch, as its window, other programs and other users of the machine see it.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use std::{path::Path, process::Stdio, time::Duration};

use ipc_runtime::{ConnectError, ErrorKind, Frontend, Token, store::StoreReplica};
use notes_interface::{Change, DRAFT, Draft, NotesClient};
use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader},
    net::TcpStream,
    process::{Child, ChildStdout, Command},
    time::timeout,
};

/// Only a hang takes that long.
const PATIENCE: Duration = Duration::from_secs(45);

/// A running app, and what it has said.
struct App {
    child: Child,
    output: BufReader<ChildStdout>,
    folder: tempfile::TempDir,
}

impl App {
    fn start(set: impl FnOnce(&mut Command, &Path)) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_notes"));
        command.arg(folder.path().join("notes")).stdin(Stdio::null()).stdout(Stdio::piped());
        command.env("XDG_DATA_HOME", folder.path()).kill_on_drop(true);
        set(&mut command, folder.path());
        let mut child = command.spawn().unwrap();
        let output = BufReader::new(child.stdout.take().unwrap());
        Self { child, output, folder }
    }

    fn without_window() -> Self {
        Self::start(|command, _| _ = command.arg("--no-window"))
    }

    async fn line(&mut self, what: &str) -> String {
        loop {
            let mut line = String::new();
            let count = timeout(PATIENCE, self.output.read_line(&mut line)).await.unwrap().unwrap();
            assert!(count > 0, "it ended without {what}");
            if line.contains(what) {
                return line.trim().to_owned();
            }
        }
    }

    /// The address that it prints: the host with its port, and the rest.
    async fn address(&mut self) -> (String, String) {
        let line = self.line("http://").await;
        let (host, rest) = line.split_once("http://").unwrap().1.split_once('/').unwrap();
        (host.to_owned(), format!("/{rest}"))
    }

    async fn ended(mut self) -> bool {
        timeout(PATIENCE, self.child.wait()).await.unwrap().unwrap().success()
    }
}

/// The head of an answer. Headers' names are in lower case.
struct Answer {
    head: String,
    body: Vec<u8>,
    rest: TcpStream,
}

impl Answer {
    fn status(&self) -> &str {
        self.head.split(' ').nth(1).unwrap()
    }

    fn header(&self, name: &str) -> &str {
        let named = |line: &&str| line.to_ascii_lowercase().starts_with(&format!("{name}: "));
        self.head
            .lines()
            .find(named)
            .unwrap_or_else(|| panic!("no {name}: {}", self.head))
            .split_once(": ")
            .unwrap()
            .1
    }

    async fn body(mut self) -> Vec<u8> {
        let length: usize = self.header("content-length").parse().unwrap();
        let start = self.body.len();
        self.body.resize(length, 0);
        timeout(PATIENCE, self.rest.read_exact(&mut self.body[start..])).await.unwrap().unwrap();
        self.body
    }
}

async fn ask(host: &str, path: &str, headers: &str) -> Answer {
    ask_as("GET", host, path, &format!("Host: {host}\r\n{headers}")).await
}

/// The address that a host's name stands for, also where the system doesn't know such names.
fn address(host: &str) -> String {
    format!("127.0.0.1:{}", host.split(':').nth(1).unwrap())
}

async fn ask_as(method: &str, host: &str, path: &str, headers: &str) -> Answer {
    let mut rest = TcpStream::connect(address(host)).await.unwrap();
    rest.write_all(format!("{method} {path} HTTP/1.1\r\n{headers}\r\n").as_bytes()).await.unwrap();
    let mut read = Vec::new();
    loop {
        if let Some(end) = read.windows(4).position(|four| four == b"\r\n\r\n") {
            let head = String::from_utf8(read[..end].to_vec()).unwrap();
            return Answer { head, body: read.split_off(end + 4), rest };
        }
        let count = timeout(PATIENCE, rest.read_buf(&mut read)).await.unwrap().unwrap();
        assert!(count > 0, "{}", String::from_utf8_lossy(&read));
    }
}

/// Shows the code, and gives the header with the cookie.
async fn enter(host: &str, path: &str) -> String {
    let answer = ask(host, path, "").await;
    assert_eq!(answer.status(), "200", "{}", answer.head);
    let cookie = answer.header("set-cookie").split(';').next().unwrap().to_owned();
    format!("Cookie: {cookie}\r\n")
}

fn upgrade(origin: &str) -> String {
    format!(
        "Origin: {origin}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n\
         Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Protocol: ipc.v1.json\r\n"
    )
}

#[tokio::test]
async fn the_code_gives_the_cookie_once_and_a_clean_address() {
    let mut app = App::without_window();
    let (host, path) = app.address().await;
    for early in ["HEAD", "POST"] {
        let answer = ask_as(early, &host, &path, &format!("Host: {host}\r\n")).await;
        assert!(!answer.head.contains("set-cookie"), "{early}: {}", answer.head);
    }
    let prefetched = ask(&host, &path, "Sec-Purpose: prefetch\r\n").await;
    assert_eq!(prefetched.status(), "403");

    let answer = ask(&host, &path, "").await;
    assert_eq!(answer.status(), "200");
    assert!(answer.header("set-cookie").ends_with("; Path=/; HttpOnly; SameSite=Strict"));
    assert_eq!(answer.header("cache-control"), "no-store");
    assert_eq!(answer.header("referrer-policy"), "no-referrer");
    let body = String::from_utf8(answer.body().await).unwrap();
    assert!(body.contains(r#"http-equiv="refresh" content="0; url=/""#), "{body}");

    let again = ask(&host, &path, "").await;
    assert_eq!(again.status(), "403");
    assert!(!again.head.contains("set-cookie"), "{}", again.head);
}

#[tokio::test]
async fn without_the_cookie_there_is_neither_page_nor_backend() {
    let mut app = App::without_window();
    let (host, path) = app.address().await;
    let own = upgrade(&format!("http://{host}"));
    let wrong = "Cookie: notes=0123456789abcdefghijklmnop\r\n".to_owned();
    for cookie in ["", &wrong] {
        for page in ["/", "/page.js", "/nothing"] {
            assert_eq!(ask(&host, page, cookie).await.status(), "401", "{page}");
        }
    }
    assert_eq!(ask(&host, "/ipc", &format!("{own}{wrong}")).await.status(), "401");
    for stranger in [Frontend::builder(), Frontend::builder().token(Token::generate().unwrap())] {
        let Err(ConnectError::Handshake(refused)) =
            stranger.connect(format!("ws://{}/ipc", address(&host))).await
        else {
            panic!("it was let in");
        };
        assert_eq!(refused.kind(), ErrorKind::Unauthorized);
    }
    let cookie = enter(&host, &path).await;
    assert_eq!(ask(&host, "/ipc", &format!("{own}{cookie}")).await.status(), "101");
    let neighbour = format!("http://{}", address(&host));
    for origin in ["http://evil.example", "null", &neighbour] {
        let other = ask(&host, "/ipc", &format!("{}{cookie}", upgrade(origin))).await;
        assert_eq!(other.status(), "403", "{origin}");
    }
}

#[tokio::test]
async fn another_name_that_points_here_gets_nothing() {
    let mut app = App::without_window();
    let (host, path) = app.address().await;
    let port = host.split(':').nth(1).unwrap();
    for name in ["evil.example", "localhost", "127.0.0.1", "other.localhost"]
        .map(|name| format!("{name}:{port}"))
    {
        let answer = ask_as("GET", &host, &path, &format!("Host: {name}\r\n")).await;
        assert_eq!(answer.status(), "403", "{name}");
    }
    let cookie = enter(&host, &path).await; // none of those has used up the code
    for name in ["evil.example", "127.0.0.1"] {
        let rebound = format!("Host: {name}:{port}\r\nOrigin: http://{name}:{port}\r\n{cookie}");
        for page in ["/", "/page.js", "/style.css", "/ipc"] {
            assert_eq!(ask_as("GET", &host, page, &rebound).await.status(), "403", "{page}");
        }
    }
}

#[tokio::test]
async fn each_file_of_the_page_has_its_type_and_the_rules_for_browsers() {
    let mut app = App::without_window();
    let (host, path) = app.address().await;
    let cookie = enter(&host, &path).await;
    for (path, file, kind) in [
        ("/", "index.html", "text/html; charset=utf-8"),
        ("/page.js", "page.js", "text/javascript; charset=utf-8"),
        ("/style.css", "style.css", "text/css; charset=utf-8"),
        ("/icon.svg", "icon.svg", "image/svg+xml"),
    ] {
        let answer = ask(&host, path, &cookie).await;
        assert_eq!(answer.status(), "200", "{path}");
        assert_eq!(answer.header("content-type"), kind, "{path}");
        let policy = answer.header("content-security-policy");
        assert!(policy.starts_with("default-src 'self';"), "{path}: {policy}");
        assert!(
            policy.contains("frame-ancestors 'none'") && !policy.contains("unsafe"),
            "{policy}"
        );
        assert_eq!(answer.header("x-content-type-options"), "nosniff", "{path}");
        let built = format!("{}/page/dist/{file}", env!("CARGO_MANIFEST_DIR"));
        assert!(answer.body().await == std::fs::read(built).unwrap(), "{path}");
    }
    assert_eq!(ask(&host, "/Cargo.toml", &cookie).await.status(), "404");
}

#[tokio::test]
async fn a_program_with_the_token_is_a_window_and_the_last_one_that_leaves_ends_the_app() {
    let token = Token::generate().unwrap();
    let mut app = App::start(|command, _| {
        command.arg("--no-window").env("NOTES_TOKEN", token.expose_secret());
    });
    let (host, _) = app.address().await;
    let endpoint = format!("ws://{}/ipc", address(&host));
    let window = Frontend::builder().token(token.clone()).connect(&*endpoint).await.unwrap();
    let notes: NotesClient = window.open().await.unwrap();
    let other = Frontend::builder().token(token).connect(&*endpoint).await.unwrap();
    let others: NotesClient = other.open().await.unwrap();
    let mut changes = others.changes().await.unwrap();
    let saved = notes.save("a", "text", None).await.unwrap();
    let change = timeout(PATIENCE, changes.next()).await.unwrap().unwrap().unwrap();
    assert_eq!(change, Change::Written(saved));
    let file = app.folder.path().join("notes").join("a.md");
    assert_eq!(std::fs::read_to_string(file).unwrap(), "text");

    window.close().await;
    assert_eq!(others.read("a").await.unwrap().text, "text", "another window is open");
    other.close().await;
    assert!(app.ended().await);
}

/// The program that is started instead of a browser leaves what it was started with, and stays.
#[cfg(target_os = "linux")]
#[tokio::test]
async fn the_browser_gets_the_code_and_nobody_sees_the_token() {
    use std::{fs, os::unix::fs::PermissionsExt};

    let mut app = App::start(|command, folder| {
        let browser = folder.join("browser");
        let script = "#!/bin/sh\nenv > \"$0.env\"\nprintf '%s\\n' \"$@\" > \"$0.part\"\n\
                      mv \"$0.part\" \"$0.arguments\"\nexec sleep 30\n";
        fs::write(&browser, script).unwrap();
        fs::set_permissions(&browser, fs::Permissions::from_mode(0o755)).unwrap();
        command.env("NOTES_BROWSER", browser).env("DISPLAY", ":99").stderr(Stdio::piped());
        command.env("NOTES_TOKEN", Token::generate().unwrap().expose_secret());
    });
    app.line("a window is being opened").await;
    let given = app.folder.path().join("browser.arguments");
    let waiting = async {
        while !given.exists() {
            tokio::task::yield_now().await;
        }
    };
    timeout(PATIENCE, waiting).await.unwrap();
    let arguments = fs::read_to_string(given).unwrap();
    let mut lines = arguments.lines();
    let address = lines.next().unwrap().strip_prefix("--app=http://").unwrap();
    let profile = lines.next().unwrap().strip_prefix("--user-data-dir=").unwrap();
    assert!(Path::new(profile).starts_with(app.folder.path()), "{profile}");

    let (host, path) = address.split_once('/').unwrap();
    let cookie = enter(host, &format!("/{path}")).await;
    let token = cookie.trim().split_once('=').unwrap().1.to_owned();
    assert_eq!(token.len(), 43, "{token}");

    let is_shown = |what: &str| {
        let processes = fs::read_dir("/proc").unwrap().filter_map(Result::ok);
        // Some end meanwhile.
        let lines = processes.filter_map(|process| fs::read(process.path().join("cmdline")).ok());
        lines.filter(|line| String::from_utf8_lossy(line).contains(what)).count()
    };
    assert_eq!(is_shown(&token), 0);
    assert!(is_shown(&format!("--app=http://{address}")) <= 1);
    assert!(is_shown(app.folder.path().to_str().unwrap()) >= 1, "it would be seen");
    let environment = fs::read_to_string(app.folder.path().join("browser.env")).unwrap();
    assert!(!environment.contains(&token));

    app.child.start_kill().unwrap();
    let (mut said, mut complained) = (String::new(), String::new());
    app.output.read_to_string(&mut said).await.unwrap();
    app.child.stderr.take().unwrap().read_to_string(&mut complained).await.unwrap();
    assert!(!said.contains(&token) && !complained.contains(&token));
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn without_a_screen_the_address_is_printed() {
    let mut app = App::start(|command, _| {
        command.env_remove("DISPLAY").env_remove("WAYLAND_DISPLAY");
    });
    let (host, path) = app.address().await;
    enter(&host, &path).await;
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_browser_that_does_not_start_is_told_with_the_address() {
    let mut app = App::start(|command, folder| {
        command.env("NOTES_BROWSER", folder.join("none")).env("DISPLAY", ":99");
    });
    app.line("the browser can't be started").await;
    let (host, path) = app.address().await;
    enter(&host, &path).await;
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn who_terminates_the_app_lets_it_end_in_order() {
    let mut app = App::without_window();
    app.address().await;
    let id = app.child.id().unwrap().to_string();
    assert!(Command::new("kill").args(["-TERM", &id]).status().await.unwrap().success());
    assert!(app.ended().await);
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_browser_that_ends_at_once_is_told_with_an_address() {
    let mut app = App::start(|command, _| {
        command.env("NOTES_BROWSER", "/bin/false").env("DISPLAY", ":99");
    });
    app.line("the browser has ended without a window").await;
    let (host, path) = app.address().await;
    enter(&host, &path).await;
}

#[tokio::test]
async fn what_a_window_was_typing_goes_with_it() {
    let token = Token::generate().unwrap();
    let mut app = App::start(|command, _| {
        command.arg("--no-window").env("NOTES_TOKEN", token.expose_secret());
    });
    let (host, _) = app.address().await;
    let endpoint = format!("ws://{}/ipc", address(&host));
    let connect = async || Frontend::builder().token(token.clone()).connect(&*endpoint).await;
    let (typing, other) = (connect().await.unwrap(), connect().await.unwrap());
    let (notes, others) =
        (typing.open::<NotesClient>().await.unwrap(), other.open::<NotesClient>().await.unwrap());
    notes.enter("typing").await.unwrap();
    others.enter("other").await.unwrap();
    let draft = |window: &str| {
        let [name, text, revision] = ["a", "half a sen", ""].map(str::to_owned);
        Some(Draft { name, text, revision, window: window.to_owned() })
    };
    let (theirs, own) =
        (StoreReplica::open(&other).await.unwrap(), StoreReplica::open(&typing).await.unwrap());
    own.set(&DRAFT, &draft("typing")).await.unwrap();
    let mut seen = theirs.watch(&DRAFT);
    let mut until = async |expected: Option<Draft>| {
        let reached = async {
            while theirs.get(&DRAFT).unwrap() != Some(expected.clone()) {
                seen.next().await;
            }
        };
        timeout(PATIENCE, reached).await.unwrap();
    };
    until(draft("typing")).await;
    typing.close().await;
    until(None).await;

    // One that goes takes nobody else's.
    let third = connect().await.unwrap();
    third.open::<NotesClient>().await.unwrap().enter("third").await.unwrap();
    theirs.set(&DRAFT, &draft("other")).await.unwrap();
    third.close().await;
    others.save("a", "", None).await.unwrap();
    assert_eq!(theirs.get(&DRAFT).unwrap(), Some(draft("other")));
}
