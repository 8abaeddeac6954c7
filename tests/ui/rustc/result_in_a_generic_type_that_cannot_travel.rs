use ipc_runtime::{ipc_interface, ipc_type};

struct FileInfo {
    name: String,
}

#[ipc_type]
struct Page<T> {
    items: Vec<T>,
}

#[ipc_interface(channel = "demo.files", version = "1.0.0")]
trait Files {
    async fn list(&self) -> Vec<Page<FileInfo>>;
}

fn main() {}
