use ipc_runtime::{ipc_interface, ipc_type};

#[ipc_type]
struct Entry {
    #[ipc(integer = "bigint")]
    name: String,
    #[ipc(integer = "bigint")]
    size: u32,
    #[ipc(integer = "string")]
    widest: u128,
    #[ipc(integer = "bigint")]
    part: Part,
    #[ipc(integer = "bigint")]
    wide: Option<Vec<u64>>,
}

#[ipc_type]
struct Part {
    size: u64,
}

#[ipc_interface(channel = "demo.files", version = "1.0.0")]
trait Files {
    #[ipc(integer = "bigint")]
    async fn find(&self, #[ipc(integer = "bigint")] path: &str) -> Result<Entry, String>;
    #[ipc(integer = "bigint")]
    async fn remove(&self);
    #[ipc(integer = "bigint")]
    async fn size(&self, #[ipc(integer = "bigint")] inode: Option<u64>) -> Result<u64, String>;
}

fn main() {}
