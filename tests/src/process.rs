//! A peer in a process of its own: the binary `ipc-test-peer`.

#[cfg(unix)]
use std::path::PathBuf;
use std::{
    ffi::OsStr,
    process::{ExitStatus, Stdio},
};

use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader},
    process::{Child, ChildStdout, Command},
};

#[cfg(unix)]
use crate::Scratch;
use crate::in_time;

/// A peer in a process of its own. It ends with this, or with the test's own process.
#[derive(Debug)]
pub struct Process {
    child: Child,
    output: BufReader<ChildStdout>,
}

impl Process {
    /// Starts `ipc-test-peer`, by its path, with these arguments.
    pub fn start<I>(binary: impl AsRef<OsStr>, arguments: I) -> Self
    where
        I: IntoIterator,
        I::Item: AsRef<OsStr>,
    {
        let mut command = Command::new(binary);
        command.args(arguments);
        Self::run(command)
    }

    /// Starts a command that was prepared otherwise.
    pub fn run(mut command: Command) -> Self {
        // Its standard input stays open as long as this process: the peer ends with it.
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).kill_on_drop(true);
        let mut child = command.spawn().unwrap();
        let output = BufReader::new(child.stdout.take().unwrap());
        Self { child, output }
    }

    /// The next line that it prints.
    pub async fn line(&mut self) -> String {
        let mut line = String::new();
        in_time(self.output.read_line(&mut line)).await.unwrap();
        line.trim_end().to_owned()
    }

    /// Writes a line to it, and gives the next one that it prints.
    pub async fn ask(&mut self, line: &str) -> String {
        let input = self.child.stdin.as_mut().expect("it is piped");
        in_time(input.write_all(format!("{line}\n").as_bytes())).await.unwrap();
        self.line().await
    }

    /// All that it prints until it ends.
    pub async fn rest(&mut self) -> String {
        let mut rest = String::new();
        in_time(self.output.read_to_string(&mut rest)).await.unwrap();
        rest.trim_end().to_owned()
    }

    /// Ends it at once: by SIGKILL on Unix.
    pub async fn kill(&mut self) {
        self.child.start_kill().unwrap();
        in_time(self.child.wait()).await.unwrap();
    }

    /// Sends a signal by its name: `STOP`, `CONT`.
    #[cfg(unix)]
    pub async fn signal(&self, name: &str) {
        let id = self.child.id().expect("it has ended");
        // By the shell's own `kill`: std has none, and this one is everywhere.
        let sent = Command::new("sh").args(["-c", &format!("kill -{name} {id}")]).status();
        assert!(in_time(sent).await.unwrap().success());
    }

    /// Sends SIGKILL, and doesn't wait for it.
    pub fn start_kill(&mut self) {
        self.child.start_kill().unwrap();
    }

    /// Waits until it has ended.
    pub async fn wait(&mut self) -> ExitStatus {
        in_time(self.child.wait()).await.unwrap()
    }
}

/// Another user, unless the tests themselves run as this one.
#[cfg(unix)]
pub const NOBODY: u32 = 65534;

/// A copy of a binary that others may run, in a directory that is opened to them: the build's own
/// may be closed.
#[cfg(unix)]
pub fn copy_for_others(binary: impl AsRef<OsStr>, directory: &Scratch) -> PathBuf {
    use std::{fs, os::unix::fs::PermissionsExt};

    fs::set_permissions(directory.path(), fs::Permissions::from_mode(0o755)).unwrap();
    let copy = directory.join("peer");
    // Copied by another process: a child that another test starts meanwhile would inherit a
    // descriptor that is open for writing, and what is being written can't be run.
    let copied = std::process::Command::new("cp").arg(binary).arg(&copy).status().unwrap();
    assert!(copied.success());
    copy
}

/// Whether a command can be started as another user, which only root can. Where this is somebody
/// else, that is made sure of: what remains to be seen is little, but no test is skipped.
#[cfg(unix)]
pub fn starts_as_another_user(command: &mut Command, own: &Scratch) -> bool {
    use std::os::unix::fs::MetadataExt;

    if std::fs::metadata(own.path()).unwrap().uid() == 0 {
        return true;
    }
    let denied = command.uid(0).spawn().unwrap_err();
    assert_eq!(denied.kind(), std::io::ErrorKind::PermissionDenied, "{denied}");
    false
}
