// The trait is implemented and used everywhere below: all of that stays silent.
use std::sync::Arc;

use ipc_runtime::{Backend, Client, Frontend, ipc_interface};

#[ipc_interface(channel = "demo.files", version = "1.2")]
trait Files {
    async fn list(&self, dir: &str) -> Result<Vec<String>, String>;
    fn ping(&self) -> u32;
    #[ipc(notification)]
    async fn log(&self, line: String);
}

struct Disk;

impl Files for Disk {
    async fn list(&self, dir: &str) -> Result<Vec<String>, String> {
        Ok(vec![dir.to_owned()])
    }

    fn ping(&self) -> u32 {
        1
    }

    async fn log(&self, _: String) {}
}

async fn uses(backend: &Backend, frontend: &Frontend) -> Result<(), Box<dyn std::error::Error>> {
    backend.register(FilesHandler::new(Disk))?;
    backend.register(FilesHandler::new(Arc::new(Disk)))?;
    let files: FilesClient = frontend.open().await?;
    for name in files.clone().list("/").await? {
        println!("{name}");
    }
    let number: u32 = files.ping().await?;
    files.log(number.to_string()).await?;
    println!("{}", FilesClient::INTERFACE.channel);
    Ok(())
}

fn main() {
    let _ = uses;
}
