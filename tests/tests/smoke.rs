//! smoke
use std::sync::{atomic::{AtomicU32, Ordering}, Mutex};
use ipc_runtime::{Backend, Frontend, CallError};
use ipc_tests::*;

#[derive(Default)]
struct Disk { pings: AtomicU32, lines: Mutex<Vec<String>> }
impl Files for Disk {
    async fn list(&self, dir: &str) -> Result<Vec<FileInfo>, FileError> {
        tokio::task::yield_now().await;
        if dir == "/none" { return Err(FileError::NotFound(dir.into())); }
        Ok(vec![FileInfo { name: format!("{dir}/a"), size: 7 }])
    }
    fn ping(&self) -> u32 { self.pings.fetch_add(1, Ordering::Relaxed) }
    async fn log(&self, line: String) { self.lines.lock().unwrap().push(line); }
}

#[tokio::test]
async fn smoke() {
    for at in ["local:smoke-test", "ws://127.0.0.1:0", "memory:smoke"] {
        let backend = Backend::new();
        backend.register(FilesHandler::new(Disk::default())).unwrap();
        let at = backend.listen(at).await.unwrap();
        let frontend = Frontend::connect(at).await.unwrap();
        let files: FilesClient = frontend.open().await.unwrap();
        assert_eq!(files.ping().await.unwrap(), 0);
        assert_eq!(files.ping().await.unwrap(), 1);
        assert_eq!(files.list("/tmp").await.unwrap()[0].name, "/tmp/a");
        assert!(matches!(files.list("/none").await, Err(CallError::Method(FileError::NotFound(_)))));
        files.log("x".into()).await.unwrap();
        let many: Vec<_> = (0..1000).map(|_| tokio::spawn(files.list("/x"))).collect();
        for one in many { one.await.unwrap().unwrap(); }
        let t = std::time::Instant::now();
        for _ in 0..10000 { files.ping().await.unwrap(); }
        eprintln!("{:?} per call", t.elapsed() / 10000);
        backend.stop(std::time::Duration::from_secs(1)).await;
        eprintln!("{}", files.ping().await.unwrap_err());
    }
}
