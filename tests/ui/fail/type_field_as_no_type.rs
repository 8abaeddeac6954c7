use ipc_runtime::ipc_type;

#[ipc_type]
struct Point {
    #[ipc(as = "3 apples")]
    x: u8,
    #[ipc(as)]
    y: u8,
}

fn main() {}
