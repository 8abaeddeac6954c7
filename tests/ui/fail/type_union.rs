use ipc_runtime::ipc_type;

#[ipc_type]
union Number {
    small: u8,
    large: u64,
}

fn main() {
    let _ = Number { small: 1 };
}
