//! What both sides of the files example share: the trait, its types, and where they meet.

use ipc_runtime::{Bytes, ipc_interface, ipc_type};

/// The endpoint that both sides use unless `--at` names another one.
pub const DEFAULT_ENDPOINT: &str = "local:files-example";

/// The most that one [`Files::read`] gives, in bytes.
pub const PART: u32 = 256 * 1024;

/// One entry of a directory.
#[ipc_type]
#[derive(Debug, Clone, PartialEq)]
pub struct FileInfo {
    /// Its name, without the directory.
    pub name: String,
    /// Whether it is a directory.
    pub is_dir: bool,
    /// In bytes.
    pub size: u64,
}

/// What can go wrong with files.
#[ipc_type]
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum FileError {
    /// There is nothing of that name.
    #[error("there is no `{0}`")]
    NotFound(String),
    /// The path leaves the directory that is served.
    #[error("`{0}` lies outside of the directory that is served")]
    Outside(String),
    /// Anything else.
    #[error("`{path}` can't be read: {reason}")]
    Unreadable {
        /// The file or directory.
        path: String,
        /// Why not.
        reason: String,
    },
}

/// What a method of [`Files`] gives.
pub type Result<T> = std::result::Result<T, FileError>;

/// Files of one directory of the backend's machine.
#[ipc_interface(channel = "example.files", version = "1.0.0", lock = "ipc.lock")]
pub trait Files {
    /// Lists a directory, sorted by name.
    #[ipc(blocking)]
    fn list(&self, dir: &str) -> Result<Vec<FileInfo>>;

    /// Reads a part of a file: at most `length` bytes, and never more than [`PART`]. An empty part
    /// is the end. In parts, a file of any size can be read.
    #[ipc(blocking)]
    fn read(&self, path: &str, offset: u64, length: u32) -> Result<Bytes>;
}
