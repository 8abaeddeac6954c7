use ipc_runtime::{CallContext, ipc_interface};

#[ipc_interface(channel = "demo.files", version = "1.0.0")]
trait Files {
    async fn size(&self, #[ipc(context)] context: &CallContext, path: &str) -> u64;
}

async fn size(files: &FilesClient, context: &CallContext) {
    let _ = files.size(context, "/").await;
}

fn main() {}
