use std::cell::Cell;

use ipc_runtime::ipc_interface;

#[ipc_interface(channel = "demo.files", version = "1.0.0")]
trait Files {
    fn ping(&self);
}

struct Disk {
    pings: Cell<u64>,
}

impl Files for Disk {
    fn ping(&self) {
        self.pings.set(self.pings.get() + 1);
    }
}

fn main() {}
