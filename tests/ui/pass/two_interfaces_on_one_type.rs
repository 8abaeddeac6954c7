use std::sync::Arc;

use ipc_runtime::{Backend, ipc_interface};

#[ipc_interface(channel = "demo.files", version = "1.0.0")]
trait Files {
    async fn list(&self) -> Vec<String>;
    fn ping(&self) -> u32;
}

#[ipc_interface(channel = "demo.clock", version = "1.0.0")]
trait Clock {
    async fn now(&self) -> u64;
    fn ping(&self) -> u32;
}

struct Machine;

impl Files for Machine {
    async fn list(&self) -> Vec<String> {
        Vec::new()
    }

    fn ping(&self) -> u32 {
        1
    }
}

impl Clock for Machine {
    async fn now(&self) -> u64 {
        0
    }

    fn ping(&self) -> u32 {
        2
    }
}

fn main() {
    let machine = Arc::new(Machine);
    let backend = Backend::new();
    let _files = backend.register(FilesHandler::new(machine.clone())).unwrap();
    let _clock = backend.register(ClockHandler::new(machine)).unwrap();
}
