use ipc_runtime::{Backend, ipc_interface};

#[ipc_interface(channel = "demo.files", version = "1.0.0")]
trait Files {
    fn ping(&self);
}

struct Disk;

impl Files for Disk {
    fn ping(&self) {}
}

fn main() {
    let _ = Backend::new().register(Disk);
}
