use ipc_runtime::ipc_type;

#[ipc_type]
struct File {
    read: Box<dyn Fn() -> Vec<u8>>,
}

fn main() {}
