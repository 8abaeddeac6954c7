//! One sample: a server and a client, as processes of their own.

use std::{ffi::OsString, path::PathBuf, process::Stdio, time::Duration};

use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, BufReader},
    process::{Child, Command},
    time::timeout,
};

use crate::{
    error::Result,
    peer::PeerInfo,
    statistics::Sample,
    workload::{Job, Workload},
};

/// How one sample is taken.
#[derive(Debug, Clone, Copy)]
pub struct Trial {
    pub peer: &'static PeerInfo,
    pub workload: &'static Workload,
    pub threads: usize,
    pub warm_up: Duration,
    pub duration: Duration,
}

/// Nobody takes this long, not even for ten thousand connections.
const PATIENCE: Duration = Duration::from_secs(180);

impl Trial {
    /// Starts a server and a client, and gives what the client has measured.
    pub async fn run(&self) -> Result<Sample> {
        let directory = Directory::new()?;
        let mut server = self
            .command("serve", self.peer.server.unwrap_or(self.peer.id), self.peer.server_program())
            .arg("--directory")
            .arg(&directory.0)
            .stdout(Stdio::piped())
            .spawn()?;
        let outcome = match timeout(PATIENCE, self.against(&mut server)).await {
            Ok(outcome) => outcome,
            Err(_) => Err(format!("it took longer than {} s", PATIENCE.as_secs()).into()),
        };
        server.kill().await?;
        outcome
    }

    async fn against(&self, server: &mut Child) -> Result<Sample> {
        let stdout = server.stdout.take().ok_or("the server has no output")?;
        let mut endpoint = String::new();
        BufReader::new(stdout).read_line(&mut endpoint).await?;
        if endpoint.is_empty() {
            return Err("the server didn't start".into());
        }
        let process = server.id().ok_or("the server has ended")?;
        let mut client = self
            .command("measure", self.peer.id, self.peer.client_program())
            .args(["--job", &serde_json::to_string(&self.workload.job)?])
            .args(["--endpoint", endpoint.trim(), "--server", &process.to_string()])
            .args(["--warm-up", &self.warm_up.as_secs_f64().to_string()])
            .args(["--seconds", &self.duration.as_secs_f64().to_string()])
            .stdout(Stdio::piped())
            .spawn()?;
        let mut text = String::new();
        let mut stdout = client.stdout.take().ok_or("the client has no output")?;
        stdout.read_to_string(&mut text).await?;
        let status = client.wait().await?;
        if !status.success() {
            return Err(format!("the client ended with {status}").into());
        }
        Ok(serde_json::from_str(&text)?)
    }

    fn command(&self, role: &str, id: &str, program: Vec<OsString>) -> Command {
        let mut command = match self.workload.job {
            // Else it is measured how fast a sleeping core wakes.
            Job::Sequential(_) => {
                let mut command = Command::new("taskset");
                command.args(["-c", &last_core().to_string()]).args(&program);
                command
            }
            _ => {
                let mut command = Command::new(&program[0]);
                command.args(&program[1..]);
                command
            }
        };
        command.args([role, id]).env("NODE_ENV", "production");
        command.args(["--threads", &self.threads.to_string()]);
        command.stdin(Stdio::null()).kill_on_drop(true);
        command
    }
}

fn last_core() -> usize {
    std::thread::available_parallelism().map_or(0, |cores| cores.get() - 1)
}

/// A directory for a server's socket, which goes with it.
struct Directory(PathBuf);

impl Directory {
    fn new() -> Result<Self> {
        let nanoseconds = std::time::SystemTime::UNIX_EPOCH.elapsed()?.as_nanos();
        let name = format!("ipc-bench-{}-{nanoseconds}", std::process::id());
        let path = std::env::temp_dir().join(name);
        std::fs::create_dir(&path)?;
        Ok(Self(path))
    }
}

impl Drop for Directory {
    fn drop(&mut self) {
        // What is left in the temporary directory harms nobody.
        let _ = std::fs::remove_dir_all(&self.0);
    }
}
