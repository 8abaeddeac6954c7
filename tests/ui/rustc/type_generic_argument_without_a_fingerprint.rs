use ipc_runtime::{ipc_type, shape::IpcType};

#[ipc_type]
struct Page<T> {
    items: Vec<T>,
}

#[derive(serde::Serialize, serde::Deserialize)]
struct Foreign;

fn main() {
    let _ = <Page<Foreign>>::fingerprint();
}
