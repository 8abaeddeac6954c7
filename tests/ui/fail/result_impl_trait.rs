use ipc_runtime::ipc_interface;

#[ipc_interface(channel = "demo.files", version = "1.0.0")]
trait Files {
    fn names(&self) -> impl Iterator<Item = String>;
}

fn main() {}
