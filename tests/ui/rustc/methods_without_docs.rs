#![deny(missing_docs)]
//! Each undocumented method is told once, where it was written.

use ipc_runtime::ipc_interface;

/// Files.
#[ipc_interface(channel = "demo.files", version = "1.0.0")]
pub trait Files {
    async fn size(&self, path: &str) -> u64;
    fn ping(&self);
    #[ipc(notification)]
    async fn log(&self, line: String);
    /// This one is documented.
    async fn list(&self) -> Vec<String>;
}

fn main() {}
