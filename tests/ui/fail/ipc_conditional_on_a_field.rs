use ipc_runtime::ipc_type;

#[ipc_type]
struct Folder {
    #[cfg_attr(unix, ipc(recursive))]
    parent: Option<Box<Folder>>,
}

fn main() {}
