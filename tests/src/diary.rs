//! An interface whose handler writes down what it runs, in a file that outlives its process.

use std::{
    fs::{File, OpenOptions},
    io::Write,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use ipc_runtime::{Stream, event::Emitter, ipc_interface, ipc_type};

/// One of what a process fires.
#[ipc_type]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tick {
    /// The process that fires it.
    pub process: u32,
    /// From 0.
    pub number: u64,
}

/// Work that leaves a trace.
#[ipc_interface(channel = "diary", version = "1.0.0")]
pub trait Diary {
    /// Writes the number down, takes its time, and gives it back.
    async fn work(&self, call: u32) -> u32;
    /// The same, and may run twice.
    #[ipc(idempotent)]
    async fn work_again(&self, call: u32) -> u32;
    /// What is fired all the time.
    #[ipc(subscription)]
    async fn ticks(&self) -> impl Stream<Item = Tick>;
}

/// The handler.
#[derive(Debug)]
pub struct DiaryFile {
    file: File,
    ticks: Arc<Emitter<Tick>>,
}

impl DiaryFile {
    /// Adds to this file, and fires from now on.
    pub fn new(path: &Path) -> std::io::Result<Self> {
        let file = OpenOptions::new().create(true).append(true).open(path)?;
        let ticks = Arc::new(Emitter::new());
        let (fired, process) = (ticks.clone(), std::process::id());
        tokio::spawn(async move {
            for number in 0.. {
                fired.fire(Tick { process, number });
                tokio::time::sleep(Duration::from_millis(2)).await;
            }
        });
        Ok(Self { file, ticks })
    }
}

impl Diary for DiaryFile {
    async fn work(&self, call: u32) -> u32 {
        // One write of one line, so that it is there whole or not at all.
        (&self.file).write_all(format!("{call}\n").as_bytes()).unwrap();
        tokio::time::sleep(Duration::from_millis(u64::from(call % 40))).await;
        call
    }

    async fn work_again(&self, call: u32) -> u32 {
        self.work(call).await
    }

    async fn ticks(&self) -> impl Stream<Item = Tick> {
        self.ticks.event().listen()
    }
}

/// What all processes have written down.
#[derive(Debug)]
pub struct Traces(PathBuf);

impl Traces {
    /// Those in this file.
    pub fn new(path: PathBuf) -> Self {
        Self(path)
    }

    /// The calls that ran, each as often as it did.
    pub fn read(&self) -> Vec<u32> {
        let text = std::fs::read_to_string(&self.0).unwrap_or_default();
        text.lines().map(|line| line.parse().unwrap()).collect()
    }
}
