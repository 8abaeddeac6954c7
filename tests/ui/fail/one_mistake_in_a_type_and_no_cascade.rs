// The type is used everywhere below: all of that stays silent.
use ipc_runtime::{Frontend, ipc_interface, ipc_type, shape::IpcType};

#[ipc_type(name = "info")]
#[derive(Debug, Clone)]
#[serde(rename_all = "camelCase")]
struct FileInfo {
    #[serde(default)]
    full_name: String,
}

#[ipc_type]
struct Folder {
    files: Vec<FileInfo>,
}

#[ipc_interface(channel = "demo.files", version = "1.2.0")]
trait Files {
    async fn list(&self, dir: &FileInfo) -> Vec<FileInfo>;
    async fn folder(&self) -> Folder;
}

async fn uses(frontend: &Frontend) -> Result<(), Box<dyn std::error::Error>> {
    let files: FilesClient = frontend.open().await?;
    let listed = files.list(&FileInfo { full_name: String::new() }).await?;
    println!("{:?} {}", listed, FileInfo::fingerprint());
    println!("{:?}", files.folder().await?.files);
    Ok(())
}

fn main() {
    let _ = uses;
}
