//! Data that the interfaces of the tests take and give: a file, and what can go wrong with one.

use ipc_runtime::ipc_type;

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
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum FileError {
    /// There is nothing of that name.
    #[error("no such directory: {0}")]
    NotFound(String),
}
