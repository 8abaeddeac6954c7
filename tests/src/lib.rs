//! What the black-box tests share: the interfaces that they call.

use ipc_runtime::{ipc_interface, ipc_type};

/// A file, as the tests see one.
#[ipc_type]
#[derive(Debug, Clone, PartialEq)]
pub struct FileInfo {
    /// Its name.
    pub name: String,
    /// In bytes.
    pub size: u64,
}

/// What can go wrong with files.
#[ipc_type]
#[derive(Debug, PartialEq, thiserror::Error)]
pub enum FileError {
    /// There is nothing of that name.
    #[error("no such directory: {0}")]
    NotFound(String),
}

/// Files.
#[ipc_interface(channel = "demo.files", version = "1.2.0")]
pub trait Files {
    /// Lists a directory.
    async fn list(&self, dir: &str) -> Result<Vec<FileInfo>, FileError>;
    /// Gives one more at each call.
    fn ping(&self) -> u32;
    /// Takes a line.
    #[ipc(notification)]
    async fn log(&self, line: String);
}
