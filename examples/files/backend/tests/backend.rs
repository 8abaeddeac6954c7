//! The real backend, called by the client of its own interface.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use std::{
    fs,
    io::{BufRead, BufReader},
    path::PathBuf,
    process::{Child, Command, Stdio},
};

use files_common::{FileError, FileInfo, FilesClient, PART};
use ipc_runtime::{CallError, Frontend};

/// A running backend, with a directory of its own.
struct Served {
    directory: PathBuf,
    child: Child,
    endpoints: Vec<String>,
}

impl Served {
    fn start(name: &str) -> Self {
        let directory = std::env::temp_dir().join(format!("fb-{name}-{}", std::process::id()));
        let _ = fs::remove_dir_all(&directory);
        fs::create_dir_all(directory.join("inner")).unwrap();
        fs::write(directory.join("large"), vec![7; PART as usize + 10]).unwrap();
        fs::write(directory.join("small"), "small").unwrap();
        // A killed backend can't remove its socket's file, but this directory goes as a whole.
        let local = if cfg!(unix) {
            format!("unix:{}", directory.join("inner/socket").display())
        } else {
            format!("local:files-backend-{name}-{}", std::process::id())
        };
        let mut child = Command::new(env!("CARGO_BIN_EXE_files-backend"))
            .arg(&directory)
            .args(["--at", &local, "--at", "ws://127.0.0.1:0"])
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines().take(2);
        let told =
            lines.map(|line| line.unwrap().strip_prefix("listening on ").unwrap().to_owned());
        Self { endpoints: told.collect(), directory, child }
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        let _ = fs::remove_dir_all(&self.directory);
    }
}

async fn open(endpoint: &str) -> FilesClient {
    Frontend::connect(endpoint).await.unwrap().open().await.unwrap()
}

#[tokio::test]
async fn both_carriers_serve_the_same_directory() {
    let served = Served::start("carriers");
    assert_eq!(served.endpoints.len(), 2);
    for endpoint in &served.endpoints {
        let files = open(endpoint).await;
        let names: Vec<_> = files.list(".").await.unwrap().into_iter().map(|f| f.name).collect();
        assert_eq!(names, ["inner", "large", "small"], "{endpoint}");
        let small = FileInfo { name: "small".into(), is_dir: false, size: 5 };
        assert!(files.list("").await.unwrap().contains(&small), "{endpoint}");
    }
}

#[tokio::test]
async fn a_large_file_comes_in_parts() {
    let served = Served::start("parts");
    let files = open(&served.endpoints[0]).await;
    assert_eq!(files.read("large", 0, u32::MAX).await.unwrap().len(), PART as usize);
    assert_eq!(files.read("large", PART.into(), PART).await.unwrap().len(), 10);
    assert!(files.read("large", u64::from(PART) + 10, PART).await.unwrap().is_empty());
}

#[tokio::test]
async fn paths_outside_of_the_directory_are_refused() {
    let served = Served::start("outside");
    let files = open(&served.endpoints[0]).await;
    for path in ["..", "../x", "inner/../../x", "/etc/passwd"] {
        match files.read(path, 0, 1).await {
            Err(CallError::Method(FileError::Outside(told))) => assert_eq!(told, path),
            other => panic!("{path}: {other:?}"),
        }
    }
    let missing = files.list("missing").await;
    assert!(matches!(missing, Err(CallError::Method(FileError::NotFound(_)))), "{missing:?}");
}
