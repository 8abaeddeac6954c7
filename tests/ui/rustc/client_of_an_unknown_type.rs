use ipc_runtime::{ConnectError, Frontend, ipc_interface};

#[ipc_interface(channel = "demo.files", version = "1.0.0")]
trait Files {
    async fn size(&self, path: &str) -> u64;
}

async fn connect() -> Result<(), Box<dyn std::error::Error>> {
    let frontend = Frontend::connect("local:demo").await?;
    let files = frontend.open().await?;
    files.size("/").await?;
    Ok(())
}

fn main() {
    let _: Option<ConnectError> = None;
}
