use ipc_runtime::{ipc_interface, ipc_type};

#[ipc_type]
#[derive(Debug)]
enum FileError {
    NotFound,
}

#[ipc_interface(channel = "demo.files", version = "1.0.0")]
trait Files {
    async fn size(&self, path: &str) -> Result<u64, FileError>;
}

fn main() {}
