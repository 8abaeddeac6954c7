#![forbid(unsafe_code)]
#![deny(
    warnings,
    missing_docs,
    missing_debug_implementations,
    unreachable_pub,
    unused_qualifications,
    unused_results,
    unused_lifetimes,
    single_use_lifetimes,
    trivial_casts,
    trivial_numeric_casts,
    variant_size_differences,
    elided_lifetimes_in_paths,
    let_underscore_drop,
    rust_2018_idioms,
    future_incompatible,
    nonstandard_style
)]
//! Nothing that is generated gives a warning.

use ipc_runtime::{Bytes, CallContext, ipc_interface, ipc_type};

/// A file.
#[ipc_type]
#[derive(Debug)]
pub struct FileInfo {
    /// Its name.
    pub name: String,
}

/// What went wrong.
#[ipc_type]
#[derive(Debug, thiserror::Error)]
pub enum FileError {
    /// There is no such file.
    #[error("there is no {0}")]
    NotFound(String),
}

/// Files of the backend's machine.
#[ipc_interface(channel = "demo.files", version = "1.0.0")]
pub trait Files {
    /// Lists a directory.
    async fn list(&self, dir: &str) -> Result<Vec<FileInfo>, FileError>;
    /// Reads a file.
    async fn read(&self, #[ipc(context)] context: &CallContext, path: &str) -> Bytes;
    /// Is here.
    fn ping(&self) -> u32;
    /// Does nothing.
    fn nothing(&self);
    /// Adds.
    #[ipc(blocking)]
    fn sum(&self, of: &[u8], start: Option<&u8>) -> u64;
    /// Writes a line.
    #[ipc(notification)]
    async fn log(&self, line: String);
    /// Was the way to list.
    #[deprecated = "use `list`"]
    async fn dir(&self) -> Vec<String>;
}

fn main() {}
