use ipc_runtime::ipc_type;

#[ipc_type]
struct File {
    name: &str,
    lines: Vec<&'static [u8]>,
}

fn main() {}
