use ipc_runtime::ipc_interface;

#[ipc_interface(channel = "demo.files", version = "1.0.0")]
trait Files {
    async fn size(&self, path: &str) -> u64;
    fn ping(&self) -> u8;
}

struct Disk;

impl Files for Disk {
    async fn size(&self, _: &str) -> u64 {
        1
    }

    fn ping() -> u8 {
        1
    }
}

fn main() {}
