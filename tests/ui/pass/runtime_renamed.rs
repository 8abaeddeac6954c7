extern crate ipc_runtime as wire;

use wire::{ipc_interface, ipc_type};

/// Shadows the name that generated code would take otherwise.
mod ipc_runtime {}

#[ipc_type(crate = "wire")]
struct FileInfo {
    name: String,
}

#[ipc_interface(crate = "wire", channel = "demo.files", version = "1.0.0")]
trait Files {
    async fn stat(&self, path: &str) -> Result<FileInfo, String>;
}

struct Disk;

impl Files for Disk {
    async fn stat(&self, path: &str) -> Result<FileInfo, String> {
        Ok(FileInfo { name: path.to_owned() })
    }
}

fn main() {
    let _ = FilesHandler::new(Disk);
    let _ = FileInfo { name: String::new() }.name;
}
