use ipc_runtime::ipc_type;

#[ipc_type]
fn size() -> u64 {
    1
}

fn main() {
    size();
}
