use ipc_runtime::ipc_type;

#[ipc_type]
struct Folder {
    #[ipc(recursiv)]
    parent: Option<Box<Folder>>,
}

fn main() {}
