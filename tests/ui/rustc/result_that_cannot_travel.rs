use ipc_runtime::ipc_interface;

struct FileInfo {
    name: String,
}

#[ipc_interface(channel = "demo.files", version = "1.0.0")]
trait Files {
    async fn stat(&self, path: &str) -> FileInfo;
}

fn main() {}
