use ipc_runtime::ipc_interface;

#[ipc_interface(channel = "demo.files", version = "1.0.0")]
trait Files {
    async fn size(&self, path: &str) -> Result<u64, String>;
}

async fn size(files: &FilesClient) -> Result<u64, String> {
    files.size("/").await
}

fn main() {}
