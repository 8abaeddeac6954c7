use ipc_runtime::{Stream, ipc_interface};

type FileResult<T> = Result<T, String>;

#[ipc_interface(channel = "demo.files", version = "1.0.0")]
trait Files {
    async fn read(&self, path: &str) -> FileResult<String>;
    #[ipc(subscription)]
    async fn watch(&self) -> impl Stream<Item = FileResult<u8>>;
    async fn list(&self) -> Result<Vec<FileResult<u8>>, String>;
}

fn main() {}
