use std::rc::Rc;

use ipc_runtime::ipc_interface;

#[ipc_interface(channel = "demo.files", version = "1.0.0")]
trait Files {
    fn list(&self, name: Rc<u8>) -> Vec<String>;
}

fn main() {}
