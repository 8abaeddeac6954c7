//! The real frontend, with a backend that is made up.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::{process::Output, time::Duration};

use files_common::{FileError, FileInfo, Files, FilesHandler, PART, Result};
use ipc_runtime::{Backend, Bytes};
use tokio::process::Command;

/// One file, which is longer than a part.
struct OneFile(Bytes);

impl Files for OneFile {
    fn list(&self, dir: &str) -> Result<Vec<FileInfo>> {
        match dir {
            "." => {
                Ok(vec![FileInfo { name: "one".into(), is_dir: false, size: self.0.len() as u64 }])
            }
            _ => Err(FileError::NotFound(dir.to_owned())),
        }
    }

    fn read(&self, _: &str, offset: u64, length: u32) -> Result<Bytes> {
        let rest = self.0.get(offset as usize..).unwrap_or_default();
        Ok(rest[..rest.len().min(length.min(PART) as usize)].into())
    }
}

async fn frontend(arguments: &[&str]) -> Output {
    let output = Command::new(env!("CARGO_BIN_EXE_files-frontend"))
        .args(arguments)
        .kill_on_drop(true)
        .output();
    tokio::time::timeout(Duration::from_secs(60), output).await.unwrap().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn it_lists_and_reads() {
    let content: Vec<u8> = (0..PART * 2 + 5).map(|at| at as u8).collect();
    let backend = Backend::new();
    backend.register(FilesHandler::new(OneFile(content.clone().into()))).unwrap();
    let local = format!("local:files-frontend-{}", std::process::id());
    for endpoint in [local.as_str(), "ws://127.0.0.1:0"] {
        let endpoint = backend.listen(endpoint).await.unwrap().to_string();

        let listed = frontend(&["--at", &endpoint, "ls"]).await;
        assert!(listed.status.success(), "{listed:?}");
        assert_eq!(String::from_utf8(listed.stdout).unwrap().trim(), "524293  one");

        let read = frontend(&["--at", &endpoint, "cat", "one"]).await;
        assert!(read.status.success());
        assert!(read.stdout == content, "{} bytes came", read.stdout.len());

        let missing = frontend(&["--at", &endpoint, "ls", "missing"]).await;
        assert_eq!(missing.status.code(), Some(1));
        assert_eq!(String::from_utf8(missing.stderr).unwrap(), "error: there is no `missing`\n");
    }
    backend.stop(Duration::from_secs(5)).await;
}

#[tokio::test]
async fn it_tells_that_no_backend_runs() {
    let endpoint = format!("local:files-nobody-{}", std::process::id());
    let output = frontend(&["--at", &endpoint, "ls"]).await;
    assert_eq!(output.status.code(), Some(1));
    let told = String::from_utf8(output.stderr).unwrap();
    assert!(told.starts_with(&format!("error: can't connect to {endpoint}: ")), "{told}");
}
