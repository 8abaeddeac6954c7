use ipc_runtime::ipc_interface;

#[ipc_interface(channel = "demo.files", version = "1.0.0")]
trait Files {
    fn ping(&self);
}

struct Disk;

impl Files for Disk {
    fn ping(&self) {}
    fn pong(&self) {}
}

fn main() {}
