// The compiler and the macro both tell of it; the rest of the interface is there.
use ipc_runtime::{Frontend, ipc_interface};

#[ipc_interface(channel = "demo.files", version = "1.0.0")]
trait Files {
    async fn list(&self, dir: &str) -> Vec<String>
    async fn size(&self, path: &str) -> u64;
}

async fn uses(frontend: &Frontend) -> Result<(), Box<dyn std::error::Error>> {
    let files: FilesClient = frontend.open().await?;
    let size: u64 = files.size("/").await?;
    println!("{size} {}", files.list("/").await?.len());
    Ok(())
}

fn main() {
    let _ = uses;
}
