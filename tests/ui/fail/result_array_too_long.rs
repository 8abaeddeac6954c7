use ipc_runtime::ipc_interface;

#[ipc_interface(channel = "demo.keys", version = "1.0.0")]
trait Keys {
    async fn key(&self, digests: Vec<[u8; 64]>, rows: [[u64; 40]; 2]) -> Result<[u8; 33], String>;
    async fn short(&self, digests: Vec<[u8; 32]>) -> [u8; 32];
}

fn main() {}
