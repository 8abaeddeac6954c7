//! The page connects from the system's web view. It needs a screen, which Xvfb is, and the app:
//! `cargo build -p notes` in the workspace.

use std::{
    env,
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::mpsc,
    thread,
    time::{Duration, Instant},
};

/// Only a hang takes that long.
const PATIENCE: Duration = Duration::from_secs(60);

/// A process that ends with the test.
struct Process {
    child: Child,
    lines: mpsc::Receiver<String>,
}

impl Process {
    fn start(command: &mut Command) -> Self {
        let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn().unwrap();
        let output = BufReader::new(child.stdout.take().unwrap());
        let (sender, lines) = mpsc::channel();
        thread::spawn(move || {
            for line in output.lines().map_while(Result::ok) {
                if sender.send(line).is_err() {
                    return;
                }
            }
        });
        Self { child, lines }
    }

    fn line(&self, what: &str) -> String {
        let end = Instant::now() + PATIENCE;
        loop {
            let line = self.lines.recv_timeout(end.saturating_duration_since(Instant::now()));
            let line = line.unwrap_or_else(|error| panic!("no {what}: {error}"));
            if line.contains(what) {
                return line;
            }
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn app() -> PathBuf {
    let target = env::var_os("NOTES_TARGET").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../target"),
        PathBuf::from,
    );
    target.join("debug").join(format!("notes{}", env::consts::EXE_SUFFIX))
}

#[test]
fn the_page_connects_from_the_system_s_web_view() {
    let data = env::temp_dir().join(format!("notes-webview-{}", std::process::id()));
    let folder = data.join("notes");
    let app = Process::start(Command::new(app()).arg("--no-window").arg(&folder));
    let line = app.line("http://");
    let address = &line[line.find("http://").unwrap()..];
    let mut window = Command::new(env!("CARGO_BIN_EXE_notes-webview"));
    let window = Process::start(window.arg(address).env("XDG_DATA_HOME", &data));
    window.line("\"Connected\"");
    drop(window);
    // It has been a window: when it is gone, the app ends.
    app.line("the last window is closed");
    drop(app);
    std::fs::remove_dir_all(data).unwrap();
}
