//! Serde knows arrays of up to 32 elements. As an argument and as a field, longer ones travel too.
use ipc_runtime::{Client, ipc_interface, ipc_type, shape::IpcType};

const LENGTH: usize = 40;

#[ipc_type]
#[derive(Debug, PartialEq)]
struct Key {
    bytes: [u8; 64],
    short: [u8; 4],
    #[serde(rename = "matrix")]
    rows: [[u8; 3]; LENGTH],
    #[serde(skip)]
    skipped: Option<u8>,
}

#[ipc_type]
struct Wrapped<T, const N: usize>(T, [T; N]);

#[ipc_type]
enum Choice {
    Bytes([u8; LENGTH]),
    Named { bytes: [u8; 100] },
}

#[ipc_interface(channel = "demo.keys", version = "1.0.0")]
trait Keys {
    async fn sign(&self, digest: [u8; 64], key: &[u8; LENGTH], short: [u8; 4]) -> Vec<u8>;
    async fn key(&self, number: u64) -> Key;
}

fn calls(keys: &KeysClient) {
    let _ = keys.sign([1; 64], &[2; LENGTH], [3; 4]);
}

fn main() {
    let _ = calls;
    assert_ne!(<Wrapped<u8, 40>>::fingerprint(), <Wrapped<u8, 41>>::fingerprint());
    assert_eq!(KeysClient::INTERFACE.methods.len(), 2);
}
