#[ipc_runtime::ipc_type]
struct Keys {
    all: Vec<[u8; 64]>,
    one: [u8; 64],
    rows: [[u64; 40]; 50],
}

fn main() {}
