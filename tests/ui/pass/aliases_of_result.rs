use ipc_runtime::{CallError, ipc_interface, ipc_type};

mod files {
    #[ipc_runtime::ipc_type]
    #[derive(Debug, thiserror::Error)]
    #[error("it failed")]
    pub struct Error;

    pub type Result<T, E = Error> = std::result::Result<T, E>;
}

mod unit {
    pub type Result = std::result::Result<(), super::files::Error>;
}

use files::{Error, Result};

#[ipc_type]
struct Info;

#[ipc_interface(channel = "demo.files", version = "1.0.0")]
trait Files {
    async fn stat(&self) -> Result<Info>;
    async fn size(&self) -> files::Result<u64>;
    async fn name(&self) -> Result<String, String>;
    async fn touch(&self) -> unit::Result;
    fn sync(&self) -> Result<()>;
    async fn plain(&self) -> std::result::Result<u8, Error>;
    async fn inner(&self) -> Vec<std::result::Result<u8, Error>>;
}

async fn calls(files: &FilesClient) {
    let _: std::result::Result<Info, CallError<Error>> = files.stat().await;
    let _: std::result::Result<u64, CallError<Error>> = files.size().await;
    let _: std::result::Result<String, CallError<String>> = files.name().await;
    let _: std::result::Result<(), CallError<Error>> = files.touch().await;
    let _: std::result::Result<(), CallError<Error>> = files.sync().await;
    let _: std::result::Result<u8, CallError<Error>> = files.plain().await;
}

fn main() {
    let _ = calls;
}
