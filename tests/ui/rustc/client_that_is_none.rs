use ipc_runtime::{Frontend, ipc_interface};

#[ipc_interface(channel = "demo.files", version = "1.0.0")]
trait Files {
    async fn size(&self, path: &str) -> u64;
}

struct Disk;

fn client(frontend: &Frontend) {
    let _ = frontend.client::<Disk>();
}

fn main() {}
