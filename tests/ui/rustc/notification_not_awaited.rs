#![deny(unused_must_use)]

use ipc_runtime::ipc_interface;

#[ipc_interface(channel = "demo.files", version = "1.0.0")]
trait Files {
    #[ipc(notification)]
    async fn log(&self, line: &str);
}

fn log(files: &FilesClient) {
    files.log("hello");
}

fn main() {}
