use ipc_runtime::{CallContext, ipc_interface, ipc_type};

#[ipc_type]
struct Entry {
    #[ipc(integer = "BigInt")]
    size: u64,
    #[ipc(integer)]
    inode: u64,
}

#[ipc_interface(channel = "demo.files", version = "1.0.0")]
trait Files {
    #[ipc(integer = "i64")]
    async fn size(&self) -> u64;
    async fn find(&self, #[ipc(integer = "u64")] inode: u64);
    async fn count(&self, #[ipc(context, integer = "bigint")] call: &CallContext<u64>);
    #[ipc(notification, integer = "bigint")]
    async fn log(&self, size: u64);
}

fn main() {}
