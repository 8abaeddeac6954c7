#![deny(deprecated)]

use ipc_runtime::ipc_interface;

#[ipc_interface(channel = "demo.files", version = "1.0.0")]
trait Files {
    #[deprecated = "use `stat`"]
    async fn size(&self, path: &str) -> u64;
}

async fn size(files: &FilesClient) {
    let _ = files.size("/").await;
}

fn main() {}
