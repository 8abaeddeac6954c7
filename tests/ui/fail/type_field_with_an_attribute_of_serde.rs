use ipc_runtime::ipc_type;

#[ipc_type]
struct Folder {
    #[ipc(rename = "parentFolder")]
    parent: Option<Box<Folder>>,
}

fn main() {}
