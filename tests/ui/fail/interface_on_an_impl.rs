use ipc_runtime::ipc_interface;

struct Disk;

#[ipc_interface(channel = "demo.files", version = "1.0.0")]
impl Disk {
    fn size(&self) -> u64 {
        1
    }
}

fn main() {
    Disk.size();
}
