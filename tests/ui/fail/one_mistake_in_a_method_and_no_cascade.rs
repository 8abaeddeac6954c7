// The method is implemented and called below as it was written.
use ipc_runtime::{Frontend, ipc_interface};

#[ipc_interface(channel = "demo.files", version = "1.2.0")]
trait Files {
    async fn size(&self, mut path: String, names: Vec<&str>) -> u64;
}

struct Disk;

impl Files for Disk {
    async fn size(&self, path: String, names: Vec<&str>) -> u64 {
        (path.len() + names.len()) as u64
    }
}

async fn uses(frontend: &Frontend) -> Result<(), Box<dyn std::error::Error>> {
    let files: FilesClient = frontend.open().await?;
    let size: u64 = files.size("/".to_owned(), vec!["a"]).await?;
    println!("{size} {:?}", FilesHandler::new(Disk));
    Ok(())
}

fn main() {
    let _ = uses;
}
