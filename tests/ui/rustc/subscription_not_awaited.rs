#![deny(unused_must_use)]

use ipc_runtime::{Stream, ipc_interface};

#[ipc_interface(channel = "demo.files", version = "1.0.0")]
trait Files {
    #[ipc(subscription)]
    async fn watch(&self, dir: String) -> impl Stream<Item = u64>;
}

fn watch(files: &FilesClient) {
    files.watch("/tmp".to_owned());
}

fn main() {}
