//! The interface as an earlier release had it: what a frontend knows that wasn't updated.

use ipc_runtime::{ipc_interface, ipc_type};

use crate::interface::FileError;

/// One entry of a directory, before there was a `kind`.
#[ipc_type]
#[derive(Debug, Clone, PartialEq)]
pub struct FileInfo {
    /// Its name, without the directory.
    pub name: String,
    /// In bytes.
    pub size: u64,
}

/// Files of the backend's machine.
#[ipc_interface(channel = "demo.files", version = "1.4.0", lock = "ipc.lock")]
pub trait Files {
    /// Is anybody there?
    fn ping(&self) -> u32;

    /// Lists a directory.
    #[ipc(blocking)]
    fn list(&self, dir: &str) -> Result<Vec<FileInfo>, FileError>;

    /// Reads a file, which had to be text.
    #[ipc(blocking)]
    fn read(&self, path: &str) -> Result<String, FileError>;
}
