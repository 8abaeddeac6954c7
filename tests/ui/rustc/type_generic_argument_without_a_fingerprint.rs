use ipc_runtime::{interface::IpcType, ipc_type};

#[ipc_type]
struct Page<T> {
    items: Vec<T>,
}

#[derive(serde::Serialize, serde::Deserialize)]
struct Foreign;

fn main() {
    let _ = <Page<Foreign>>::FINGERPRINT;
}
