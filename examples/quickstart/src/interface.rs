//! The interface, written once: both processes are built from it.

use ipc_runtime::{Bytes, CallContext, ipc_interface, ipc_type};

/// One entry of a directory.
#[ipc_type]
#[derive(Debug, Clone, PartialEq)]
pub struct FileInfo {
    /// Its name, without the directory.
    pub name: String,
    /// What it is. Release 1 didn't have this field.
    pub kind: Kind,
    /// In bytes.
    pub size: u64,
}

/// What an entry of a directory is.
#[ipc_type]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A file.
    File,
    /// A directory.
    Directory,
    /// A link, a socket or the like.
    Other,
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
    /// The file is larger than what is sent in one piece.
    #[error("`{path}` has more than {limit} bytes")]
    TooLarge {
        /// The file.
        path: String,
        /// In bytes.
        limit: u64,
    },
    /// Anything else.
    #[error("`{path}` can't be read: {reason}")]
    Unreadable {
        /// The file or directory.
        path: String,
        /// Why not.
        reason: String,
    },
}

/// Files of one directory of the backend's machine.
#[ipc_interface(channel = "demo.files", version = "2.0.0", lock = "ipc.lock")]
pub trait Files {
    /// Is anybody there? Gives one more at each call. A sync method runs inline: keep it short.
    fn ping(&self) -> u32;

    /// Lists a directory. It waits for the disk, so it runs on a thread of its own.
    #[ipc(blocking)]
    fn list(&self, dir: &str) -> Result<Vec<FileInfo>, FileError>;

    /// Reads a file.
    #[ipc(blocking)]
    fn read(&self, path: &str) -> Result<Bytes, FileError>;

    /// Waits until an entry is added to a directory or removed from it.
    async fn changed(&self, dir: &str) -> Result<(), FileError>;

    /// Takes a line for the backend's log. Nobody answers a notification.
    #[ipc(notification)]
    fn log(&self, #[ipc(context)] call: &CallContext, line: String);
}
