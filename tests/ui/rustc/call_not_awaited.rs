#![deny(unused_must_use)]

use ipc_runtime::ipc_interface;

#[ipc_interface(channel = "demo.files", version = "1.0.0")]
trait Files {
    async fn remove(&self, path: &str);
}

fn remove(files: &FilesClient) {
    files.remove("/tmp/x");
}

fn main() {}
