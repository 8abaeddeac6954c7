//! A backend in a process of its own, on a WebSocket.

use std::{path::PathBuf, process::Stdio};

use tokio::{
    io::{AsyncBufReadExt, BufReader},
    process::{Child, Command},
};

/// Killed when dropped.
pub struct Backend {
    pub process: Child,
    pub url: String,
}

impl Backend {
    pub async fn start() -> Self {
        Self::at("ws://127.0.0.1:0/", None).await
    }

    /// On a port that the system gives to nobody else, so that another one finds it free.
    pub async fn lasting() -> Self {
        let now = std::time::UNIX_EPOCH.elapsed().unwrap().subsec_nanos();
        let port = 20_000 + now % 10_000;
        Self::at(&format!("ws://127.0.0.1:{port}/"), None).await
    }

    pub async fn at(endpoint: &str, token: Option<&str>) -> Self {
        let root = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."));
        let programs = std::env::var_os("IPC_TEST_BINARIES");
        let programs = programs.map_or_else(|| root.join("target/debug"), PathBuf::from);
        let mut command = Command::new(programs.join("ipc-test-backend"));
        command.arg(endpoint).stdin(Stdio::piped()).stdout(Stdio::piped()).kill_on_drop(true);
        if let Some(token) = token {
            command.env("IPC_TEST_TOKEN", token);
        }
        let mut process = command.spawn().unwrap();
        let mut lines = BufReader::new(process.stdout.take().unwrap()).lines();
        let line = lines.next_line().await.unwrap().unwrap();
        let url = line.strip_prefix("ready ").unwrap().to_owned();
        Self { process, url }
    }
}
