//! The program as people run it.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use std::{
    fs,
    io::{BufRead, BufReader},
    path::PathBuf,
    process::{Child, ChildStdin, Command, Output, Stdio},
    thread,
    time::{Duration, Instant},
};

/// Far more than anything here takes.
const PATIENCE: Duration = Duration::from_secs(60);

/// A directory with some files, which is also where this test's local sockets lie.
struct Scratch(PathBuf);

impl Scratch {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("qs-{name}-{}", std::process::id()));
        let _ = fs::remove_dir_all(&path);
        fs::create_dir_all(path.join("files/inner")).unwrap();
        fs::create_dir(path.join("run")).unwrap();
        fs::write(path.join("secret"), "not yours").unwrap();
        fs::write(path.join("files/note.txt"), "a first line\nand a second\n").unwrap();
        fs::write(path.join("files/inner/deep.txt"), "deep").unwrap();
        Self(path)
    }

    fn quickstart(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_quickstart"));
        command.args(arguments).current_dir(self.0.join("files"));
        command.env("XDG_RUNTIME_DIR", self.0.join("run"));
        // Whoever has Node may have built the package, or not.
        command.env("PATH", self.0.join("no-programs"));
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    fn sockets_left(&self) -> usize {
        fs::read_dir(self.0.join("run/ipc-runtime")).map_or(0, Iterator::count)
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// What a program has said, and that it ended well or not.
struct Finished {
    succeeded: bool,
    stdout: String,
    stderr: String,
}

fn finish(mut child: Child) -> Finished {
    let deadline = Instant::now() + PATIENCE;
    while child.try_wait().unwrap().is_none() {
        if Instant::now() > deadline {
            child.kill().unwrap();
            panic!("it didn't end by itself");
        }
        thread::sleep(Duration::from_millis(10));
    }
    let Output { status, stdout, stderr } = child.wait_with_output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    Finished { succeeded: status.success(), stdout: text(stdout), stderr: text(stderr) }
}

/// A backend that was started by hand.
struct ByHand {
    child: Child,
    endpoints: Vec<String>,
    input: Option<ChildStdin>,
}

impl ByHand {
    fn start(command: &mut Command) -> Self {
        let mut child = command.stderr(Stdio::inherit()).spawn().unwrap();
        let mut endpoints = Vec::new();
        for line in BufReader::new(child.stdout.take().unwrap()).lines() {
            let line = line.unwrap();
            if line == "ready" {
                let input = child.stdin.take();
                return Self { child, endpoints, input };
            }
            endpoints.extend(line.strip_prefix("listening on ").map(str::to_owned));
        }
        panic!("it has ended before it was ready: {:?}", child.wait());
    }
}

impl Drop for ByHand {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn both_processes_talk_and_end_by_themselves() {
    let scratch = Scratch::new("both");
    let run = finish(scratch.quickstart(&[]).spawn().unwrap());
    assert!(run.succeeded, "{}\n{}", run.stdout, run.stderr);
    for part in [
        "Calls over local:quickstart-",
        "Calls over ws://127.0.0.1:",
        "inner/",
        "note.txt",
        "read(\"note.txt\")",
        "26 B, begins `a first line`",
        "FileError::NotFound: there is no `no-such-directory`",
        "FileError::Outside: `../secret`",
        "ErrorKind::DeadlineExceeded",
    ] {
        assert!(run.stdout.contains(part), "{part} isn't in\n{}", run.stdout);
    }
    assert!(run.stderr.contains("\"hello from process "), "{}", run.stderr);
    let left_out = "Left out: the same from Node, since there is no `node`.";
    assert!(run.stdout.lines().any(|line| line == left_out), "{}", run.stdout);
    assert!(!run.stdout.contains('\x1b'), "colours are for terminals:\n{}", run.stdout);
    assert_eq!(scratch.sockets_left(), 0);
}

#[test]
fn the_version_mismatch_names_methods_and_types() {
    let scratch = Scratch::new("mismatch");
    let run = finish(scratch.quickstart(&[]).spawn().unwrap());
    let lines: Vec<_> = run.stdout.lines().map(str::trim).collect();
    for line in [
        "method `log` is missing here: notification log(line: String)",
        "method read, result: was String, is Bytes",
        "type FileInfo, field kind: was missing, is Kind",
    ] {
        assert!(lines.contains(&line), "`{line}` isn't in\n{}", run.stdout);
    }
    let first = lines.iter().find(|line| line.starts_with("demo.files: ")).unwrap();
    assert!(first.contains("this side was built with version 1.4.0"), "{first}");
    assert!(first.ends_with("serves 2.0.0"), "{first}");
}

#[test]
fn the_halves_run_by_hand() {
    let scratch = Scratch::new("halves");
    let listen = ["backend", "--listen", "local:halves", "--listen", "ws://127.0.0.1:0"];
    let mut backend = ByHand::start(&mut scratch.quickstart(&listen));
    assert_eq!(backend.endpoints.len(), 2);
    for endpoint in &backend.endpoints {
        let run = finish(scratch.quickstart(&["frontend", endpoint]).spawn().unwrap());
        assert!(run.succeeded, "{}\n{}", run.stdout, run.stderr);
        assert!(run.stdout.contains(&format!("Calls over {endpoint}")), "{}", run.stdout);
    }
    assert!(backend.child.try_wait().unwrap().is_none(), "it runs until it is stopped");
}

#[test]
fn a_backend_ends_with_its_input_where_that_is_asked_for() {
    let scratch = Scratch::new("eof");
    let listen = ["backend", "--until-eof", "--listen", "local:eof"];
    let mut backend = ByHand::start(scratch.quickstart(&listen).stdin(Stdio::piped()));
    drop(backend.input.take());
    let deadline = Instant::now() + PATIENCE;
    let status = loop {
        if let Some(status) = backend.child.try_wait().unwrap() {
            break status;
        }
        assert!(Instant::now() < deadline, "it still runs");
        thread::sleep(Duration::from_millis(10));
    };
    assert!(status.success());
    assert_eq!(scratch.sockets_left(), 0);
}

#[test]
fn what_fails_is_told_and_gives_exit_code_1() {
    let scratch = Scratch::new("fails");
    for (arguments, told) in [
        (&["frontend", "local:nobody"][..], "is the backend running?"),
        (&["frontend", "somewhere"], "`somewhere` is no endpoint"),
        (&["backend", "--listen", "ftp:x"], "`ftp:x` is no endpoint"),
        (&["backend"], "--listen local:demo"),
        (&["nonsense"], "`nonsense` is no command"),
    ] {
        let run = finish(scratch.quickstart(arguments).spawn().unwrap());
        assert!(!run.succeeded, "{arguments:?}");
        assert!(run.stderr.starts_with("error: "), "{}", run.stderr);
        assert!(run.stderr.contains(told), "{arguments:?}: {}", run.stderr);
    }
}

#[test]
#[cfg(unix)]
fn a_backend_that_can_not_start_fails_the_whole() {
    let scratch = Scratch::new("nowhere");
    // In the place of the directory that local sockets lie in.
    fs::write(scratch.0.join("run/ipc-runtime"), "").unwrap();
    let run = finish(scratch.quickstart(&[]).spawn().unwrap());
    assert!(!run.succeeded);
    assert!(run.stderr.contains("can't listen on local:quickstart-"), "{}", run.stderr);
    assert!(run.stderr.contains("the backend has ended before it was ready"), "{}", run.stderr);
}

#[test]
fn help_is_no_failure() {
    let scratch = Scratch::new("help");
    let run = finish(scratch.quickstart(&["--help"]).spawn().unwrap());
    assert!(run.succeeded && run.stdout.contains("quickstart frontend ENDPOINT"));
}

/// Sends a raw request, which no client of the interface could: its path may be anything.
#[cfg(unix)]
fn ask(socket: &std::path::Path, line: &str) -> String {
    use std::{
        io::{Read, Write},
        net::Shutdown,
        os::unix::net::UnixStream,
    };

    let mut stream = UnixStream::connect(socket).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    writeln!(stream, "{line}").unwrap();
    stream.shutdown(Shutdown::Write).unwrap();
    let mut answer = String::new();
    // To the end: the backend closes when everything is answered.
    stream.read_to_string(&mut answer).unwrap();
    answer.trim_end().to_owned()
}

#[test]
#[cfg(unix)]
fn nothing_outside_of_the_directory_is_read() {
    let scratch = Scratch::new("inside");
    let socket = scratch.0.join("s");
    std::os::unix::fs::symlink(scratch.0.join("secret"), scratch.0.join("files/link")).unwrap();
    let endpoint = format!("unix:{}", socket.display());
    let _backend = ByHand::start(&mut scratch.quickstart(&["backend", "--listen", &endpoint]));
    let absolute = scratch.0.join("secret").display().to_string();
    for path in ["../secret", "inner/../../secret", "link", absolute.as_str(), "/"] {
        let line =
            format!(r#"{{"jsonrpc":"2.0","id":0,"method":"demo.files.read","params":["{path}"]}}"#);
        let answer = ask(&socket, &line);
        assert!(answer.contains(r#""data":{"Outside":"#), "{path}: {answer}");
    }
    let inside =
        r#"{"jsonrpc":"2.0","id":0,"method":"demo.files.read","params":["inner/deep.txt"]}"#;
    assert_eq!(ask(&socket, inside), r#"{"jsonrpc":"2.0","id":0,"result":"ZGVlcA=="}"#);
}

#[test]
#[cfg(unix)]
fn a_plain_client_gets_its_answer_and_then_the_end() {
    let scratch = Scratch::new("plain");
    let socket = scratch.0.join("s");
    let endpoint = format!("unix:{}", socket.display());
    let _backend = ByHand::start(&mut scratch.quickstart(&["backend", "--listen", &endpoint]));
    let ping = r#"{"jsonrpc":"2.0","id":0,"method":"demo.files.ping"}"#;
    assert_eq!(ask(&socket, ping), r#"{"jsonrpc":"2.0","id":0,"result":1}"#);
    // On a thread of its own, a method's answer may be there before anybody looks for it.
    let read =
        r#"{"jsonrpc":"2.0","id":"a","method":"demo.files.read","params":["inner/deep.txt"]}"#;
    for _ in 0..300 {
        assert_eq!(ask(&socket, read), r#"{"jsonrpc":"2.0","id":"a","result":"ZGVlcA=="}"#);
    }
}
