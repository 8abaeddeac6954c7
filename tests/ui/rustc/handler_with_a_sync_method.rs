use ipc_runtime::ipc_interface;

#[ipc_interface(channel = "demo.files", version = "1.0.0")]
trait Files {
    async fn size(&self, path: &str) -> u64;
}

struct Disk;

impl Files for Disk {
    fn size(&self, path: &str) -> u64 {
        path.len() as u64
    }
}

fn main() {}
