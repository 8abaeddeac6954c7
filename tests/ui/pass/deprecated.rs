#![deny(warnings)]

use ipc_runtime::{ipc_interface, ipc_type};

#[deprecated = "use `Info`"]
#[ipc_type]
#[derive(Default)]
struct OldInfo {
    name: String,
}

#[ipc_interface(channel = "demo.files", version = "1.0.0")]
trait Files {
    #[deprecated = "use `stat`"]
    async fn size(&self, path: &str) -> u64;
    #[deprecated(since = "1.0.0", note = "use `stat`")]
    #[allow(deprecated)]
    async fn info(&self) -> u8;
    async fn stat(&self, path: &str) -> u64;
}

#[allow(deprecated)]
mod old {
    use ipc_runtime::ipc_interface;

    #[deprecated = "use `Files`"]
    #[ipc_interface(channel = "demo.disk", version = "1.0.0")]
    pub trait Disk {
        async fn info(&self) -> u8;
    }
}

fn main() {}
